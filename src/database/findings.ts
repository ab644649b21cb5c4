import type { BootstrapError } from '../errors.js';
import type { Notice } from '../step/step.js';
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
  /** Schemas besides the one looked into that have such a table too; empty when a schema was named and has it. */
  readonly otherSchemas: readonly string[];
  readonly uniqueIndexes: readonly UniqueIndex[];
  /** What bears the name of our constraint, if anything. */
  readonly namesake?: Namesake | undefined;
  readonly duplicates: Duplicates;
  /** What is worth saying about how the database is talked to. */
  readonly notices: readonly Notice[];
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

/** {@link findIn} a session lent for it. */
export function readFindings(database: Database, signal: AbortSignal): Promise<Findings> {
  return database.withReader((session, obstacle) => findIn(session, database, obstacle), signal);
}

/** Looks until the plan is certain, and no further: applications are counted only when the constraint is missing. */
export async function findIn(
  session: Session,
  { label, dialect, schemaIsGiven, notices }: Database,
  obstacle: BootstrapError | undefined,
): Promise<Findings> {
  const spelled = dialect.spell(TABLE);
  const apimTables = await session.tables(dialect.spell('AM_API'));
  // The prefix is matched by the engine's own rule of case; it may store the name in another case than the script.
  const table = (await session.tables(spelled)).find((name) => name.toUpperCase() === TABLE);
  const hasTable = table !== undefined;
  const otherSchemas = hasTable && schemaIsGiven ? [] : await session.otherSchemasOf(spelled);
  const found = { ...NOTHING, label, apimTables, hasTable, otherSchemas, notices: notices(), obstacle };
  if (!hasTable || apimTables.length > 0 || otherSchemas.length > 0) return found;
  const uniqueIndexes = await session.uniqueIndexes(table);
  if (isUnique(uniqueIndexes)) return { ...found, uniqueIndexes };
  const namesake = await readNamesake(session, dialect);
  // Another run may have made it between the two looks: it is no stranger then.
  const later = namesake ? await session.uniqueIndexes(table) : uniqueIndexes;
  if (isUnique(later)) return { ...found, uniqueIndexes: later };
  return { ...found, uniqueIndexes, namesake, duplicates: await readDuplicates(session, dialect) };
}

const NO_DUPLICATES: Duplicates = { keys: 0, rows: 0, listed: [] };
const NOTHING = { uniqueIndexes: [], duplicates: NO_DUPLICATES };

/** What bears the name of our constraint, if anything. */
export async function readNamesake(session: Session, { findConstraint }: Dialect): Promise<Namesake | undefined> {
  const rows = await session.query(findConstraint, MOST_COLUMNS);
  const table = rows[0]?.[0];
  if (!table) return undefined;
  return { table, columns: rows.flatMap(([, column]) => column ?? []) };
}

/** No engine takes more columns in one key. */
const MOST_COLUMNS = 64;

async function readDuplicates(session: Session, dialect: Dialect): Promise<Duplicates> {
  const [total] = await session.query(countDuplicates(dialect), 1);
  const keys = Number(total?.[0] ?? 0);
  if (keys === 0) return NO_DUPLICATES;
  const listed = new Map<string, DuplicateKey>();
  for (const [key, rows, tenant, name] of await session.query(listDuplicates(dialect), LISTED_KEYS * LISTED_APPS)) {
    const shown = key ?? '(no key)';
    const apps = listed.get(shown)?.apps ?? [];
    const app = { tenant: tenant ?? 'NULL', name: name ?? '(no name)' };
    listed.set(shown, { key: shown, rows: Number(rows), apps: [...apps, app] });
  }
  return { keys, rows: Number(total?.[1]), listed: [...listed.values()].slice(0, LISTED_KEYS) };
}

/** A SELECT of (keys, applications) that are shared, grouped by the engine, so that its own rule of what is equal counts. */
export function countDuplicates({ emptyKeys }: Dialect): string {
  return `
  SELECT COUNT(*), SUM(COPIES)
  FROM (SELECT COUNT(*) AS COPIES FROM ${TABLE}${WHERE[emptyKeys]} GROUP BY ${COLUMN} HAVING COUNT(*) > 1) D`;
}

function listDuplicates({ emptyKeys }: Dialect): string {
  return `
  SELECT ${COLUMN}, COPIES, TENANT_ID, APP_NAME
  FROM (
    SELECT ${COLUMN}, TENANT_ID, APP_NAME,
      COUNT(*) OVER (PARTITION BY ${COLUMN}) AS COPIES,
      ROW_NUMBER() OVER (PARTITION BY ${COLUMN} ORDER BY TENANT_ID, ID) AS NTH
    FROM ${TABLE}${WHERE[emptyKeys]}
  ) A
  WHERE COPIES > 1 AND NTH <= ${LISTED_APPS}
  ORDER BY COPIES DESC, ${COLUMN}, NTH`;
}

/** Which rows a unique key compares: an engine that lets many rows have no key compares none of these. */
const WHERE = { many: ` WHERE ${COLUMN} IS NOT NULL`, one: '' } as const;
