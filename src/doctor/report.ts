import type { Severity } from '../codes.js';
import { oneLine, printable } from '../printable.js';
import { fold, type Style } from '../report/style.js';
import type { Finding } from './finding.js';

const STYLE = { breaks: 'red', risk: 'yellow', note: 'dim' } as const satisfies Record<Severity, string>;

/** One finding as a few lines: its code, where it is, what does not fit, and the remedy. */
export function findingText({ severity, code, where, message, hint }: Finding, { paint, columns }: Style): string {
  const head = `${paint(STYLE[severity], `${severity.padEnd(6)} ${code}`)}  ${paint('bold', oneLine(where))}`;
  const lines = printable(message)
    .split('\n')
    .map((line) => fold(`    ${line}`, columns, 4));
  return `${[head, ...lines, paint('dim', fold(`    → ${oneLine(hint)}`, columns, 6))].join('\n')}\n`;
}

export interface Tally {
  readonly breaks: number;
  readonly risks: number;
  readonly notes: number;
}

export function tally(findings: readonly Finding[]): Tally {
  const count = (severity: Severity) => findings.filter((found) => found.severity === severity).length;
  return { breaks: count('breaks'), risks: count('risk'), notes: count('note') };
}

/** The last line: what all of them come to. */
export function tallyText({ breaks, risks, notes }: Tally): string {
  if (breaks + risks + notes === 0) return 'Nothing was found that breaks IS 7 as Key Manager.';
  const parts = [
    breaks === 0
      ? 'Nothing was found that breaks IS 7 as Key Manager'
      : `${count(breaks, 'thing')} that ${breaks === 1 ? 'breaks' : 'break'} IS 7 as Key Manager`,
    risks > 0 ? count(risks, 'risk') : '',
    notes > 0 ? count(notes, 'note') : '',
  ];
  return `${parts.filter(Boolean).join(', ')}.`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
