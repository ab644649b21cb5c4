import {
  type Catalogue,
  type DuplicateKey,
  type Duplicates,
  LISTED_APPS,
  LISTED_KEYS,
  type Namesake,
  NO_DUPLICATES,
} from './catalogue.js';
import type { Dialect } from './dialects/dialect.js';
import { COLUMN, TABLE } from './guide-sql.js';
import type { Database, Session } from './session.js';

/** How a database that answers SQL is read: what lends a session that cannot write lends its catalogue, too. */
export function readingBy(
  withReader: NonNullable<Database['withReader']>,
  dialect: Dialect,
): Pick<Database, 'withReader' | 'withCatalogue'> {
  return {
    withReader,
    withCatalogue: (use, signal) => withReader((session) => use(sqlCatalogue(session, dialect)), signal),
  };
}

/** Asks an engine, in its own dialect. */
function sqlCatalogue(session: Session, dialect: Dialect): Catalogue {
  return {
    ...session,
    namesake: () => readNamesake(session, dialect),
    duplicates: () => readDuplicates(session, dialect),
  };
}

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
