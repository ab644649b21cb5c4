import type { Step } from '../step/step.js';
import type { StepReport } from '../step/step-report.js';
import { MESSAGES } from './errors.js';
import { reasonsToLeave } from './leave.js';
import { type StepState, stateOf } from './step-state.js';

/** A run over the steps, or over some of them. */
export type RunSteps = (verb: 'verify' | 'apply', only?: readonly string[]) => Promise<Ran>;

export interface Ran {
  /** All that were to run, in their order. */
  readonly steps: readonly Step[];
  /** The ids of all steps there are, also of those that are not looked at. */
  readonly declared: readonly string[];
  /** Fewer than the steps when the time was up. */
  readonly reports: readonly StepReport[];
}

/** How one fact was found, or left after it was mended. */
export interface LookedStep {
  readonly report: StepReport;
  readonly state: StepState;
  /** Why it was not mended, although it has drifted and we may mend. */
  readonly leftAlone?: string;
}

export interface Looked extends Ran {
  readonly found: readonly LookedStep[];
}

/** Looks at every fact without changing anything, then mends what has drifted and is safe to mend, if we may. */
export async function look(run: RunSteps, { mend }: { readonly mend: boolean }): Promise<Looked> {
  const ran = await run('verify');
  const left = mend ? reasonsToLeave(ran) : new Map<string, string>();
  const safe = mend ? ran.reports.filter((report) => isDrift(report) && !left.has(report.step)) : [];
  const mended = safe.length > 0 ? await run('apply', idsOf(safe)) : undefined;
  const reports = ran.reports.map((report) => afterMending(report, mended));
  const looks = [...reports, ...notReached(ran)].map((report) => {
    const leftAlone = left.get(report.step);
    return { report, state: stateOf(report), ...(leftAlone !== undefined && { leftAlone }) };
  });
  return { ...ran, reports, found: looks };
}

function isDrift(report: StepReport): boolean {
  return stateOf(report) === 'drift';
}

function idsOf(reports: readonly StepReport[]): readonly string[] {
  return reports.map(({ step }) => step);
}

/** What could not be mended has drifted all the same. */
function afterMending(found: StepReport, mended: Ran | undefined): StepReport {
  const after = mended?.reports.find(({ step }) => step === found.step) ?? found;
  return after.status === 'failed' ? { ...after, changes: found.changes } : after;
}

function notReached({ steps, reports }: Ran): readonly StepReport[] {
  return steps.slice(reports.length).map(({ id }) => ({
    type: 'step',
    step: id,
    status: 'deferred',
    changes: [],
    notices: [MESSAGES.DEADLINE()],
    durationMs: 0,
  }));
}
