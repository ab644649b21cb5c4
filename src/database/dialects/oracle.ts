import { ADD_CONSTRAINT, CONSTRAINT, DROP_CONSTRAINT, TABLE } from '../guide-sql.js';
import type { Dialect, Fault } from './dialect.js';

/**
 * Oracle 12c and later. Not run against a server. As in the vendor's documentation: DDL_LOCK_TIMEOUT, V$LOCKED_OBJECT, and codes 54,
 * 942, 1950, 4021, 12505 to 12541 (but 12518), 16000, 28000 and 28001. As in its JDBC driver: 1033, 1034, 12518, 17002, and the
 * SQLSTATEs. In copies of its messages only: 60, 955, 1017, 1031, 2261, 2264 and 2299. The ALL_ views and V$SESSION, 1045, and what
 * DBMS_LOCK needs are from general knowledge.
 */
export const oracleDialect: Dialect = {
  engine: 'Oracle',
  spell: (name) => name.toUpperCase(),
  addConstraint: ADD_CONSTRAINT,
  dropConstraint: DROP_CONSTRAINT,
  findConstraint: `
    SELECT PLACE, KEY_COLUMN
    FROM (
      SELECT C.TABLE_NAME AS PLACE, K.COLUMN_NAME AS KEY_COLUMN, K.POSITION AS NTH
      FROM ALL_CONSTRAINTS C
      LEFT JOIN ALL_CONS_COLUMNS K
        ON K.OWNER = C.OWNER AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME AND C.CONSTRAINT_TYPE IN ('U', 'P')
      WHERE C.OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND C.CONSTRAINT_NAME = '${CONSTRAINT}'
      UNION ALL
      SELECT O.OBJECT_TYPE || ' ' || O.OBJECT_NAME, NULL, NULL
      FROM ALL_OBJECTS O
      WHERE O.OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND O.OBJECT_NAME = '${CONSTRAINT}'
        AND NOT EXISTS (SELECT 1 FROM ALL_CONSTRAINTS X WHERE X.OWNER = O.OWNER AND X.CONSTRAINT_NAME = O.OBJECT_NAME)
    )
    ORDER BY NTH`,
  emptyKeys: 'many',
  // DBMS_LOCK needs a grant that few users have: the error codes below tell the loser of a race instead.
  // In seconds: 0 would be no wait at all, and 1 000 000 one without end.
  limitLockWait: (timeoutMs) => [
    `ALTER SESSION SET DDL_LOCK_TIMEOUT = ${Math.min(999_999, Math.max(1, Math.ceil(timeoutMs / 1000)))}`,
  ],
  findBlockers: `
    SELECT 'session ' || S.SID || ' of ' || S.USERNAME || ' (' || S.PROGRAM || ')'
    FROM V$LOCKED_OBJECT L
    JOIN ALL_OBJECTS O ON O.OBJECT_ID = L.OBJECT_ID
    JOIN V$SESSION S ON S.SID = L.SESSION_ID
    WHERE O.OWNER = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AND O.OBJECT_NAME = '${TABLE}'`,
  cost: 'Oracle scans the table and builds an index; writes of that table wait meanwhile.',
  faultOf: ({ state, vendorCode }) => FAULTS.get(vendorCode) ?? (state.startsWith('08') ? 'not-ready' : undefined),
};

/** By the number of ORA-nnnnn: https://docs.oracle.com/error-help/db/ */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [1017, 'password'],
  [28000, 'password'],
  [28001, 'password'],
  [12505, 'not-found'],
  [12514, 'not-found'],
  [2299, 'duplicates'],
  [955, 'already-exists'],
  [2261, 'already-exists'],
  [2264, 'already-exists'],
  [942, 'no-right'],
  [1031, 'no-right'],
  [1045, 'no-right'],
  [1950, 'no-right'],
  [16000, 'no-right'],
  [54, 'locked'],
  [60, 'locked'],
  [4021, 'locked'],
  [1033, 'not-ready'],
  [1034, 'not-ready'],
  [12516, 'not-ready'],
  [12518, 'not-ready'],
  [12520, 'not-ready'],
  [12528, 'not-ready'],
  [12541, 'not-ready'],
  [17002, 'not-ready'],
]);
