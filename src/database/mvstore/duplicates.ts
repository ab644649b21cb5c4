import { type DuplicateKey, type Duplicates, LISTED_APPS, LISTED_KEYS, NO_DUPLICATES } from '../catalogue.js';
import { Damage } from './damage.js';
import type { TableDefinition } from './definition.js';
import { eachRow } from './each-row.js';
import type { H2Source } from './h2-catalogue.js';
import { readRows } from './rows.js';
import { NOT_READ, type Value } from './value.js';

export interface DuplicatesIn extends Omit<H2Source, 'schema'> {
  readonly table: TableDefinition | undefined;
  /** Whose values must be unique. */
  readonly column: string;
}

/**
 * The values of a column that more than one row has, NULL left out, as H2 compares them. All rows are gone through once, in the smallest
 * map that holds the column; those of the table itself only where there is something to tell.
 *
 * @throws Damage; the signal's reason
 */
export async function findDuplicates(source: DuplicatesIn, signal: AbortSignal): Promise<Duplicates> {
  const { table, column } = source;
  const place = table?.columns().findIndex(({ name }) => name === column) ?? -1;
  if (!table || place < 0) return NO_DUPLICATES;
  const equalForm = EQUAL_FORM.get(table.columns()[place]?.type ?? '') ?? ((value: string) => value);
  const seen = new Set<string>();
  const shared = new Map<string, SharedKey>();
  const mapName = smallestMap(source, table);
  await eachRow(readRows({ ...source, mapName, columns: [place] }), signal, ([value]) => {
    if (value === null) return 'go on';
    const key = equalForm(textOf(value));
    if (seen.size === seen.add(key).size) shared.set(key, { rows: 0, apps: [] });
    return 'go on';
  });
  seen.clear();
  if (shared.size === 0) return NO_DUPLICATES;
  const columns = [column, 'TENANT_ID', 'APP_NAME', 'ID'].flatMap((name) => placeOf(table, name));
  if (columns.length < 4) throw new Damage('the table of applications has other columns');
  await eachRow(readRows({ ...source, mapName: `table.${table.id}`, columns }), signal, ([value, tenant, name, id]) => {
    const found = value === null ? undefined : shared.get(equalForm(textOf(value)));
    if (found)
      addApp(found, { key: textOf(value), tenant: textOf(tenant), name: textOf(name), id: Number(textOf(id)) });
    return 'go on';
  });
  return summaryOf([...shared.values()]);
}

/** What H2 takes for equal, by type; values of other types are equal letter by letter. */
const EQUAL_FORM: ReadonlyMap<string, (value: string) => string> = new Map([
  ['VARCHAR_IGNORECASE', (value: string) => value.toUpperCase()],
  ['CHARACTER', (value: string) => value.replace(/ +$/, '')],
]);

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
