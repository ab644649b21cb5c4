import { type Definition, parseDefinition, readRecords } from './definition.js';
import { eachRow } from './each-row.js';
import { lookAt } from './look.js';
import { readRows } from './rows.js';
import type { Store } from './store.js';
import { type IsCommitted, readTransactions } from './transactions.js';
import type { Value } from './value.js';

/** One version of a database, as data. */
export interface DatabaseAsData {
  readonly store: Store;
  readonly isCommitted: IsCommitted;
  readonly definition: Definition;
}

/** @throws Damage */
export function readDatabase(store: Store): DatabaseAsData {
  const isCommitted = readTransactions(store);
  return { store, isCommitted, definition: parseDefinition(readRecords({ store, isCommitted })) };
}

/** What is wanted of a table. */
export interface TableQuery {
  /** As H2 spells them: in upper case, unless they were quoted. */
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  /** Which rows, by their values in the order of `columns`. */
  readonly where: (row: readonly Value[]) => boolean;
  /** At most so many rows. */
  readonly most: number;
}

/**
 * The committed rows of one table of an H2 file, in the order of their keys, whoever else has the file open. Undefined where there is no
 * such table, or it lacks one of the columns.
 *
 * @param path with `.mv.db`
 * @throws LookFailed; what `open` throws; the signal's reason
 */
export function readTable(
  path: string,
  query: TableQuery,
  signal: AbortSignal,
): Promise<readonly (readonly Value[])[] | undefined> {
  return lookAt(path, (store) => selectRows(readDatabase(store), query, signal), signal);
}

async function selectRows(
  { store, isCommitted, definition }: DatabaseAsData,
  { schema, table, columns, where, most }: TableQuery,
  signal: AbortSignal,
): Promise<readonly (readonly Value[])[] | undefined> {
  const found = definition.tables.find((one) => one.schema === schema && one.name === table);
  const places = columns.map((name) => found?.columns().findIndex((column) => column.name === name) ?? -1);
  if (!found || places.includes(-1)) return undefined;
  const rows: (readonly Value[])[] = [];
  const source = { store, isCommitted, mapName: `table.${found.id}`, columns: places };
  await eachRow(readRows(source), signal, (row) => {
    if (rows.length < most && where(row)) rows.push(row);
    return rows.length < most ? 'go on' : 'enough';
  });
  return rows;
}
