import { oneLine, printable } from '../printable.js';
import type { Verb } from '../step/run.js';
import type { StepReport, StepStatus } from '../step/step-report.js';
import type { Summary } from './json.js';
import { fold, type Paint, type Style } from './style.js';

const SIGN = { add: '+', update: '~', remove: '-' } as const;
const SIGN_STYLE = { '+': 'green', '~': 'yellow', '-': 'red', '@': 'cyan' } as const;
const STATUS_STYLE = {
  'in-sync': 'dim',
  pending: 'yellow',
  applied: 'green',
  deferred: 'yellow',
  failed: 'red',
} as const satisfies Record<StepStatus, string>;
const ID_WIDTH = 24;

/** One step as a few lines: its status, its changes and their diff, and what is worth saying. */
export function stepText(report: StepReport, style: Style): string {
  const { paint, columns } = style;
  const head = `${paint('bold', report.step.padEnd(ID_WIDTH))} ${paint(STATUS_STYLE[report.status], statusText(report))}`;
  const details = report.details?.map((line) => paint('dim', fold(`    ${oneLine(line)}`, columns, 6))) ?? [];
  const changes = report.changes.map(({ action, summary }) =>
    signed(fold(`  ${SIGN[action]} ${oneLine(summary)}`, columns, 4), paint),
  );
  const diff = report.diff?.map((line) => signed(`      ${oneLine(line)}`, paint)) ?? [];
  const notices = report.notices.map((notice) => messageText('note', notice, style));
  const error = report.error ? [messageText('error', report.error, style)] : [];
  return [head, ...details, ...changes, ...diff, ...notices, ...error].join('\n');
}

/** Steps that stand together by whose facts they are, in the order in which each first came, under a heading each. */
export function groupedText(reports: readonly StepReport[], style: Style): string {
  return [...groupByOwner(reports)]
    .map(([owner, steps]) => `${style.paint('bold', owner)}\n\n${apart(steps.map((step) => stepText(step, style)))}`)
    .join('\n\n');
}

/** Code, message and remedy, for a failure or a notice. */
export function messageText(
  kind: 'error' | 'note',
  { code, message, hint, cause }: { code: string; message: string; hint: string; cause?: unknown },
  { paint, columns }: Style,
): string {
  const head = `${kind} ${code}${typeof cause === 'string' ? ` (${cause})` : ''}`;
  const lines = printable(message)
    .split('\n')
    .map((line, index) => fold(`${index === 0 ? `  ${head}: ` : '      '}${line}`, columns, 6));
  const text = lines.join('\n').replace(head, paint(kind === 'error' ? 'red' : 'yellow', head));
  return `${text}\n${paint('dim', fold(`    → ${oneLine(hint)}`, columns, 6))}`;
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

/** A line in the colour of the sign that it begins with. */
function signed(line: string, paint: Paint): string {
  const color = SIGN_STYLE[line.trimStart()[0] as keyof typeof SIGN_STYLE];
  return color ? paint(color, line) : line;
}

/** A text of several lines stands apart from its neighbours. */
function apart(texts: readonly string[]): string {
  const isLong = (text: string | undefined) => text?.includes('\n') ?? false;
  return texts
    .map((text, index) => (index > 0 && (isLong(text) || isLong(texts[index - 1])) ? `\n${text}` : text))
    .join('\n');
}

function groupByOwner(reports: readonly StepReport[]): ReadonlyMap<string, readonly StepReport[]> {
  const groups = new Map<string, StepReport[]>();
  for (const report of reports) groups.set(report.owner ?? '', [...(groups.get(report.owner ?? '') ?? []), report]);
  return groups;
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
