import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { db2Dialect } from '../../src/database/dialects/db2.js';
import type { Dialect, Fault } from '../../src/database/dialects/dialect.js';
import { h2Dialect } from '../../src/database/dialects/h2.js';
import { mysqlDialect } from '../../src/database/dialects/mysql.js';
import { oracleDialect } from '../../src/database/dialects/oracle.js';
import { postgresqlDialect } from '../../src/database/dialects/postgresql.js';
import { sqlServerDialect } from '../../src/database/dialects/sql-server.js';
import { ADD_CONSTRAINT } from '../../src/database/guide-sql.js';
import { SqlError } from '../../src/database/session.js';

const DIALECTS = [h2Dialect, postgresqlDialect, mysqlDialect, sqlServerDialect, oracleDialect, db2Dialect];

for (const dialect of DIALECTS) {
  test(`${dialect.engine}: the change is the guide's statement, and a wait for its lock has a limit`, () => {
    assert.is(dialect.addConstraint, ADD_CONSTRAINT);
    assert.ok(dialect.limitLockWait(10_000).length > 0);
    assert.match(dialect.limitLockWait(10_000).join(), /\b10(000)?\b/);
    assert.match(dialect.limitLockWait(1).join(), /\b1\b/);
    if (dialect === postgresqlDialect) assert.match(dialect.limitLockWait(0).join(), /= 1$/);
  });

  test(`${dialect.engine}: what decides a race, a refusal or a wait is known by its code`, () => {
    const known = ['already-exists', 'duplicates', 'no-right', 'locked'] as const satisfies readonly Fault[];
    assert.equal(
      known.filter(
        (fault) =>
          !CODES.some(
            ([of, error, expected]) => of === dialect && expected === fault && dialect.faultOf(error) === fault,
          ),
      ),
      [],
    );
  });
}

/** Each dialect says where its codes are from; those of H2, PostgreSQL and MariaDB are met for real by the tests of the step. */
const CODES: readonly (readonly [Dialect, SqlError, Fault | undefined])[] = [
  ...rows(h2Dialect, [
    ['42S11', 90045, 'already-exists'],
    ['23505', 23505, 'duplicates'],
    ['90096', 90096, 'no-right'],
    ['HYT00', 50200, 'locked'],
  ]),
  ...rows(postgresqlDialect, [
    ['42P07', 0, 'already-exists'],
    ['23505', 0, 'duplicates'],
    ['42501', 0, 'no-right'],
    ['55P03', 0, 'locked'],
    ['08006', 0, 'not-ready'],
    ['57P03', 0, 'not-ready'],
    ['42601', 0, undefined],
  ]),
  ...rows(mysqlDialect, [
    ['42000', 1061, 'already-exists'],
    ['23000', 1062, 'duplicates'],
    ['42000', 1142, 'no-right'],
    ['HY000', 1205, 'locked'],
    ['28000', 1045, 'password'],
    ['08004', 1040, 'not-ready'],
    ['42000', 1064, undefined],
  ]),
  ...rows(sqlServerDialect, [
    ['S0001', 2714, 'already-exists'],
    ['S0001', 1505, 'duplicates'],
    ['S0001', 1088, 'no-right'],
    ['S0001', 1222, 'locked'],
    ['S0001', 18456, 'password'],
    ['S0001', 4060, 'not-found'],
    ['08S01', 0, 'not-ready'],
    ['S0001', 102, undefined],
  ]),
  ...rows(oracleDialect, [
    ['42000', 2261, 'already-exists'],
    ['42000', 2264, 'already-exists'],
    ['42000', 955, 'already-exists'],
    ['23000', 2299, 'duplicates'],
    ['42000', 1031, 'no-right'],
    ['61000', 54, 'locked'],
    ['72000', 1017, 'password'],
    ['08006', 12514, 'not-found'],
    ['08006', 17002, 'not-ready'],
    ['42000', 900, undefined],
  ]),
  ...rows(db2Dialect, [
    ['42710', -601, 'already-exists'],
    ['42889', -624, 'already-exists'],
    ['23515', -603, 'duplicates'],
    ['42501', -551, 'no-right'],
    ['40001', -911, 'locked'],
    ['57033', -913, 'locked'],
    ['28000', -4214, 'password'],
    ['08001', -4499, 'not-ready'],
    ['58009', -4499, 'not-ready'],
    ['08004', -4499, 'not-found'],
    ['42601', -104, undefined],
  ]),
];

for (const [dialect, error, fault] of CODES) {
  test(`${dialect.engine}: ${error.state} ${error.vendorCode} is ${fault ?? 'reported as the engine words it'}`, () => {
    assert.is(dialect.faultOf(error), fault);
  });
}

function rows(dialect: Dialect, codes: readonly (readonly [string, number, Fault | undefined])[]): typeof CODES {
  return codes.map(([state, vendorCode, fault]) => [dialect, new SqlError('words', { state, vendorCode }), fault]);
}

test.run();
