import { EXIT_CODE_OF } from '../codes.js';
import type { Verb } from '../step/run.js';
import type { StepReport } from '../step/step-report.js';

/** Of several failures the one that explains the most wins: configuration, credentials, lock, reachability, deadline, the rest. */
export const RANKING = [78, 77, 75, 3, 124, 1] as const;

/** 0 done or in sync, 2 changes pending, else the code of the failure that ranks highest. */
export function exitCodeOf(reports: readonly StepReport[], verb: Verb): number {
  const failures = reports
    .filter(({ status }) => status === 'failed')
    .map(({ error }) => (error ? EXIT_CODE_OF[error.code] : 1));
  const worst = RANKING.find((code) => failures.some((failure) => failure === code));
  if (worst !== undefined) return worst;
  const open = reports.some(({ status }) => status === 'pending' || status === 'deferred');
  return open && verb !== 'apply' ? 2 : 0;
}
