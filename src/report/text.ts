import type { Verb } from '../step/run.js';
import type { StepReport, StepStatus } from '../step/step-report.js';
import type { Summary } from './json.js';

export type Paint = (style: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string;

const ANSI = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

/** Colours text, or leaves it alone. */
export function painter(color: 'color' | 'plain'): Paint {
  return (style, text) => (color === 'plain' ? text : `\u001b[${ANSI[style]}m${text}\u001b[0m`);
}

const SIGN = { add: '+', update: '~', remove: '-' } as const;
const SIGN_STYLE = { add: 'green', update: 'yellow', remove: 'red' } as const;
const STATUS_STYLE = {
  'in-sync': 'dim',
  pending: 'yellow',
  applied: 'green',
  deferred: 'yellow',
  failed: 'red',
} as const satisfies Record<StepStatus, string>;
const ID_WIDTH = 24;

/** One step as a few lines: its status, its changes as a diff shows them, and what is worth saying. */
export function stepText(report: StepReport, paint: Paint): string {
  const head = `${paint('bold', report.step.padEnd(ID_WIDTH))} ${paint(STATUS_STYLE[report.status], statusText(report))}`;
  const changes = report.changes.map(
    ({ action, summary }) => `  ${paint(SIGN_STYLE[action], SIGN[action])} ${summary}`,
  );
  const notices = report.notices.map((notice) => messageText('note', notice, paint));
  const error = report.error ? [messageText('error', report.error, paint)] : [];
  const details = report.details?.map((line) => `    ${paint('dim', line)}`) ?? [];
  return [head, ...details, ...changes, ...notices, ...error].join('\n');
}

/** Code, message and remedy, for a failure or a notice. */
export function messageText(
  kind: 'error' | 'note',
  { code, message, hint }: { code: string; message: string; hint: string },
  paint: Paint,
): string {
  const lines = message.split('\n').join('\n      ');
  return `  ${paint(kind === 'error' ? 'red' : 'yellow', `${kind} ${code}`)}: ${lines}\n    ${paint('dim', `→ ${hint}`)}`;
}

/** The last line: what all the steps together come to. */
export function summaryText(reports: readonly StepReport[], summary: Summary, verb: Verb): string {
  const count = (status: StepStatus) => reports.filter((report) => report.status === status).length;
  const parts = [
    verb === 'apply' ? done(summary.applied) : planned(summary.changes - summary.applied, count('pending')),
    count('deferred') > 0 ? `${plural(count('deferred'), 'step')} deferred` : '',
    count('failed') > 0 ? `${plural(count('failed'), 'step')} failed` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

function statusText({ status, changes, proved }: StepReport): string {
  if (status === 'pending') return plural(changes.length, 'change');
  if (proved) return 'in sync, and proved by use';
  return status === 'in-sync' ? 'in sync' : status;
}

function done(applied: number): string {
  return applied === 0 ? 'Nothing changed' : `${plural(applied, 'change')} made`;
}

function planned(changes: number, steps: number): string {
  return changes === 0 ? 'No changes' : `${plural(changes, 'change')} to make in ${plural(steps, 'step')}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
