import { type DuplicateKey, type Duplicates, LISTED_APPS, LISTED_KEYS, NO_DUPLICATES } from '../catalogue.js';
import { Cursor } from './cursor.js';
import { Damage } from './damage.js';
import type { TableDefinition } from './definition.js';
import { eachRow } from './each-row.js';
import type { H2Source } from './h2-catalogue.js';
import { readColumnBy, readRowsBy } from './rows.js';
import { NOT_READ, readValue, skipValue, type Value } from './value.js';

export interface DuplicatesIn extends Omit<H2Source, 'schema'> {
  readonly table: TableDefinition | undefined;
  /** Whose values must be unique. */
  readonly column: string;
}

/**
 * The values of a column that more than one row has, NULL left out, as H2 compares them. All rows are gone through once, in the smallest
 * map that holds the column, and only a number is kept of each; those of the table itself only where there is something to tell.
 *
 * @throws Damage; the signal's reason
 */
export async function findDuplicates(source: DuplicatesIn, signal: AbortSignal): Promise<Duplicates> {
  const { table, column } = source;
  const places = table ? [column, 'TENANT_ID', 'APP_NAME', 'ID'].flatMap((name) => placeOf(table, name)) : [];
  const [place] = places;
  if (!table || place === undefined || places.length < 4)
    throw new Damage('the table of applications has other columns');
  const equalForm = EQUAL_FORM.get(table.columns()[place]?.type ?? '');
  const numbers: number[] = [];
  const all = readColumnBy({ ...source, mapName: smallestMap(source, table) }, place, (cursor) =>
    numberOf(cursor, equalForm),
  );
  await eachRow(all, signal, (number) => {
    if (number) numbers.push(number);
    return 'go on';
  });
  const suspects = repeated(numbers);
  if (suspects.size === 0) return NO_DUPLICATES;
  const shared = new Map<string, SharedKey>();
  const appsOf = { ...source, mapName: `table.${table.id}`, columns: places };
  const apps = readRowsBy(appsOf, (cursor, nth) =>
    nth === 0 ? textIfIn(suspects, cursor, equalForm) : readValue(cursor),
  );
  await eachRow(apps, signal, ([value = null, tenant, name, id]) => {
    if (value === null) return 'go on';
    const key = textOf(value);
    const of = equalForm?.(key) ?? key;
    const found = shared.get(of) ?? { rows: 0, apps: [] };
    shared.set(of, found);
    addApp(found, { key, tenant: textOf(tenant), name: textOf(name), id: Number(textOf(id)) });
    return 'go on';
  });
  return summaryOf([...shared.values()]);
}

type EqualForm = (value: string) => string;

/** What H2 takes for equal, by type; values of other types are equal byte by byte. */
const EQUAL_FORM: ReadonlyMap<string, EqualForm> = new Map([
  ['VARCHAR_IGNORECASE', (value: string) => value.toUpperCase()],
  ['CHARACTER', (value: string) => value.replace(/ +$/, '')],
]);

/** Stands for a value; 0 for NULL. */
function numberOf(cursor: Cursor, equalForm: EqualForm | undefined): number {
  const start = cursor.at;
  if (equalForm === undefined) {
    skipValue(cursor);
    return cursor.at === start + 1 && cursor.byteAt(start) === 0 ? 0 : cursor.fingerprintSince(start);
  }
  const value = readValue(cursor);
  if (value === null) return 0;
  const folded = new Cursor(Buffer.from(equalForm(textOf(value))));
  folded.skip(folded.left);
  return folded.fingerprintSince(0);
}

function repeated(numbers: readonly number[]): ReadonlySet<number> {
  const sorted = Float64Array.from(numbers).sort();
  return new Set(sorted.filter((number, at) => number === sorted[at - 1]));
}

/** Null for what is not among them. */
function textIfIn(suspects: ReadonlySet<number>, cursor: Cursor, equalForm: EqualForm | undefined): Value {
  const again = cursor.copy();
  return suspects.has(numberOf(cursor, equalForm)) ? readValue(again) : null;
}

function placeOf(table: TableDefinition, column: string): number | readonly [] {
  const place = table.columns().findIndex(({ name }) => name === column);
  return place < 0 ? [] : place;
}

/** An index with the column holds less than the table. */
function smallestMap({ store, definition, column }: DuplicatesIn, { id, schema, name }: TableDefinition): string {
  const [smallest] = definition.indexes
    .filter(({ table, columns }) => table.schema === schema && table.name === name && columns().includes(column))
    .sort((one, other) => one.columns().length - other.columns().length)
    .map((index) => `index.${index.id}`)
    .filter((mapName) => store.mapId(mapName) !== undefined);
  return smallest ?? `table.${id}`;
}

function textOf(value: Value | undefined): string {
  if (value === NOT_READ || value === undefined) throw new Damage('a column of applications has another type');
  return value ?? '';
}

interface App {
  readonly key: string;
  readonly tenant: string;
  readonly name: string;
  readonly id: number;
}

interface SharedKey {
  rows: number;
  /** The first by tenant, then by id. */
  apps: readonly App[];
}

function addApp(shared: SharedKey, app: App): void {
  shared.rows++;
  shared.apps = [...shared.apps, app].sort(byTenant).slice(0, LISTED_APPS);
}

function byTenant(one: App, other: App): number {
  return Number(one.tenant) - Number(other.tenant) || one.id - other.id;
}

function summaryOf(shared: readonly SharedKey[]): Duplicates {
  const keys = shared.filter(({ rows }) => rows > 1);
  const listed = keys
    .map(({ rows, apps }): DuplicateKey => {
      const named = apps.map(({ tenant, name }) => ({ tenant: tenant || 'NULL', name: name || '(no name)' }));
      return { key: apps[0]?.key ?? '', rows, apps: named };
    })
    .sort((one, other) => other.rows - one.rows || (one.key < other.key ? -1 : 1))
    .slice(0, LISTED_KEYS);
  return { keys: keys.length, rows: keys.reduce((sum, { rows }) => sum + rows, 0), listed };
}
