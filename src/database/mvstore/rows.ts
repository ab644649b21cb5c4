import type { Cursor } from './cursor.js';
import { Damage } from './damage.js';
import type { Page } from './page.js';
import { type ItemFormat, readMapFormat } from './row-format.js';
import type { Store } from './store.js';
import { type IsCommitted, transactionOf } from './transactions.js';
import { readValue, skipValue, type Value } from './value.js';

/** What is read of a map of rows, `table.ID` or `index.ID`. */
export interface RowSource {
  readonly store: Store;
  /** Undefined: whatever a transaction changed is told as it was and as it would be. */
  readonly isCommitted: IsCommitted | undefined;
  readonly mapName: string;
  /** Numbers of columns, from 0, in the order in which their values are wanted; an index has no others than its own. */
  readonly columns: readonly number[];
}

/** What the rows of a page hold; a page at a time, so that its reader can pause in between. */
export type RowsOfPage<T = Value> = readonly (readonly T[])[];

/** What is made of one value, which the cursor stands at, of the nth of the columns that are wanted. */
export type ReadColumn<T> = (cursor: Cursor, nth: number) => T;

/**
 * The committed rows of a table, or what an index holds of them, in the order of the map: as of the version of the store, as if no
 * transaction were open.
 *
 * @throws Damage also when there is no such map
 */
export function readRows(source: RowSource): Generator<RowsOfPage> {
  return readRowsBy(source, readValue);
}

/** {@link readRows}, with something else made of each value. */
export function readRowsBy<T>(source: RowSource, read: ReadColumn<T>): Generator<RowsOfPage<T>> {
  return readEntries(source, (format) => rowTaker(format, source.columns, read));
}

/** One column alone, for tables with many rows. */
export function readColumnBy<T>(
  source: Omit<RowSource, 'columns'>,
  column: number,
  read: Take<T>,
): Generator<readonly T[]> {
  return readEntries(source, (format) => columnTaker(format, column, read));
}

/** What is made of an entry, or of a value, which the cursor stands at. */
type Take<T> = (cursor: Cursor) => T;

function* readEntries<T>(
  { store, isCommitted, mapName }: Omit<RowSource, 'columns'>,
  takerOf: (format: ItemFormat) => Take<T>,
): Generator<readonly T[]> {
  const mapId = store.mapId(mapName);
  if (mapId === undefined) throw new Damage(`there is no map ${mapName}`);
  const { key, value } = readMapFormat(store, mapId);
  const isIndex = key.kind === 'row';
  const take = takerOf(isIndex ? key : value);
  for (const page of store.leaves(mapId)) {
    yield isIndex ? indexEntries(page, take, isCommitted) : tableEntries(page, take, isCommitted);
  }
}

function rowTaker<T>(format: ItemFormat, columns: readonly number[], read: ReadColumn<T>): Take<readonly T[]> {
  if (format.kind !== 'row') throw new Damage('a map holds no rows');
  const places = format.columns.map((column) => columns.indexOf(column));
  if (columns.some((column) => !format.columns.includes(column))) throw new Damage('a row lacks a column');
  return (cursor) => {
    if (format.hasKey) cursor.skipVarLong();
    const row: T[] = [];
    for (const place of places) {
      if (place < 0) skipValue(cursor);
      else row[place] = read(cursor, place);
    }
    return row;
  };
}

function columnTaker<T>(format: ItemFormat, column: number, read: Take<T>): Take<T> {
  const before = format.kind === 'row' ? format.columns.indexOf(column) : -1;
  if (format.kind !== 'row' || before < 0) throw new Damage('a row lacks a column');
  const after = format.columns.length - before - 1;
  return (cursor) => {
    if (format.hasKey) cursor.skipVarLong();
    for (let left = before; left > 0; left--) skipValue(cursor);
    const value = read(cursor);
    for (let left = after; left > 0; left--) skipValue(cursor);
    return value;
  };
}

function tableEntries<T>(page: Page, take: Take<T>, isCommitted: IsCommitted | undefined): readonly T[] {
  const cursor = page.body();
  for (let left = page.count; left > 0; left--) cursor.skipVarLong();
  const entries: T[] = [];
  if (page.count === 0) return entries;
  const takeVersions = cursor.byte() === 0 ? undefined : versionsOf(take, isCommitted);
  for (let left = page.count; left > 0; left--) {
    if (takeVersions) entries.push(...takeVersions(cursor));
    else entries.push(take(cursor));
  }
  return entries;
}

/** The key holds the values; its value only says whether it is there. */
function indexEntries<T>(page: Page, take: Take<T>, isCommitted: IsCommitted | undefined): readonly T[] {
  const cursor = page.body();
  const keys: T[] = [];
  for (let left = page.count; left > 0; left--) keys.push(take(cursor));
  if (page.count === 0 || cursor.byte() === 0) return keys;
  const isThere = versionsOf(() => true, isCommitted);
  return keys.filter(() => isThere(cursor).length > 0);
}

const HAS_CURRENT = 1;
const HAS_COMMITTED = 2;

/** The versions of an entry that count: none for what is not there, because its insertion is not committed or its removal is. */
function versionsOf<T>(take: Take<T>, isCommitted: IsCommitted | undefined): Take<readonly T[]> {
  return (cursor) => {
    const operation = cursor.varLong();
    if (operation === 0n) return [take(cursor)];
    const flags = cursor.byte();
    const current = (flags & HAS_CURRENT) !== 0 ? [take(cursor)] : [];
    const committed = (flags & HAS_COMMITTED) !== 0 ? [take(cursor)] : [];
    if (isCommitted === undefined) return [...current, ...committed];
    return isCommitted(transactionOf(operation)) ? current : committed;
  };
}
