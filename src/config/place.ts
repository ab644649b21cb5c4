import { type Block, type Entry, type Span, scanToml, type Value } from '../deployment-toml/syntax.js';

/** Where something was found. */
export interface Place {
  /** `--is7-url`, `KMB_IS7_URL`, `km-bootstrap.toml:3:7`. */
  readonly source: string;
  /** The line of a file, with a caret below what is meant. Holds no secret. */
  readonly frame?: string;
}

/** The place of a key path such as `key_manager[0].issuer`, or of what it would stand in; its value's, or its own. */
export type FindPlace = (path: string, at?: 'key') => Place;

/** A problem as it is told: the place first, as compilers do it. */
export function problemAt({ source, frame }: Place, problem: string): string {
  return `${source}: ${problem}${frame === undefined ? '' : `\n${frame}`}`;
}

/** Finds keys in the text of a TOML file that a parser has accepted. */
export function placesIn(file: string, text: string): FindPlace {
  const exact = exactPlacesIn(file, text);
  return (path, at) => {
    for (let wanted = path; wanted !== ''; wanted = parentOf(wanted)) {
      const found = exact(wanted, at);
      if (found) return found;
    }
    return { source: file };
  };
}

/** As {@link placesIn}, for a key that may not be there. */
export function exactPlacesIn(file: string, text: string): (path: string, at?: 'key') => Place | undefined {
  let index: ReadonlyMap<string, Spots> | undefined;
  return (path, at) => {
    index ??= indexOf(text);
    const found = index.get(path);
    return found && placeOf(file, text, at === 'key' ? found.key : found.value);
  };
}

/** The place of a line and a column, each counted from 1. */
export function placeAt(file: string, text: string, line: number, column: number): Place {
  const start = text.split('\n', line - 1).reduce((sum, { length }) => sum + length + 1, 0) + column - 1;
  return placeOf(file, text, { start, end: start + 1 });
}

interface Spots {
  readonly key: Span;
  readonly value: Span;
}

function parentOf(path: string): string {
  return path.replace(/(^|\.)[^.[]*$|\[\d+\]$/, '');
}

/** Every key of the text by its path; a table by its header. */
function indexOf(text: string): ReadonlyMap<string, Spots> {
  const index = new Map<string, Spots>();
  const lastOf = new Map<string, number>();
  for (const { header, entries } of blocksOf(text)) {
    const table = header ? pathOf(header) : '';
    if (header) index.set(table, { key: header.key, value: header.key });
    for (const entry of entries) addEntry(table, entry);
  }
  return index;

  function pathOf({ key, isArray }: NonNullable<Block['header']>): string {
    const parent = key.path.slice(0, isArray ? -1 : undefined).reduce(child, '');
    if (!isArray) return parent;
    const list = joined(parent, key.path.at(-1) ?? '');
    lastOf.set(list, (lastOf.get(list) ?? -1) + 1);
    return `${list}[${lastOf.get(list)}]`;
  }

  function child(parent: string, name: string): string {
    const path = joined(parent, name);
    return lastOf.has(path) ? `${path}[${lastOf.get(path)}]` : path;
  }

  function addEntry(table: string, { key, value }: Entry): void {
    const path = key.path.reduce(joined, table);
    index.set(path, { key, value });
    addWithin(path, value);
  }

  function addWithin(path: string, value: Value): void {
    if (value.kind === 'inline table') for (const entry of value.entries) addEntry(path, entry);
    if (value.kind !== 'array') return;
    for (const [at, item] of value.items.entries()) {
      index.set(`${path}[${at}]`, { key: item, value: item });
      addWithin(`${path}[${at}]`, item);
    }
  }
}

/** A place is a help and never worth a failure of its own. */
function blocksOf(text: string): readonly Block[] {
  try {
    return scanToml(text);
  } catch {
    return [];
  }
}

function joined(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`;
}

function placeOf(file: string, text: string, { start, end }: Span): Place {
  const before = text.slice(0, start);
  const line = before.split('\n').length;
  const lineStart = before.lastIndexOf('\n') + 1;
  const source = `${file}:${line}:${start - lineStart + 1}`;
  if (isWithinLongString(before)) return { source };
  const [whole = ''] = text.slice(lineStart).split(/\r?\n/, 1);
  const marked = Math.min(end - start, lineStart + whole.length - start);
  return { source, frame: frameOf(line, whole, start - lineStart, marked) };
}

/** A line in the middle of a long string says nothing about what it is, and may be a part of a secret. */
function isWithinLongString(before: string): boolean {
  return (before.match(/"""|'''/g)?.length ?? 0) % 2 === 1;
}

const WIDEST = 100;

function frameOf(line: number, whole: string, column: number, length: number): string {
  const gutter = ' '.repeat(String(line).length);
  const shownBefore = masked(whole.slice(0, column));
  const shown = masked(whole);
  const from = Math.max(0, shownBefore.length - WIDEST / 2);
  const cut = shown.slice(from, from + WIDEST);
  const marks = Math.max(1, Math.min(length, cut.length - (shownBefore.length - from)));
  return `  ${line} | ${cut}\n  ${gutter} | ${' '.repeat(shownBefore.length - from)}${'^'.repeat(marks)}`;
}

/** The value of a password is never shown, also under a misspelled key, nor that in a URL, nor a password that is a part of a JDBC URL. */
function masked(text: string): string {
  return text
    .replaceAll('\t', ' ')
    .replace(
      /((?:pas|ssw|pwd|secret|credential)[\w-]*["']?\s*=\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,}&;]+)/gi,
      '$1*****',
    )
    .replace(/(\/\/[^\s/@:]*:)[^\s/@]*@/g, '$1*****@');
}
