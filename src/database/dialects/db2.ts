import { ADD_CONSTRAINT, CONSTRAINT, DROP_CONSTRAINT, TABLE } from '../guide-sql.js';
import type { Dialect, Fault } from './dialect.js';

/**
 * Db2 for Linux, UNIX and Windows. Not run against a server. As in the vendor's documentation: the two catalogue views, the lock
 * timeout, and codes -551, -601, -1001, -1224 and -4499; as in the one for z/OS, which shares them: -603, -624, -911, -913 and -30082.
 * -4214 is the JDBC driver's own. -552, -1013, -1035, -1060 and -30061 are from general knowledge.
 */
export const db2Dialect: Dialect = {
  engine: 'DB2',
  spell: (name) => name.toUpperCase(),
  addConstraint: ADD_CONSTRAINT,
  dropConstraint: DROP_CONSTRAINT,
  findConstraint: `
    SELECT C.TABNAME, K.COLNAME
    FROM SYSCAT.TABCONST C
    LEFT JOIN SYSCAT.KEYCOLUSE K
      ON K.TABSCHEMA = C.TABSCHEMA AND K.TABNAME = C.TABNAME AND K.CONSTNAME = C.CONSTNAME AND C.TYPE IN ('U', 'P')
    WHERE C.TABSCHEMA = CURRENT SCHEMA AND C.TABNAME = '${TABLE}' AND C.CONSTNAME = '${CONSTRAINT}'
    ORDER BY K.COLSEQ`,
  // A column of a unique constraint has to be NOT NULL there, as IS 7's script makes it.
  emptyKeys: 'many',
  limitLockWait: (timeoutMs) => [
    `SET CURRENT LOCK TIMEOUT = ${Math.min(32_767, Math.max(1, Math.ceil(timeoutMs / 1000)))}`,
  ],
  cost: 'DB2 scans the table and builds an index; writes of that table wait meanwhile.',
  faultOf: ({ state, vendorCode }) => {
    // The driver's code for every connection that did not come about; with this state the server knows no such database.
    if (vendorCode === -4499 && state === '08004') return 'not-found';
    return FAULTS.get(vendorCode) ?? (state.startsWith('08') ? 'not-ready' : undefined);
  },
};

/** By SQLCODE: https://www.ibm.com/docs/en/db2/11.5?topic=messages-sql; those from -4200 to -4499 are the JDBC driver's own. */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [-4214, 'password'],
  [-30082, 'password'],
  [-1001, 'not-found'],
  [-1013, 'not-found'],
  [-30061, 'not-found'],
  [-603, 'duplicates'],
  [-601, 'already-exists'],
  [-624, 'already-exists'],
  [-551, 'no-right'],
  [-552, 'no-right'],
  [-1060, 'no-right'],
  [-911, 'locked'],
  [-913, 'locked'],
  [-4499, 'not-ready'],
  [-1035, 'not-ready'],
  [-1224, 'not-ready'],
]);
