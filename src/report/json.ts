import type { StepReport } from '../step/step-report.js';

export interface Summary {
  readonly changes: number;
  readonly applied: number;
  readonly exitCode: number;
}

/** One JSON object a line: each step as it ends, and last the summary. */
export function stepLine(report: StepReport): string {
  return JSON.stringify(report);
}

export function summaryLine(summary: Summary): string {
  return JSON.stringify({ type: 'summary', ...summary });
}

/** A failure of the run as a whole, before or beside its steps. */
export function errorLine({ code, message, hint }: { code: string; message: string; hint: string }): string {
  return JSON.stringify({ type: 'error', error: { code, message, hint } });
}

/** The count of changes, planned or done. */
export function summarize(reports: readonly StepReport[], exitCode: number): Summary {
  const count = (only: readonly StepReport[]) => only.reduce((sum, { changes }) => sum + changes.length, 0);
  return { changes: count(reports), applied: count(reports.filter(({ status }) => status === 'applied')), exitCode };
}
