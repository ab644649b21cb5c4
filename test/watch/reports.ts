import type { BootstrapError } from '../../src/errors.js';
import type { StepReport } from '../../src/step/step-report.js';
import type { Look, WatchStatus } from '../../src/watch/status.js';
import { stateOf } from '../../src/watch/step-state.js';

export const NOTHING_PENDING: StepReport = {
  type: 'step',
  step: 'trust/apim',
  status: 'in-sync',
  changes: [],
  notices: [],
  durationMs: 7,
};

/** A report on a step that needs one change. */
export function pending(step: string, action: 'add' | 'update' | 'remove' = 'update', summary = 'set a'): StepReport {
  return { ...NOTHING_PENDING, step, status: 'pending', changes: [{ action, summary }] };
}

export function failed(step: string, code: BootstrapError['code'], changes: StepReport['changes'] = []): StepReport {
  return { ...NOTHING_PENDING, step, status: 'failed', changes, error: { code, message: 'it is so', hint: 'do this' } };
}

export function lookOf(reports: readonly StepReport[], rest: Partial<Look> = {}): Look {
  const found = reports.map((report) => ({ report, state: stateOf(report) }));
  return { startedAt: new Date(), durationMs: 12, cause: 'interval', found, servers: [], ...rest };
}

export function freshStatus(rest: Partial<WatchStatus> = {}): WatchStatus {
  const overdueAt = new Date(Date.now() + 60_000);
  const phase = { doing: 'looking', overdueAt } as const;
  return { version: '1.2.3', intervalMs: 60_000, reconcile: false, looks: 0, steps: [], servers: [], phase, ...rest };
}
