import { ADD_CONSTRAINT, CONSTRAINT, DROP_CONSTRAINT, TABLE } from '../guide-sql.js';
import type { Dialect, Fault } from './dialect.js';

/** Any number that no other program takes for the same purpose; locks of this kind are counted per database. */
const RUN_KEY = 7_302_419_886;

/**
 * PostgreSQL, which spells unquoted names in lower case. Every statement runs in one transaction, so that a pooler in between does no
 * harm. Run against PostgreSQL 15; every SQLSTATE is in the list of codes that it ships.
 */
export const postgresqlDialect: Dialect = {
  engine: 'PostgreSQL',
  spell: (name) => name.toLowerCase(),
  addConstraint: ADD_CONSTRAINT,
  dropConstraint: DROP_CONSTRAINT,
  // An index and a table cannot share a name in one schema either, so whatever bears ours counts.
  findConstraint: `
    SELECT COALESCE(t.relname, c.relname), a.attname
    FROM pg_class c
    LEFT JOIN pg_index i ON i.indexrelid = c.oid
    LEFT JOIN pg_class t ON t.oid = i.indrelid
    LEFT JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k (attnum, nth) ON true
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE c.relname = '${CONSTRAINT.toLowerCase()}' AND pg_table_is_visible(c.oid)
    UNION ALL
    SELECT '${TABLE.toLowerCase()}', NULL
    FROM pg_constraint
    WHERE conname = '${CONSTRAINT.toLowerCase()}' AND conrelid = to_regclass('${TABLE}') AND conindid = 0`,
  emptyKeys: 'many',
  enterAlone: [
    'SET LOCAL statement_timeout = 0',
    'SET LOCAL lock_timeout = 0',
    `SELECT pg_advisory_xact_lock(${RUN_KEY})`,
  ],
  runsInTransaction: true,
  // 0 would be no limit.
  limitLockWait: (timeoutMs) => [`SET LOCAL lock_timeout = ${Math.max(1, timeoutMs)}`],
  findBlockers: `
    SELECT DISTINCT concat('process ', l.pid, ' of user ', COALESCE(a.usename, '?'),
      CASE WHEN a.application_name <> '' THEN concat(' (', a.application_name, ')') END,
      CASE WHEN a.state IS NOT NULL THEN concat(', ', a.state) END)
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.relation = to_regclass('${TABLE}') AND l.granted AND l.pid <> pg_backend_pid()`,
  cost: 'PostgreSQL scans the table once and builds an index (1 million rows: about 1 s); reads and writes of that table wait meanwhile.',
  faultOf: ({ state }) => FAULTS.get(state) ?? FAULTS.get(state.slice(0, 2)),
};

/** By SQLSTATE, or its class: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const FAULTS: ReadonlyMap<string, Fault> = new Map([
  ['28P01', 'password'],
  ['28000', 'password'],
  ['3D000', 'not-found'],
  ['42P07', 'already-exists'],
  ['42710', 'already-exists'],
  ['23505', 'duplicates'],
  ['42501', 'no-right'],
  ['25006', 'no-right'],
  ['55P03', 'locked'],
  ['40P01', 'locked'],
  ['57P03', 'not-ready'],
  ['53300', 'not-ready'],
  ['57P01', 'not-ready'],
  ['57P02', 'not-ready'],
  ['08', 'not-ready'],
]);
