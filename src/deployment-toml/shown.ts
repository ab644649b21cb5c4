import { MASK, maskUrl } from '../secret.js';
import { type Entry, type Span, scanToml, type Value } from './syntax.js';

/** Whether the value of a key may be shown, by the key's last name. */
export type IsHarmless = (name: string) => boolean;

/** A line of a TOML text as it may be shown. */
export interface ShownLine {
  readonly text: string;
  /** Where a column of the line (from 0) has come to. */
  columnOf(column: number): number;
}

/**
 * The lines of a TOML text as they may be shown: headers and keys as they are, a value only where its key is known to be harmless, or where
 * it is true or false. Comments are not shown, since they may hold what was set once. Of a value over several lines the lines in the
 * middle are `…`. A text that is no TOML is judged line by line.
 */
export function shownLines(text: string, isHarmless: IsHarmless): readonly ShownLine[] {
  const hidden = hiddenIn(text, isHarmless);
  let start = 0;
  return text.split('\n').map((line) => {
    const here = { start, end: start + line.length };
    start = here.end + 1;
    return shownLine(
      line,
      here,
      hidden.filter((span) => span.start < here.end && span.end > here.start),
    );
  });
}

/** {@link shownLines}, for a value that stands alone. */
export function shownValue(name: string, raw: string, isHarmless: IsHarmless): string {
  return isShown(raw, isHarmless(name)) ? raw : MASK;
}

interface Hidden extends Span {
  readonly instead: string;
}

function shownLine(line: string, here: Span, hidden: readonly Hidden[]): ShownLine {
  if (hidden.some(({ start, end }) => start < here.start && end > here.end) && line.trim() !== '')
    return { text: '…', columnOf: () => 0 };
  const parts: { readonly from: number; readonly text: string; readonly isHidden: boolean }[] = [];
  let at = 0;
  for (const { start, end, instead } of hidden) {
    const from = Math.max(0, start - here.start);
    if (from > at) parts.push({ from: at, text: line.slice(at, from), isHidden: false });
    parts.push({ from, text: instead, isHidden: true });
    at = Math.min(line.length, end - here.start);
  }
  parts.push({ from: at, text: line.slice(at), isHidden: false });
  return {
    text: parts
      .map(({ text }) => text)
      .join('')
      .replaceAll('\t', ' '),
    columnOf(column) {
      let shown = 0;
      for (const { from, text, isHidden } of parts) {
        const next = parts[parts.findIndex((part) => part.from === from) + 1]?.from ?? Number.POSITIVE_INFINITY;
        if (column < next) return shown + Math.min(isHidden ? 0 : column - from, text.length);
        shown += text.length;
      }
      return shown;
    },
  };
}

function hiddenIn(text: string, isHarmless: IsHarmless): readonly Hidden[] {
  try {
    return hiddenInToml(text, isHarmless);
  } catch {
    return hiddenByLine(text, isHarmless);
  }
}

function hiddenInToml(text: string, isHarmless: IsHarmless): readonly Hidden[] {
  const scalars: Span[] = [];
  const keys: Span[] = [];
  const hidden: Hidden[] = [];
  for (const { header, entries } of scanToml(text)) {
    if (header) keys.push(header);
    for (const entry of entries) addEntry(entry);
  }
  const tokens = [...scalars, ...keys].sort((one, other) => one.start - other.start);
  const gaps = [...tokens, { start: text.length, end: text.length }].map(({ start }, index) => ({
    start: tokens[index - 1]?.end ?? 0,
    end: start,
  }));
  return [...hidden, ...gaps.flatMap((gap) => commentsIn(text, gap))].sort((one, other) => one.start - other.start);

  function addEntry({ key, value }: Entry): void {
    keys.push(key);
    addValue(value, isHarmless(key.path.at(-1) ?? ''));
  }

  function addValue(value: Value, harmless: boolean): void {
    if (value.kind === 'inline table') for (const entry of value.entries) addEntry(entry);
    if (value.kind === 'array') for (const item of value.items) addValue(item, harmless);
    if (value.kind !== 'scalar') return;
    scalars.push(value);
    const raw = text.slice(value.start, value.end);
    if (!isShown(raw, harmless)) hidden.push({ start: value.start, end: value.end, instead: `"${MASK}"` });
  }
}

function isShown(raw: string, harmless: boolean): boolean {
  return raw === 'true' || raw === 'false' || (harmless && maskUrl(raw) === raw);
}

function commentsIn(text: string, gap: Span): readonly Hidden[] {
  return [...text.slice(gap.start, gap.end).matchAll(/#\s*[^\s][^\n]*/g)].map(({ index, 0: { length } }) => ({
    start: gap.start + index,
    end: gap.start + index + length,
    instead: '# …',
  }));
}

const HEADER = /^\s*\[\[?[\w."' -]+\]\]?\s*$/;
const SIMPLE = /^(\s*)([\w.-]+)(\s*=\s*)("[^"\\#]*"|'[^'#]*'|[\w.+-]+)?\s*$/;

/** Shown is a whole header, a key, and behind a harmless key a value that stands there whole; the rest of a line may be anything. */
function hiddenByLine(text: string, isHarmless: IsHarmless): readonly Hidden[] {
  let start = 0;
  let isWithinString = false;
  return text.split('\n').flatMap((line): readonly Hidden[] => {
    const here = start;
    start += line.length + 1;
    const wasWithinString = isWithinString;
    if ((line.match(/"""|'''/g)?.length ?? 0) % 2 === 1) isWithinString = !isWithinString;
    if (line.trim() === '' || (!wasWithinString && HEADER.test(line))) return [];
    const [, indent = '', name = '', equals = '', value = ''] = (wasWithinString ? null : SIMPLE.exec(line)) ?? [];
    if (name !== '' && isShown(value, isHarmless(name))) return [];
    const key = wasWithinString ? undefined : /^\s*[\w."'-]+\s*=\s*/.exec(line)?.[0];
    const from = key?.length ?? indent.length + name.length + equals.length;
    return [{ start: here + from, end: here + line.length, instead: key === undefined ? '…' : `"${MASK}"` }];
  });
}
