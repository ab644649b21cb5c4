import type { ErrorCode } from '../errors.js';
import type { Notice, PlannedChange } from './step.js';

export type StepStatus = 'in-sync' | 'pending' | 'applied' | 'deferred' | 'failed';

/** What became of one step: one line of `--json` output. */
export interface StepReport {
  readonly type: 'step';
  readonly step: string;
  readonly status: StepStatus;
  readonly changes: readonly Pick<PlannedChange, 'action' | 'summary'>[];
  readonly notices: readonly Notice[];
  /** The fact was used for real, and held (`verify`). */
  readonly proved?: true;
  readonly durationMs: number;
  /** What was looked at, a line each. */
  readonly details?: readonly string[];
  readonly error?: { readonly code: ErrorCode; readonly message: string; readonly hint: string };
}
