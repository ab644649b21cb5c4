import { ADD_CONSTRAINT, CONSTRAINT, TABLE } from '../guide-sql.js';
import type { Dialect, Fault } from './dialect.js';

/**
 * MySQL 8 and MariaDB, where a schema is a database. Names keep their case; whether it matters is the server's setting. Run against
 * MariaDB, not against MySQL. The codes are those of MariaDB's own list of messages; 3572, which is MySQL's alone, is as in its client
 * mysql2. GET_LOCK is as in MariaDB's documentation; that MySQL limits its names to 64 characters was seen in others' reports only.
 */
export const mysqlDialect: Dialect = {
  engine: 'MySQL',
  spell: (name) => name,
  addConstraint: ADD_CONSTRAINT,
  dropConstraint: `ALTER TABLE ${TABLE} DROP INDEX ${CONSTRAINT}`,
  // A unique key's name is its index's, and belongs to the table; a plain index of that name is in its way too.
  findConstraint: `
    SELECT TABLE_NAME, COLUMN_NAME
    FROM INFORMATION_SCHEMA.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${TABLE}' AND INDEX_NAME = '${CONSTRAINT}'
    ORDER BY SEQ_IN_INDEX`,
  emptyKeys: 'many',
  // Names of such locks belong to the whole server and have at most 64 characters.
  enterAlone: ["SELECT GET_LOCK(CONCAT('km-bootstrap/', MD5(DATABASE())), 31536000)"],
  limitLockWait: (timeoutMs) => {
    const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
    return [`SET SESSION lock_wait_timeout = ${seconds}`, `SET SESSION innodb_lock_wait_timeout = ${seconds}`];
  },
  // Who holds a metadata lock is told only where its instrumentation is on; every other session in the database is shown instead.
  findBlockers: `
    SELECT CONCAT('maybe connection ', ID, ' of user ', USER, ' from ', HOST, ', ', LOWER(COMMAND), ' for ', TIME, ' s')
    FROM INFORMATION_SCHEMA.PROCESSLIST
    WHERE DB = DATABASE() AND ID <> CONNECTION_ID()
    ORDER BY TIME DESC`,
  cost: 'InnoDB scans the table and builds an index in place (1 million rows: about 3 s); reads and writes go on, but for a moment at start and end.',
  faultOf: ({ vendorCode }) => FAULTS.get(vendorCode),
};

/** The same over `jdbc:mariadb:`. */
export const mariadbDialect: Dialect = { ...mysqlDialect, engine: 'MariaDB' };

/** By number: https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html and https://mariadb.com/kb/en/mariadb-error-codes/ */
const FAULTS: ReadonlyMap<number, Fault> = new Map([
  [1045, 'password'],
  [1698, 'password'],
  [1049, 'not-found'],
  // Whoever may not enter a database is not told whether it exists.
  [1044, 'not-found'],
  [1061, 'already-exists'],
  [1062, 'duplicates'],
  [1586, 'duplicates'],
  [1142, 'no-right'],
  [1143, 'no-right'],
  [1227, 'no-right'],
  [1290, 'no-right'],
  [1836, 'no-right'],
  [1205, 'locked'],
  [1213, 'locked'],
  [3572, 'locked'],
  [1040, 'not-ready'],
  [1053, 'not-ready'],
  [1203, 'not-ready'],
]);
