import { fstatSync } from 'node:fs';
import { BUDGET, lookAt, useNewest, withFile } from '../../../src/database/mvstore/look.js';
import { randomAccess } from '../../../src/database/mvstore/random-access.js';
import { readDatabase } from '../../../src/database/mvstore/read-table.js';
import { readRows } from '../../../src/database/mvstore/rows.js';
import type { Store } from '../../../src/database/mvstore/store.js';
import { NOT_READ } from '../../../src/database/mvstore/value.js';
import type { Connection } from './engine.js';

/** What a database holds, sorted, so that what H2 says of it and what was read can be compared. */
export interface Facts {
  readonly tables: readonly string[];
  readonly indexes: readonly string[];
  readonly constraints: readonly string[];
  readonly users: readonly string[];
  readonly rows: readonly string[];
}

/** What is in place of a value that is not read, on both sides. */
const UNREAD = '~';

/** Types whose values are read as text. */
const READ = /^(CHARACTER|CHARACTER VARYING|VARCHAR_IGNORECASE|INTEGER|BIGINT|SMALLINT|TINYINT|BOOLEAN)$/;

/** As H2's engine has it, in a session that sees what is committed. */
export function askFacts(connection: Connection): Facts {
  const columns = connection.query(
    `SELECT T.TABLE_SCHEMA, T.TABLE_NAME, C.COLUMN_NAME, C.DATA_TYPE FROM INFORMATION_SCHEMA.TABLES T
     JOIN INFORMATION_SCHEMA.COLUMNS C ON C.TABLE_SCHEMA = T.TABLE_SCHEMA AND C.TABLE_NAME = T.TABLE_NAME
     WHERE T.TABLE_TYPE = 'BASE TABLE' AND T.STORAGE_TYPE = 'CACHED' AND T.TABLE_SCHEMA <> 'INFORMATION_SCHEMA'
     ORDER BY 1, 2, C.ORDINAL_POSITION`,
  );
  const tables = grouped(columns.map(([schema, table, column, type]) => [`${schema}.${table}`, `${column} ${type}`]));
  const indexes = connection.query(
    `SELECT I.TABLE_SCHEMA, I.TABLE_NAME, I.INDEX_NAME, I.INDEX_TYPE_NAME, C.COLUMN_NAME FROM INFORMATION_SCHEMA.INDEXES I
     JOIN INFORMATION_SCHEMA.INDEX_COLUMNS C ON C.INDEX_SCHEMA = I.INDEX_SCHEMA AND C.INDEX_NAME = I.INDEX_NAME
       AND C.TABLE_SCHEMA = I.TABLE_SCHEMA AND C.TABLE_NAME = I.TABLE_NAME
     WHERE I.TABLE_SCHEMA <> 'INFORMATION_SCHEMA' AND (I.INDEX_TYPE_NAME NOT LIKE 'UNIQUE%' OR C.IS_UNIQUE)
     ORDER BY 1, 2, 3, C.ORDINAL_POSITION`,
  );
  const constraints = connection.query(
    `SELECT C.TABLE_SCHEMA, C.TABLE_NAME, C.CONSTRAINT_NAME, C.CONSTRAINT_TYPE, K.COLUMN_NAME
     FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS C LEFT JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE K
       ON K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME
     WHERE C.TABLE_SCHEMA <> 'INFORMATION_SCHEMA' ORDER BY 1, 2, 3, K.ORDINAL_POSITION`,
  );
  return {
    tables: lines(tables),
    indexes: lines(
      grouped(
        indexes.map(([schema, table, name, type, column]) => [
          `${schema}.${table} ${name} ${/^(UNIQUE|PRIMARY)/.test(type ?? '') ? 'unique' : 'plain'}`,
          column ?? '',
        ]),
      ),
    ),
    constraints: lines(
      grouped(
        constraints.map(([schema, table, name, type, column]) => [
          `${schema}.${table} ${name} ${/^(UNIQUE|PRIMARY)/.test(type ?? '') ? 'unique' : 'other'}`,
          column ?? '',
        ]),
      ),
    ),
    users: connection.query('SELECT USER_NAME FROM INFORMATION_SCHEMA.USERS ORDER BY 1').map(([name]) => name ?? ''),
    rows: [...tables].flatMap(([table, of]) => askRows(connection, table, of)).sort(),
  };
}

function askRows(connection: Connection, table: string, columns: readonly string[]): readonly string[] {
  const quoted = table.replaceAll('"', '""').replace(/^([^.]*)\.(.*)$/, '"$1"."$2"');
  const types = columns.map((column) => column.slice(column.indexOf(' ') + 1));
  return connection.query(`SELECT * FROM ${quoted}`).map((row) =>
    rowLine(
      table,
      row.map((value, index) => (value === null || READ.test(types[index] ?? '') ? value : UNREAD)),
    ),
  );
}

/** As it is in the file. */
export function readFacts(path: string): Promise<Facts> {
  return lookAt(path, factsIn, new AbortController().signal);
}

/** The same of a file that nobody writes, without waiting for it to be at rest. Throws Damage or LookFailed. */
export function readFactsAtOnce(path: string): Promise<Facts> {
  return withFile(path, async (descriptor) => {
    const { size } = fstatSync(descriptor);
    return useNewest(randomAccess(descriptor, { size, budget: BUDGET, isNoted: false }), factsIn);
  });
}

export function factsIn(store: Store): Facts {
  const { definition, ...database } = readDatabase(store);
  const tables = definition.tables.filter(({ columns }) => columns().length > 0);
  return {
    tables: tables
      .map(
        ({ schema, name, columns }) => `${schema}.${name}: ${columns().map((of) => `${of.name} ${nameOf(of.type)}`)}`,
      )
      .sort(),
    indexes: definition.indexes
      .map(
        ({ table, name, isUnique, columns }) =>
          `${table.schema}.${table.name} ${name} ${isUnique ? 'unique' : 'plain'}: ${columns()}`,
      )
      .sort(),
    constraints: definition.constraints
      .map(
        ({ table, name, isUnique, columns }) =>
          `${table.schema}.${table.name} ${name} ${isUnique ? 'unique' : 'other'}: ${columns()}`,
      )
      .sort(),
    users: definition.users.map(({ name }) => name).sort(),
    rows: tables
      .flatMap(({ id, schema, name, columns }) => {
        const places = columns().map((_, index) => index);
        const pages = readRows({ ...database, mapName: `table.${id}`, columns: places });
        const types = columns().map(({ type }) => type);
        return [...pages].flat().map((row) =>
          rowLine(
            `${schema}.${name}`,
            row.map((value, index) => {
              if (value === NOT_READ || (value !== null && !READ.test(types[index] ?? ''))) return UNREAD;
              return value;
            }),
          ),
        );
      })
      .sort(),
  };
}

/** As INFORMATION_SCHEMA names a type. */
function nameOf(type: string): string {
  return type.replace(/^INTERVAL .*/, 'INTERVAL').replace(/^.* ARRAY$/, 'ARRAY');
}

function rowLine(table: string, values: readonly (string | null)[]): string {
  return `${table}: ${JSON.stringify(values)}`;
}

function grouped(pairs: readonly (readonly [key: string, value: string])[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}

function lines(groups: ReadonlyMap<string, readonly string[]>): readonly string[] {
  return [...groups].map(([key, values]) => `${key}: ${values}`).sort();
}
