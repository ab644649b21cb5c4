import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type JdbcTarget, withJdbc } from '../../../src/database/drivers/jdbc.js';
import { type Session, SqlError } from '../../../src/database/session.js';
import type { BootstrapError } from '../../../src/errors.js';
import { javaLibrary } from '../../../src/jvm/libraries.js';
import { Secret } from '../../../src/secret.js';
import { withTempFolder } from '../../support/temp-folder.js';

test('rows come as text in order, NULL as null, and no more than asked for', () =>
  withSession(async (session) => {
    await session.execute("CREATE TABLE T (A INT, B VARCHAR) AS VALUES (1, 'ä ''x'''), (2, NULL), (3, '')");
    assert.equal(await session.query('SELECT * FROM T ORDER BY A', 2), [
      ['1', "ä 'x'"],
      ['2', null],
    ]);
    assert.equal(await session.query('SELECT * FROM T WHERE A > 3', 2), []);
  }));

test('tables are those of the current schema that start with the letters given', () =>
  withSession(async (session) => {
    await session.execute('CREATE TABLE AM_API (A INT)');
    await session.execute('CREATE TABLE AMXAPI (A INT)');
    await session.execute('CREATE SCHEMA OTHER');
    await session.execute('CREATE TABLE OTHER.AM_ELSE (A INT)');
    assert.equal(await session.tables('AM_'), ['AM_API']);
  }));

test('unique indexes have their columns in key order, others are left out', () =>
  withSession(async (session) => {
    await session.execute('CREATE TABLE T (A INT PRIMARY KEY, B INT, C INT)');
    await session.execute('CREATE UNIQUE INDEX CB ON T (C, B)');
    await session.execute('CREATE INDEX PLAIN ON T (B)');
    const indexes = await session.uniqueIndexes('T');
    assert.equal(indexes.map(({ columns }) => columns.join()).sort(), ['A', 'C,B']);
  }));

test('an error has the engine’s own codes and one line, without Java’s stack or the statement', () =>
  withSession(async (session) => {
    const error = await failureOf<SqlError>(session.execute('SELECT * FROM NONE'));
    assert.instance(error, SqlError);
    assert.equal([error.vendorCode, error.state], [42104, '42S04']);
    assert.match(error.message, /^Table "NONE" not found[^\n]*$/);
    assert.not.match(error.message, /SELECT|at org/);
  }));

test('a URL that the driver does not take, and a driver that is not there, are told apart', () =>
  withTarget(async (target) => {
    const refused = await failureOf<SqlError>(withJdbc({ ...target, url: 'jdbc:other:x' }, never));
    assert.match(refused.message, /^org\.h2\.Driver does not take/);
    const missing = await failureOf<BootstrapError>(withJdbc({ ...target, driverClass: 'org.none.Driver' }, never));
    assert.is(missing.code, 'DATABASE_DRIVER_MISSING');
    assert.match(missing.message, /^the JDBC driver org\.none\.Driver cannot be loaded: [^\n]+$/);
  }));

test('the connection is closed when its use fails', () =>
  withTarget(async (target) => {
    const error = await failureOf(withJdbc(target, () => Promise.reject(new Error('mine'))));
    assert.is(error.message, 'mine');
    await withJdbc({ ...target, url: `${target.url};ACCESS_MODE_DATA=r` }, async (session) => {
      await failureOf(session.execute('CREATE TABLE T (A INT)'));
    });
  }));

function withSession(use: (session: Session) => Promise<void>): Promise<void> {
  return withTarget((target) => withJdbc(target, use));
}

function withTarget(use: (target: JdbcTarget) => Promise<void>): Promise<void> {
  return withTempFolder((folder) =>
    use({
      driverClass: 'org.h2.Driver',
      jars: [javaLibrary('h2-2.2.224.jar')],
      url: `jdbc:h2:${join(folder, 'T')}`,
      username: 'u',
      password: new Secret('p'),
    }),
  );
}

function never(): never {
  throw new Error('this must not be reached');
}

async function failureOf<E extends Error>(promise: Promise<unknown>): Promise<E> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: E) => error,
  );
}

test.run();
