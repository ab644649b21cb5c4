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
export type RowsOfPage = readonly (readonly Value[])[];

/**
 * The committed rows of a table, or what an index holds of them, in the order of the map: as of the version of the store, as if no
 * transaction were open.
 *
 * @throws Damage also when there is no such map
 */
export function* readRows({ store, isCommitted, mapName, columns }: RowSource): Generator<RowsOfPage> {
  const mapId = store.mapId(mapName);
  if (mapId === undefined) throw new Damage(`there is no map ${mapName}`);
  const { key, value } = readMapFormat(store, mapId);
  const isIndex = key.kind === 'row';
  const take = takerOf(isIndex ? key : value, columns);
  for (const page of store.leaves(mapId)) {
    yield isIndex ? indexRows(page, take, isCommitted) : tableRows(page, take, isCommitted);
  }
}

type Take<T> = (cursor: Cursor) => T;

function takerOf(format: ItemFormat, columns: readonly number[]): Take<readonly Value[]> {
  if (format.kind !== 'row') throw new Damage('a map holds no rows');
  const places = format.columns.map((column) => columns.indexOf(column));
  if (columns.some((column) => !format.columns.includes(column))) throw new Damage('a row lacks a column');
  const last = places.reduce((found, place, index) => (place >= 0 ? index : found), -1);
  const [before, after] = [places.slice(0, last + 1), places.length - last - 1];
  return (cursor) => {
    if (format.hasKey) cursor.skipVarLong();
    const row: Value[] = [];
    for (const place of before) {
      if (place < 0) skipValue(cursor);
      else row[place] = readValue(cursor);
    }
    for (let left = after; left > 0; left--) skipValue(cursor);
    return row;
  };
}

function tableRows(page: Page, take: Take<readonly Value[]>, isCommitted: IsCommitted | undefined): RowsOfPage {
  const cursor = page.body();
  for (let left = page.count; left > 0; left--) cursor.skipVarLong();
  return valuesOf(cursor, page.count, take, isCommitted).flat();
}

/** The key holds the values; its value only says whether it is there. */
function indexRows(page: Page, take: Take<readonly Value[]>, isCommitted: IsCommitted | undefined): RowsOfPage {
  const cursor = page.body();
  const keys: (readonly Value[])[] = [];
  for (let left = page.count; left > 0; left--) keys.push(take(cursor));
  const there = valuesOf(cursor, page.count, () => true, isCommitted);
  return keys.filter((_, index) => there[index]?.length !== 0);
}

const HAS_CURRENT = 1;
const HAS_COMMITTED = 2;

/** The values of each entry of a leaf: none for what is not there, because its insertion is not committed or its removal is. */
function valuesOf<T>(
  cursor: Cursor,
  count: number,
  take: Take<T>,
  isCommitted: IsCommitted | undefined,
): readonly (readonly T[])[] {
  const values: (readonly T[])[] = [];
  const isPlain = count === 0 || cursor.byte() === 0;
  for (let left = count; left > 0; left--) {
    values.push(isPlain ? [take(cursor)] : takeVersioned(cursor, take, isCommitted));
  }
  return values;
}

function takeVersioned<T>(cursor: Cursor, take: Take<T>, isCommitted: IsCommitted | undefined): readonly T[] {
  const operation = cursor.varLong();
  if (operation === 0n) return [take(cursor)];
  const flags = cursor.byte();
  const current = (flags & HAS_CURRENT) !== 0 ? [take(cursor)] : [];
  const committed = (flags & HAS_COMMITTED) !== 0 ? [take(cursor)] : [];
  if (isCommitted === undefined) return [...current, ...committed];
  return isCommitted(transactionOf(operation)) ? current : committed;
}
