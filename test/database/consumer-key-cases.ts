import { chmod, open, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/codes.js';
import type { Catalogue } from '../../src/database/catalogue.js';
import type { DatabaseConnection } from '../../src/database/connection.js';
import { h2Dialect } from '../../src/database/dialects/h2.js';
import { databaseOf } from '../../src/database/engines.js';
import { leftoverConstraintStep } from '../../src/database/leftover-step.js';
import { readingBy } from '../../src/database/sql-catalogue.js';
import { consumerKeyStep } from '../../src/database/step.js';
import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import type { PlannedChange } from '../../src/step/step.js';
import { assertRejects } from '../support/assert-rejects.js';
import { converges, snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import {
  connectionTo,
  createDatabase,
  execute,
  IDENTITY_TABLES,
  PASSWORD,
  queryOne,
  type TestDatabase,
  whileHeld,
  withSession,
} from './identity-database.js';

const ADD_OURS = 'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT';
const SUMMARY =
  'add UNIQUE (CONSUMER_KEY) to IDN_OAUTH_CONSUMER_APPS as UNIQUE_CONSUMER_KEY_CONSTRAINT in WSO2IDENTITY_DB (H2)';
const { signal } = new AbortController();

/** What the step promises on H2 files of one version of the engine, each version in a process of its own. */
export function consumerKeyCases(version: string): void {
  test('the constraint is added once, in place, and nothing else is left in the folder', () =>
    withDatabase(async (database) => {
      const file = join(database.folder, 'WSO2IDENTITY_DB.mv.db');
      await chmod(file, 0o604);
      const { ino } = await stat(file);
      assert.equal(await converges(stepOn(database), database.folder), [SUMMARY]);
      assert.equal([(await stat(file)).ino, (await stat(file)).mode & 0o777], [ino, 0o604]);
      assert.equal(await readdir(database.folder), ['WSO2IDENTITY_DB.mv.db']);
      const second = "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID) VALUES ('CONSOLE', 7)";
      await assertRejects(execute(database, second), /UNIQUE_CONSUMER_KEY_CONSTRAINT/);
      assert.is(await queryOne(database, 'SELECT COUNT(*) FROM IDN_OIDC_PROPERTY'), '1');
      assert.is(await queryOne(database, 'SELECT COUNT(*) FROM IDN_OAUTH_CONSUMER_APPS'), '3');
    }));

  test('what the recipe legacy left is named, and dropped only when told to', () =>
    withDatabase(async (database) => {
      const connection = () => connectionTo(database);
      await execute(database, `${ADD_OURS} UNIQUE (CONSUMER_KEY)`);
      const named = leftoverConstraintStep({ connection, leftovers: 'name' });
      const state = await named.inspect(signal);
      assert.equal(named.plan(state), []);
      assert.is(named.notices?.(state)[0]?.code, 'RECIPE_LEFTOVER');
      const removing = leftoverConstraintStep({ connection, leftovers: 'remove' });
      const summary = 'drop UNIQUE_CONSUMER_KEY_CONSTRAINT from IDN_OAUTH_CONSUMER_APPS in WSO2IDENTITY_DB (H2)';
      assert.equal(await converges(removing, database.folder), [summary]);
      await execute(database, "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID) VALUES ('CONSOLE', 7)");
    }));

  test('a unique key of another name is not ours to drop', () =>
    withDatabase(async (database) => {
      await execute(database, 'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT OTHER UNIQUE (CONSUMER_KEY)');
      const step = leftoverConstraintStep({ connection: () => connectionTo(database), leftovers: 'remove' });
      const state = await step.inspect(signal);
      assert.equal(step.plan(state), []);
      assert.match(step.notices?.(state)[0]?.hint ?? '', 'find out who made it');
    }));

  test('looking changes nothing on disk, down to ctime, whether the constraint is missing or there', () =>
    withDatabase(async (database) => {
      for (const statement of ['SELECT 1', `${ADD_OURS} UNIQUE (CONSUMER_KEY)`]) {
        await execute(database, statement);
        const before = await snapshot(database.folder);
        await planOf(database);
        assert.equal(await snapshot(database.folder), before);
      }
    }));

  for (const statement of [
    'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT OTHER UNIQUE (CONSUMER_KEY)',
    'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD UNIQUE (CONSUMER_KEY)',
    'CREATE UNIQUE INDEX OTHER ON IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY)',
  ]) {
    test(`in sync under any name: ${statement}`, () =>
      withDatabase(async (database) => {
        await execute(database, statement);
        assert.equal(await planOf(database), []);
      }));
  }

  for (const [statement, on] of [
    [`${ADD_OURS} UNIQUE (APP_NAME, CONSUMER_KEY)`, 'IDN_OAUTH_CONSUMER_APPS (APP_NAME, CONSUMER_KEY)'],
    [`${ADD_OURS} CHECK (ID > 0)`, 'IDN_OAUTH_CONSUMER_APPS, where it is no unique key'],
    [
      'ALTER TABLE IDN_OIDC_PROPERTY ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (ID)',
      'IDN_OIDC_PROPERTY (ID)',
    ],
  ] as const) {
    test(`our name on ${on} is a conflict`, () =>
      withDatabase(async (database) => {
        await execute(database, statement);
        const error = await failureOf(planOf(database), 'DATABASE_CONFLICT');
        assert.is(
          error.message,
          `WSO2IDENTITY_DB (H2) has a constraint UNIQUE_CONSUMER_KEY_CONSTRAINT already, but on ${on} instead of IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY)`,
        );
        assert.match(error.hint, /drop or rename it/);
      }));
  }

  test('shared consumer keys are listed with tenants and applications, and stay', () =>
    withDatabase(async (database) => {
      await execute(
        database,
        "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID, APP_NAME) SELECT 'CONSOLE', X, 'Console' FROM SYSTEM_RANGE(1, 6)",
        "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID) SELECT 'k' || LPAD(X, 2, '0'), T FROM SYSTEM_RANGE(1, 24) CROSS JOIN (SELECT X AS T FROM SYSTEM_RANGE(1, 2))",
      );
      const error = await failureOf(planOf(database), 'DATABASE_DUPLICATES');
      const lines = error.message.split('\n  ');
      assert.is(
        lines[0],
        'WSO2IDENTITY_DB (H2): 25 consumer keys of IDN_OAUTH_CONSUMER_APPS shared by 55 applications, so CONSUMER_KEY cannot be made unique',
      );
      assert.is(
        lines[1],
        'CONSOLE: 7 applications (tenant -1234 Console, tenant 1 Console, tenant 2 Console, tenant 3 Console, tenant 4 Console, …)',
      );
      assert.is(lines[2], 'k01: 2 applications (tenant 1 (no name), tenant 2 (no name))');
      assert.equal([lines.length, lines.at(-1)], [22, 'and 5 more']);
      assert.match(error.hint, /recipe = "current"/);
      assert.is(await queryOne(database, 'SELECT COUNT(*) FROM IDN_OAUTH_CONSUMER_APPS'), '57');
    }));

  test('a database without the table, and that of API Manager, are told apart', () =>
    withTempFolder(async (folder) => {
      const database = await createDatabase(folder, version, ['CREATE TABLE AM_SYSTEM (ID INT)']);
      const missing = await failureOf(planOf(database), 'DATABASE_TABLE_MISSING');
      assert.is(missing.message, 'WSO2IDENTITY_DB (H2) has no table IDN_OAUTH_CONSUMER_APPS');
      await execute(database, ...IDENTITY_TABLES, 'CREATE TABLE AM_API (API_ID INT)');
      const wrong = await failureOf(planOf(database), 'DATABASE_WRONG');
      assert.match(wrong.message, /is a database of API Manager, .*AM_API$/);
    }));

  test('the table in several schemas is refused with their names until one is named, by the setting or in the URL', () =>
    withDatabase(async (database) => {
      await execute(database, 'CREATE SCHEMA "Iam"', 'SET SCHEMA "Iam"', ...IDENTITY_TABLES);
      const error = await failureOf(planOf(database), 'DATABASE_AMBIGUOUS');
      assert.match(error.message, /more than once: .* in schema Iam$/);
      await converges(stepOn(database, { schema: 'Iam' }), database.folder);
      assert.equal(await planOf(database, { url: 'jdbc:h2:./WSO2IDENTITY_DB;SCHEMA="Iam"' }), []);
      assert.equal((await planOf(database, { schema: 'PUBLIC' })).length, 1);
    }));

  test('where only one application may have no key, an engine that is asked tells that several share it', () =>
    withDatabase(async (database) => {
      const dialect = { ...h2Dialect, emptyKeys: 'one' } as const;
      const { withCatalogue } = readingBy((use) => withSession(database, use), dialect);
      const { keys, rows, listed } = await withCatalogue((catalogue) => catalogue.duplicates(), signal);
      assert.equal([keys, rows], [1, 2]);
      const apps = [
        { tenant: '1', name: 'a' },
        { tenant: '2', name: 'b' },
      ];
      assert.equal(listed, [{ key: '(no key)', rows: 2, apps }]);
    }));

  test('what is read as data is what the engine answers', () =>
    withDatabase(async (database) => {
      await execute(
        database,
        "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID, APP_NAME) SELECT 'CONSOLE', X, 'Console' FROM SYSTEM_RANGE(1, 6)",
        'CREATE UNIQUE INDEX OTHER ON IDN_OAUTH_CONSUMER_APPS (APP_NAME, TENANT_ID)',
        `${ADD_OURS} UNIQUE (APP_NAME, CONSUMER_KEY, TENANT_ID)`,
        'CREATE SCHEMA OTHER',
        'CREATE TABLE OTHER.IDN_OAUTH_CONSUMER_APPS (ID INT)',
      );
      const asked = readingBy((use) => withSession(database, use), h2Dialect);
      const read = await databaseOf(connectionTo(database));
      const [one, other] = [await asked.withCatalogue(answersOf, signal), await read.withCatalogue(answersOf, signal)];
      assert.equal(other, one);
    }));

  test('a file that is missing is named and never created', () =>
    withDatabase(async (database) => {
      for (const name of ['OTHER', 'none/OTHER', 'WSO2IDENTITY_DB.mv.db/OTHER']) {
        const error = await failureOf(planOf(database, { url: `jdbc:h2:./${name}` }), 'DATABASE_NOT_FOUND');
        assert.is(error.message, `the database OTHER (H2) is not there: no file ${database.folder}/${name}.mv.db`);
      }
      assert.equal(await readdir(database.folder), ['WSO2IDENTITY_DB.mv.db']);
    }));

  test('a wrong password is its own failure and leaves no trace file', () =>
    withDatabase(async (database) => {
      const error = await failureOf(planOf(database, { password: new Secret('wrong') }), 'DATABASE_PASSWORD_WRONG');
      assert.match(error.message, /refused the password of user "wso2carbon"/);
      assert.match(error.hint, /KMB_DATABASE_PASSWORD/);
      assert.equal(await readdir(database.folder), ['WSO2IDENTITY_DB.mv.db']);
    }));

  test('a file that may not be read is said to be so', () =>
    withDatabase(async (database) => {
      await chmod(database.folder, 0o755);
      await chmod(join(database.folder, 'WSO2IDENTITY_DB.mv.db'), 0);
      await asOrdinaryUser(() => failureOf(planOf(database), 'FILE_UNREADABLE'));
    }));

  test('a file that may only be read can be looked at, and apply says that it may not be written', () =>
    withDatabase(async (database) => {
      await chmod(database.folder, 0o755);
      await chmod(join(database.folder, 'WSO2IDENTITY_DB.mv.db'), 0o444);
      const [change] = await planOf(database);
      await asOrdinaryUser(() => failureOf(applyTo(database, change), 'FILE_UNWRITABLE'));
    }));

  test('a damaged file is said to be damaged, and stays as it is', () =>
    withDatabase(async (database) => {
      const file = join(database.folder, 'WSO2IDENTITY_DB.mv.db');
      await truncate(file, (await stat(file)).size - 5_000);
      const before = await snapshot(database.folder);
      const error = await failureOf(planOf(database), 'DATABASE_FAILED');
      assert.match(error.message, /is damaged, or of another version of H2/);
      assert.equal(await snapshot(database.folder), before);
    }));

  test('an empty file is a failure that names it', () =>
    withTempFolder(async (folder) => {
      const database = await createDatabase(folder, version);
      await writeFile(join(folder, 'EMPTY.mv.db'), '');
      const error = await failureOf(planOf(database, { url: 'jdbc:h2:./EMPTY' }), 'DATABASE_FAILED');
      assert.match(`${error.message} ${error.hint}`, /EMPTY\.mv\.db/);
    }));

  test('held by a running server: the change is shown, and cannot be applied', () =>
    withDatabase(async (database) => {
      const before = await snapshot(database.folder);
      await whileHeld(database, async () => {
        const changes = await planOf(database);
        assert.equal(changes, [{ action: 'add', summary: SUMMARY }]);
        const error = await failureOf(applyTo(database, changes[0]), 'DATABASE_IN_USE');
        assert.match(error.message, /^the database WSO2IDENTITY_DB \(H2\) is held open by another process/);
        assert.match(error.hint, /Stop Identity Server 7 and run again, or run `km-bootstrap apply --phase offline`/);
      });
      assert.equal(Object.keys(await snapshot(database.folder)), Object.keys(before));
    }));

  test('held by a running server that was killed later: in sync while it runs, and readable after', () =>
    withDatabase(async (database) => {
      await execute(database, `${ADD_OURS} UNIQUE (CONSUMER_KEY)`);
      await whileHeld(database, async () => {
        assert.equal(await planOf(database), []);
        await failureOf(planOf(database, { password: new Secret('wrong') }), 'DATABASE_PASSWORD_WRONG');
      });
      assert.equal(await planOf(database), []);
    }));

  test('a file that was overwritten while a server holds it is looked at until it is at rest, and an abort ends the wait', () =>
    withDatabase(async (database) => {
      await whileHeld(database, async () => {
        const path = join(database.folder, 'WSO2IDENTITY_DB.mv.db');
        await overwriteStart(path);
        await assertRejects(stepOn(database).inspect(AbortSignal.timeout(100)), /aborted/);
        // The server may write its header over ours in between.
        const error = await planOf(database).catch((thrown: BootstrapError) => thrown);
        assert.match((error as BootstrapError).code, /^DATABASE_(FORMAT_UNKNOWN|FAILED)$/);
      });
    }));

  test('the temporary files of a server, running or killed, are left alone by looking', () =>
    withDatabase(async (database) => {
      await writeFile(join(database.folder, 'WSO2IDENTITY_DB.1.temp.db'), 'x');
      const before = await snapshot(database.folder);
      assert.equal(await planOf(database), [{ action: 'add', summary: SUMMARY }]);
      assert.equal(await snapshot(database.folder), before);
      await whileHeld(database, async () => {
        await writeFile(join(database.folder, 'WSO2IDENTITY_DB.2.temp.db'), 'x');
        await failureOf(applyTo(database, { action: 'add', summary: SUMMARY }), 'DATABASE_IN_USE');
        await planOf(database);
        assert.ok((await readdir(database.folder)).includes('WSO2IDENTITY_DB.2.temp.db'));
      });
    }));

  test('another run that was faster is success', () =>
    withDatabase(async (database) => {
      const [change] = await planOf(database);
      await execute(database, `${ADD_OURS} UNIQUE (CONSUMER_KEY)`);
      await applyTo(database, change);
      assert.equal(await planOf(database), []);
    }));

  test('a shared key that came between looking and writing fails the change and stays', () =>
    withDatabase(async (database) => {
      const [change] = await planOf(database);
      await execute(database, "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID) VALUES ('CONSOLE', 1)");
      await failureOf(applyTo(database, change), 'DATABASE_DUPLICATES');
      await failureOf(planOf(database), 'DATABASE_DUPLICATES');
    }));

  test('a database that says to stay open after its last connection is closed all the same', () =>
    withDatabase(async (database) => {
      await execute(database, 'SET DB_CLOSE_DELAY -1', 'SHUTDOWN');
      await converges(stepOn(database), database.folder);
      await whileHeld(database, async () => assert.equal(await planOf(database), []));
    }));

  test('settings of the URL that would do harm are left out, whatever their case', () =>
    withDatabase(async (database) => {
      const harmful =
        'auto_server=TRUE;db_close_delay=-1;ifexists=false;Access_Mode_Data=rws;TRACE_LEVEL_FILE=3;PASSWORD=x;mode=REGULAR;schema=PUBLIC';
      const url = `jdbc:h2:./WSO2IDENTITY_DB;${harmful}`;
      await converges(stepOn(database, { url }), database.folder);
      assert.equal(await readdir(database.folder), ['WSO2IDENTITY_DB.mv.db']);
    }));

  function withDatabase(use: (database: TestDatabase) => Promise<void>): Promise<void> {
    return withTempFolder(async (folder) => use(await createDatabase(folder, version)));
  }
}

function stepOn(database: TestDatabase, overrides: Partial<DatabaseConnection> = {}) {
  return consumerKeyStep({ connection: () => connectionTo(database, overrides) });
}

async function planOf(
  database: TestDatabase,
  overrides: Partial<DatabaseConnection> = {},
): Promise<readonly PlannedChange[]> {
  const step = stepOn(database, overrides);
  return step.plan(await step.inspect(signal));
}

async function applyTo(database: TestDatabase, change: PlannedChange | undefined): Promise<void> {
  assert.ok(change, 'there is a change to apply');
  await stepOn(database).apply(change, signal);
}

/** The failure, whose message, hint and causes hold neither a Java stack in what is shown nor the password anywhere. */
async function failureOf(promise: Promise<unknown>, code: ErrorCode): Promise<BootstrapError> {
  const error = await promise.then(
    () => assert.unreachable(`expected ${code}`),
    (thrown: BootstrapError) => thrown,
  );
  assert.is((error as BootstrapError).code, code, inspect(error));
  const { message, hint } = error as BootstrapError;
  assert.not.match(`${message} ${hint}`, /\sat org\.|Exception:|SQL statement/);
  assert.ok(hint.length > 20);
  assert.not.ok(inspect(error, { depth: 9 }).includes(PASSWORD));
  return error as BootstrapError;
}

/** The superuser may read everything; these tests mean someone who may not. */
async function asOrdinaryUser(use: () => Promise<unknown>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    await use();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

/** All that the steps may ask of a database. */
async function answersOf(catalogue: Catalogue): Promise<unknown> {
  const indexes = await catalogue.uniqueIndexes('IDN_OAUTH_CONSUMER_APPS');
  return {
    tables: [...(await catalogue.tables('I'))].sort(),
    none: await catalogue.tables('AM_API'),
    others: await catalogue.otherSchemasOf('IDN_OAUTH_CONSUMER_APPS'),
    indexes: [...new Set(indexes.map(({ columns }) => columns.join()))].sort(),
    namesake: await catalogue.namesake(),
    duplicates: await catalogue.duplicates(),
  };
}

async function overwriteStart(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(16_384, 'x'), 0);
  await file.close();
}
