import type { Cursor } from './cursor.js';
import { Damage } from './damage.js';
import { parseFields } from './fields.js';
import type { Store } from './store.js';

/** How the entries of one map are written. */
export interface MapFormat {
  readonly key: ItemFormat;
  readonly value: ItemFormat;
}

/** `long`: the key of a row. `row`: values in the order of `columns`, before them in an index the key of the row. `nothing`: no byte at all. */
export type ItemFormat =
  | { readonly kind: 'long' }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'row'; readonly columns: readonly number[]; readonly hasKey: boolean }
  | { readonly kind: 'other'; readonly javaClass: string };

/** The map of the Java classes that wrote the others. */
const REGISTRY = '_';

/**
 * How a map of rows or of an index is written, as the store itself says it.
 *
 * @throws Damage it says nothing of it, or of a class that writes no rows
 */
export function readMapFormat(store: Store, mapId: number): MapFormat {
  const fields = parseFields(store.mapText(mapId) ?? '');
  const [key, value] = [fields.get('key'), fields.get('val')];
  const registry = store.mapId(REGISTRY);
  if (key === undefined || value === undefined || registry === undefined) {
    throw new Damage('a map does not say how it is written');
  }
  const found = readRegistry(store, registry, new Set([key, value]));
  const [keyFormat, valueFormat] = [found.get(key), found.get(value)];
  if (!keyFormat || !valueFormat) throw new Damage('how a map is written is not in the store');
  return { key: keyFormat, value: valueFormat };
}

/** The classes of the registry that would be loaded and are none that H2 uses for tables; the first one ends what can be read. */
export function findUnknownClasses(store: Store): readonly string[] {
  const mapId = store.mapId(REGISTRY);
  if (mapId === undefined) return [];
  const unknown: string[] = [];
  for (const page of store.leaves(mapId)) {
    const body = page.body();
    body.strings(page.count);
    for (let left = page.count; left > 0; left--) {
      const format = readItemFormat(body, 0);
      if (format.kind !== 'other' || KNOWN.includes(format.javaClass)) continue;
      unknown.push(format.javaClass);
      break;
    }
  }
  return unknown;
}

/** Of what holds no rows of tables: names, results, and what H2 keeps of large objects. */
const KNOWN: readonly string[] = [
  'org.h2.mvstore.db.ValueDataType$Factory',
  'org.h2.mvstore.type.StringDataType',
  'org.h2.mvstore.type.ByteArrayDataType',
  'org.h2.mvstore.db.LobStorageMap$BlobMeta$Type',
  'org.h2.mvstore.db.LobStorageMap$BlobReference$Type',
];

/** Read until all that is asked for was found: what comes later may be of a class that is not known, and then has no known length. */
function readRegistry(store: Store, mapId: number, wanted: ReadonlySet<string>): ReadonlyMap<string, ItemFormat> {
  const formats = new Map<string, ItemFormat>();
  for (const page of store.leaves(mapId)) {
    const body = page.body();
    const keys = body.strings(page.count);
    const last = keys.reduce((found, key, index) => (wanted.has(key) ? index : found), -1);
    for (const key of keys.slice(0, last + 1)) {
      const format = readItemFormat(body, 0);
      if (wanted.has(key)) formats.set(key, format);
    }
  }
  return formats;
}

/** A class by its name, and what it saved of its state. */
function readItemFormat(cursor: Cursor, depth: number): ItemFormat {
  if (depth > 4) throw new Damage('a format is nested deeper than any');
  const javaClass = cursor.string(cursor.count());
  switch (javaClass) {
    case 'org.h2.mvstore.tx.VersionedValueType$Factory':
      return readItemFormat(cursor, depth + 1);
    case 'org.h2.mvstore.type.LongDataType':
      return { kind: 'long' };
    case 'org.h2.mvstore.db.NullValueDataType':
      return { kind: 'nothing' };
    case 'org.h2.mvstore.db.RowDataType$Factory':
      return readRowFormat(cursor);
    case 'org.h2.mvstore.db.ValueDataType$Factory':
      readInts(cursor);
      cursor.count();
      readInts(cursor);
      cursor.byte();
      return { kind: 'other', javaClass };
    default:
      return { kind: 'other', javaClass };
  }
}

/** No table of H2 has more columns. */
const MOST_COLUMNS = 16_384;

function readRowFormat(cursor: Cursor): ItemFormat {
  const count = cursor.count();
  if (count > MOST_COLUMNS) throw new Damage(`a row with ${count} columns`);
  readInts(cursor); // How the columns are sorted.
  const columns = readInts(cursor) ?? Array.from({ length: count }, (_, index) => index);
  return { kind: 'row', columns, hasKey: cursor.byte() !== 0 };
}

/** Undefined for none, which is not the same as an empty list. */
function readInts(cursor: Cursor): readonly number[] | undefined {
  const length = cursor.count() - 1;
  if (length > MOST_COLUMNS) throw new Damage(`a list of ${length} numbers`);
  return length < 0 ? undefined : Array.from({ length }, () => cursor.varInt());
}
