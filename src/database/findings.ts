import type { BootstrapError } from '../errors.js';
import { isUnique } from './constraint.js';
import type { Dialect } from './dialects/dialect.js';
import { COLUMN, TABLE } from './guide-sql.js';
import type { Database, Session, UniqueIndex } from './session.js';

/** What a look at the database found: all that a plan needs. */
export interface Findings {
  /** For messages: `WSO2IDENTITY_DB (H2)`. */
  readonly label: string;
  /** Tables that only API Manager's own database has; none in an identity database. */
  readonly apimTables: readonly string[];
  readonly hasTable: boolean;
  readonly uniqueIndexes: readonly UniqueIndex[];
  /** What bears the name of our constraint, if anything. */
  readonly namesake?: Namesake | undefined;
  readonly duplicates: Duplicates;
  /** Why a change would fail now, although the database can be read. */
  readonly obstacle?: BootstrapError | undefined;
}

export interface Namesake {
  readonly table: string;
  /** Empty when it is no key: a CHECK, say. */
  readonly columns: readonly string[];
}

/** Consumer keys that more than one application has. */
export interface Duplicates {
  /** How many such keys there are, and how many applications have them. */
  readonly keys: number;
  readonly rows: number;
  /** The most used first, at most {@link LISTED_KEYS}. */
  readonly listed: readonly DuplicateKey[];
}

export interface DuplicateKey {
  readonly key: string;
  readonly rows: number;
  /** The first by tenant, at most {@link LISTED_APPS}. */
  readonly apps: readonly { readonly tenant: string; readonly name: string }[];
}

export const LISTED_KEYS = 20;
export const LISTED_APPS = 5;

/** Looks until the plan is certain, and no further: applications are counted only when the constraint is missing. */
export async function readFindings(database: Database, signal: AbortSignal): Promise<Findings> {
  const { label, dialect } = database;
  return database.withReader(async (session, obstacle) => {
    const table = dialect.spell(TABLE);
    const apimTables = await session.tables(dialect.spell('AM_API'));
    const hasTable = (await session.tables(table)).includes(table);
    const found = { label, apimTables, hasTable, uniqueIndexes: [], duplicates: NO_DUPLICATES, obstacle };
    if (!hasTable || apimTables.length > 0) return found;
    const uniqueIndexes = await session.uniqueIndexes(table);
    if (isUnique(uniqueIndexes)) return { ...found, uniqueIndexes };
    const namesake = await readNamesake(session, dialect);
    return { ...found, uniqueIndexes, namesake, duplicates: await readDuplicates(session) };
  }, signal);
}

const NO_DUPLICATES: Duplicates = { keys: 0, rows: 0, listed: [] };

async function readNamesake(session: Session, { findConstraint }: Dialect): Promise<Namesake | undefined> {
  const rows = await session.query(findConstraint, MOST_COLUMNS);
  const table = rows[0]?.[0];
  if (!table) return undefined;
  return { table, columns: rows.flatMap(([, column]) => column ?? []) };
}

/** No engine takes more columns in one key. */
const MOST_COLUMNS = 64;

async function readDuplicates(session: Session): Promise<Duplicates> {
  const [total] = await session.query(COUNT_DUPLICATES, 1);
  const keys = Number(total?.[0] ?? 0);
  if (keys === 0) return NO_DUPLICATES;
  const listed = new Map<string, DuplicateKey>();
  for (const [key, rows, tenant, name] of await session.query(LIST_DUPLICATES, LISTED_KEYS * LISTED_APPS)) {
    const apps = listed.get(key ?? '')?.apps ?? [];
    const app = { tenant: tenant ?? 'NULL', name: name ?? '(no name)' };
    listed.set(key ?? '', { key: key ?? '', rows: Number(rows), apps: [...apps, app] });
  }
  return { keys, rows: Number(total?.[1]), listed: [...listed.values()].slice(0, LISTED_KEYS) };
}

/** Grouped by the engine, so that its own rule of what is equal counts. A missing key equals no other. */
const COUNT_DUPLICATES = `
  SELECT COUNT(*), SUM(COPIES)
  FROM (SELECT COUNT(*) AS COPIES FROM ${TABLE} WHERE ${COLUMN} IS NOT NULL GROUP BY ${COLUMN} HAVING COUNT(*) > 1) D`;

const LIST_DUPLICATES = `
  SELECT ${COLUMN}, COPIES, TENANT_ID, APP_NAME
  FROM (
    SELECT ${COLUMN}, TENANT_ID, APP_NAME,
      COUNT(*) OVER (PARTITION BY ${COLUMN}) AS COPIES,
      ROW_NUMBER() OVER (PARTITION BY ${COLUMN} ORDER BY TENANT_ID, ID) AS NTH
    FROM ${TABLE} WHERE ${COLUMN} IS NOT NULL
  ) A
  WHERE COPIES > 1 AND NTH <= ${LISTED_APPS}
  ORDER BY COPIES DESC, ${COLUMN}, NTH`;
