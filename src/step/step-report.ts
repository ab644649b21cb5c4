import type { ErrorCode } from '../codes.js';
import type { Gauge, Notice, PlannedChange } from './step.js';

export type StepStatus = 'in-sync' | 'pending' | 'applied' | 'deferred' | 'failed';

/** What became of one step: one line of `--json` output. */
export interface StepReport {
  readonly type: 'step';
  readonly step: string;
  /** Whose fact it is, for people. */
  readonly owner?: string;
  readonly status: StepStatus;
  readonly changes: readonly Pick<PlannedChange, 'action' | 'summary'>[];
  /** The changes line by line, as {@link import('./step.js').Step.diff} gives them. */
  readonly diff?: readonly string[];
  readonly notices: readonly Notice[];
  /** The fact was used for real, and held (`verify`). */
  readonly proved?: true;
  readonly durationMs: number;
  /** What was looked at, a line each. */
  readonly details?: readonly string[];
  readonly gauges?: readonly Gauge[];
  readonly error?: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string;
    /** Why, when the failure is that of a wait: `HEALTH_DEADLINE` because of `HOST_NOT_FOUND`. */
    readonly cause?: ErrorCode;
  };
}
