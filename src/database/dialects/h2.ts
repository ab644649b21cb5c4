import { ADD_CONSTRAINT, CONSTRAINT, DROP_CONSTRAINT } from '../guide-sql.js';
import type { Dialect, Fault } from './dialect.js';

/** H2 2.x in its regular mode, which spells unquoted names in upper case. */
export const h2Dialect: Dialect = {
  engine: 'H2',
  spell: (name) => name.toUpperCase(),
  addConstraint: ADD_CONSTRAINT,
  dropConstraint: DROP_CONSTRAINT,
  findConstraint: `
    SELECT C.TABLE_NAME, K.COLUMN_NAME
    FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS C
    LEFT JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE K
      ON K.CONSTRAINT_SCHEMA = C.CONSTRAINT_SCHEMA AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME
    WHERE C.CONSTRAINT_SCHEMA = SCHEMA() AND C.CONSTRAINT_NAME = '${CONSTRAINT}'
    ORDER BY K.ORDINAL_POSITION`,
  emptyKeys: 'many',
  limitLockWait: (timeoutMs) => [`SET LOCK_TIMEOUT ${timeoutMs}`],
  cost: 'The file is open to this process alone, so nothing else waits.',
  faultOf: ({ vendorCode }) => FAULTS.get(vendorCode),
};

/** By H2's own numbers: https://h2database.com/javadoc/org/h2/api/ErrorCode.html */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [90020, 'in-use'],
  [90146, 'not-found'],
  [28000, 'password'],
  [90028, 'damaged'],
  [90030, 'damaged'],
  [90048, 'damaged'],
  // Opened for reading only, a file that was torn asks to be repaired first. (That the file may be written is checked before.)
  [90097, 'damaged'],
  [90045, 'already-exists'],
  [23505, 'duplicates'],
  [90040, 'no-right'],
  [90096, 'no-right'],
  [50200, 'locked'],
]);
