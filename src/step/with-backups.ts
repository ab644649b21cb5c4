import type { Backups } from '../io/backup.js';
import type { Step } from './step.js';

/** A step whose every write keeps the files that it replaces or removes, under the step's name. */
export function withBackups(step: Step, backups: Backups): Step {
  return { ...step, apply: (change, signal, say) => backups.during(step.id, () => step.apply(change, signal, say)) };
}
