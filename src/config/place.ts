import { type ShownLine, shownLines } from '../deployment-toml/shown.js';
import { type Block, type Entry, type Span, scanToml, type Value } from '../deployment-toml/syntax.js';
import { KEY_MANAGER_KEYS, KEY_MANAGER_TABLES, TENANT_KEYS } from './key-manager.js';
import { NODE_KEYS } from './node.js';
import { SETTING_KEYS, settingDefinition } from './settings.js';
import { MOUNTABLE_KEYS } from './shape.js';

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
      const place = exact(wanted, at);
      if (place) return place;
    }
    return { source: file };
  };
}

/** As {@link placesIn}, for a key that may not be there. */
export function exactPlacesIn(file: string, text: string): (path: string, at?: 'key') => Place | undefined {
  let index: ReadonlyMap<string, Spots> | undefined;
  return (path, at) => {
    index ??= indexOf(text);
    const spots = index.get(path);
    return spots && placeOf(file, text, at === 'key' ? spots.key : spots.value);
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
  const column = start - (before.lastIndexOf('\n') + 1);
  const source = `${file}:${line}:${column + 1}`;
  const shown = shownLines(text, isHarmlessSetting)[line - 1];
  if (!shown || shown.text === '…') return { source };
  return { source, frame: frameOf(line, shown, column, column + end - start) };
}

/** Whether a setting of this last name may be shown: it is one of ours, whatever its table, and no secret. A misspelt one may be anything. */
function isHarmlessSetting(name: string): boolean {
  harmless ??= new Set([
    ...SETTING_KEYS.filter((key) => settingDefinition(key).kind !== 'secret').map((key) => key.split('.').at(-1) ?? ''),
    ...[KEY_MANAGER_KEYS, ...Object.values(KEY_MANAGER_TABLES), TENANT_KEYS, NODE_KEYS].flatMap(Object.keys),
    ...MOUNTABLE_KEYS.map((key) => `${key}_file`),
  ]);
  return harmless.has(name) && !MOUNTABLE_KEYS.some((key) => key === name);
}

let harmless: ReadonlySet<string> | undefined;

const WIDEST = 100;

function frameOf(line: number, { text, columnOf }: ShownLine, from: number, to: number): string {
  const gutter = ' '.repeat(String(line).length);
  const [first, last] = [columnOf(from), columnOf(to)];
  const left = Math.max(0, first - WIDEST / 2);
  const cut = text.slice(left, left + WIDEST);
  const marks = Math.max(1, Math.min(last - first, cut.length - (first - left)));
  return `  ${line} | ${cut}\n  ${gutter} | ${' '.repeat(first - left)}${'^'.repeat(marks)}`;
}
