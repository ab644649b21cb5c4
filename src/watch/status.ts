import type { BootstrapError } from '../errors.js';
import type { LookedStep } from './look.js';
import type { ServerRecord } from './restarts.js';
import type { StepState } from './step-state.js';

/** Why a look began. */
export type LookCause = 'start' | 'interval' | 'file change';

/** What one look came to. */
export interface Look {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly cause: LookCause;
  /** Empty when the look as a whole failed. */
  readonly found: readonly LookedStep[];
  readonly servers: readonly ServerRecord[];
  /** Nothing could be looked at: the settings, or what they are discovered from, cannot be read any more. */
  readonly failure?: BootstrapError;
}

export interface WatchedStep extends LookedStep {
  /** The look that found it in this state first. */
  readonly since: Date;
}

/** All that can be told at one moment; each look makes a new one. */
export interface WatchStatus {
  readonly version: string;
  readonly intervalMs: number;
  readonly reconcile: boolean;
  readonly looks: number;
  /** As of the last look that was not a failure. */
  readonly steps: readonly WatchedStep[];
  readonly servers: readonly ServerRecord[];
  readonly last?: Look;
  readonly phase: Phase;
}

export interface Phase {
  readonly doing: 'looking' | 'waiting';
  /** When the next look begins, unless a file changes before. */
  readonly nextAt?: Date;
  /** When something must have happened: after that the watch hangs. */
  readonly overdueAt: Date;
}

/** The status after one more look. */
export function afterLook(before: WatchStatus, look: Look): WatchStatus {
  const looks = before.looks + 1;
  if (look.failure) return { ...before, looks, last: look };
  const steps = look.found.map((step) => {
    const known = before.steps.find(({ report }) => report.step === step.report.step);
    return { ...step, since: known && isAsBefore(known.state, step.state) ? known.since : look.startedAt };
  });
  return { ...before, looks, steps, servers: look.servers, last: look };
}

/** What was mended is in sync from then on; mended once more is news. */
function isAsBefore(known: StepState, state: StepState): boolean {
  if (state === 'mended') return false;
  return known === state || (known === 'mended' && state === 'in-sync');
}

/** The worst of all steps; `starting` before the first look has ended. */
export type Overall = 'starting' | 'failed' | 'unreachable' | 'drift' | 'waiting' | 'in-sync';

const RANKING = ['failed', 'unreachable', 'drift', 'waiting'] as const;

export function overallOf({ last, steps }: Pick<WatchStatus, 'last' | 'steps'>): Overall {
  if (!last) return 'starting';
  if (last.failure) return 'failed';
  return RANKING.find((rank) => steps.some(({ state }) => state === rank)) ?? 'in-sync';
}

/** Whether a server or database was found down, which may heal by itself. */
export function isDown({ last, steps }: WatchStatus): boolean {
  return last?.failure === undefined && steps.some(({ state }) => state === 'unreachable');
}

/** Why the watch is not ready, a line each; none when it is. Drift is no reason: it is what a watch is there to report. */
export function reasonsNotReady({ last, steps }: WatchStatus): readonly string[] {
  if (!last) return ['the first look is not done'];
  if (last.failure) return [`${last.failure.code}: ${last.failure.message}`];
  return steps
    .filter(({ state }) => state === 'failed' || state === 'unreachable')
    .map(({ report, state }) => `${report.step}: ${report.error?.code ?? state}`);
}

/** How many changes a step needs. */
export function driftOf({ state, report }: LookedStep): number {
  return state === 'drift' ? report.changes.length : 0;
}
