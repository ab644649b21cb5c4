import { existsSync } from 'node:fs';
import { appendFile, copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createIdentityDatabase } from '../../../sandbox/identity-database.js';
import { databaseOf } from '../../../src/database/engines.js';
import { checkFile } from '../../../src/database/mvstore/check-file.js';
import { lookAt } from '../../../src/database/mvstore/look.js';
import { readDatabase } from '../../../src/database/mvstore/read-table.js';
import { readRows } from '../../../src/database/mvstore/rows.js';
import type { Store } from '../../../src/database/mvstore/store.js';
import { consumerKeyStep } from '../../../src/database/step.js';
import type { BootstrapError } from '../../../src/errors.js';
import { Secret } from '../../../src/secret.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { engineOf } from './engine.js';

const engine = engineOf('2.2.224');
const { signal } = new AbortController();

/** What could be in a database of a stranger, and how it is named. */
const STRANGERS: readonly (readonly [sql: readonly string[], named: readonly string[]])[] = [
  [
    ["CREATE LINKED TABLE L ('', 'jdbc:h2:mem:x;INIT=CREATE TABLE IF NOT EXISTS T(A INT)', '', '', 'T')"],
    ['the linked table PUBLIC.L'],
  ],
  [['CREATE ALIAS "a b" FOR "java.lang.System.getProperty(java.lang.String)"'], ['the alias PUBLIC.a b']],
  [["CREATE ALIAS SRC AS 'String f() { return null; }'"], ['the alias PUBLIC.SRC']],
  [['CREATE FORCE TRIGGER TR BEFORE INSERT ON APPS FOR EACH ROW CALL "org.none.Trigger"'], ['the trigger PUBLIC.TR']],
  [['CREATE FORCE AGGREGATE AG FOR "org.none.Aggregate"'], ['the aggregate PUBLIC.AG']],
  [['CREATE VIEW V AS SELECT * FROM APPS'], ['the view PUBLIC.V']],
  [["CREATE DOMAIN D AS VARCHAR DEFAULT FILE_READ('/etc/passwd', NULL)"], ['the domain PUBLIC.D']],
  [['CREATE DOMAIN D AS INTEGER CHECK (VALUE > 0)'], ['the domain PUBLIC.D', 'the domain PUBLIC.D']],
  [['CREATE SYNONYM SY FOR APPS'], ['the synonym PUBLIC.SY']],
  [['CREATE CONSTANT C VALUE 1'], ['the constant PUBLIC.C']],
  [
    ["CREATE TABLE T (A INT, B VARCHAR DEFAULT FILE_READ('/etc/passwd', NULL))"],
    ['the table PUBLIC.T, for its column B: CHARACTER VARYING DEFAULT FILE_READ'],
  ],
  [['CREATE TABLE T (A INT, B INT GENERATED ALWAYS AS (A + 1))'], ['the table PUBLIC.T, for its column B']],
  [
    ["CREATE TABLE T (A INT, B INT DEFAULT 1 ON UPDATE CSVWRITE('x', 'SELECT 1'))"],
    ['the table PUBLIC.T, for its column B'],
  ],
  [['CREATE TABLE T (A JAVA_OBJECT)'], ['the table PUBLIC.T, for its column A: JAVA_OBJECT']],
  [['CREATE TABLE T (A GEOMETRY)'], ['the table PUBLIC.T, for its column A: GEOMETRY']],
  [['CREATE MEMORY TABLE T (A INT)'], ['the table PUBLIC.T']],
  [
    ["ALTER TABLE APPS ADD CONSTRAINT CH CHECK (FILE_READ('/etc/passwd', NULL) <> 'x')"],
    ['the check constraint PUBLIC.CH on PUBLIC.APPS'],
  ],
  [['SET ALLOW_LITERALS NONE'], ['the setting ALLOW_LITERALS']],
];

for (const [sql, named] of STRANGERS) {
  test(`${named.join(' and ') || 'nothing'} is found after ${sql[0]}`, () =>
    withDatabase(['CREATE TABLE APPS (A INT)', ...sql], async (path) => {
      const { strangers } = await checkFile(path);
      assert.is(strangers.length, new Set(named).size, strangers.join());
      for (const [index, name] of [...new Set(named)].entries())
        assert.ok(strangers[index]?.startsWith(name), strangers[index]);
    }));
}

test('what a person adds without code is no stranger, nor is what the sandbox makes', async () => {
  await withDatabase(
    [
      "CREATE SCHEMA S; CREATE TABLE S.T (A INT PRIMARY KEY, B VARCHAR(5) DEFAULT 'a''b' NOT NULL COMMENT 'x', C TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
      "CREATE USER R PASSWORD 'x'; CREATE ROLE RR; GRANT RR TO R; GRANT SELECT, INSERT ON S.T TO RR; GRANT SELECT ON SCHEMA S TO R",
      "COMMENT ON COLUMN S.T.A IS 'ä (\"'",
      'CREATE SEQUENCE SQ START WITH -5 INCREMENT BY 2 MAXVALUE 9 CYCLE NO CACHE',
      'CREATE UNIQUE NULLS NOT DISTINCT INDEX UX ON S.T (B DESC NULLS LAST) INCLUDE (C)',
      'SET DB_CLOSE_DELAY -1',
    ],
    async (path) => assert.equal((await checkFile(path)).strangers, []),
  );
  await withTempFolder(async (folder) => {
    const file = join(folder, 'S');
    createIdentityDatabase(engine.java, file, { username: 'wso2carbon', password: new Secret('wso2carbon') });
    assert.equal((await checkFile(`${file}.mv.db`)).strangers, []);
  });
});

test('what a transaction has open is told as it was, or, for the check, as it was and as it would be', () =>
  withTempFolder(async (folder) => {
    const path = join(folder, 'T');
    const [connection, other] = [engine.connect(path), engine.connect(path)];
    connection.execute("CREATE TABLE T (A INT PRIMARY KEY, B VARCHAR) AS VALUES (1, 'old'), (2, 'kept')");
    other.setAutoCommit(false);
    other.execute("UPDATE T SET B = 'new' WHERE A = 1");
    other.execute("INSERT INTO T VALUES (3, 'added')");
    connection.execute('CHECKPOINT SYNC');
    const read = (store: Store, choice: 'committed' | 'all') => {
      const { definition, isCommitted } = readDatabase(store);
      const source = { store, mapName: `table.${definition.tables[0]?.id}`, columns: [1] };
      return [...readRows({ ...source, isCommitted: choice === 'all' ? undefined : isCommitted })].flat(2);
    };
    assert.equal(await lookAt(`${path}.mv.db`, (store) => read(store, 'committed'), signal), ['old', 'kept']);
    assert.equal(await lookAt(`${path}.mv.db`, (store) => read(store, 'all'), signal), ['new', 'old', 'kept', 'added']);
    connection.execute('SHUTDOWN IMMEDIATELY');
  }));

test('apply refuses by name, before the engine opens the file; plan says so and changes nothing', () =>
  withTempFolder(async (folder) => {
    const marker = join(folder, 'executed.csv');
    const connection = engine.connect(join(folder, 'WSO2IDENTITY_DB'));
    const run = `CALL CSVWRITE('${marker}', 'SELECT 1')`.replaceAll("'", "''");
    connection.execute(
      'CREATE TABLE IDN_OAUTH_CONSUMER_APPS (ID INT PRIMARY KEY, CONSUMER_KEY VARCHAR(255), TENANT_ID INT, APP_NAME VARCHAR(255))',
    );
    connection.execute(`CREATE FORCE LINKED TABLE BAD ('', 'jdbc:h2:mem:x;INIT=${run}', '', '', 'T')`);
    connection.close();
    await rm(marker, { force: true });
    const step = consumerKeyStep({ connection: () => connectionTo(folder) });
    const [change] = step.plan(await step.inspect(signal));
    assert.is(change?.obstacle?.code, 'DATABASE_UNSAFE');
    const database = await databaseOf(connectionTo(folder));
    const error = await database
      .withWriter(async () => assert.unreachable(), signal)
      .catch((thrown: BootstrapError) => thrown);
    assert.is((error as BootstrapError).code, 'DATABASE_UNSAFE');
    assert.match((error as BootstrapError).message, 'the linked table PUBLIC.BAD');
    assert.not.ok(existsSync(marker), 'nothing was executed');
  }));

test('a file that was replaced or written to since the check is not the one that was checked', () =>
  withDatabase(['CREATE TABLE T (A INT)'], async (path) => {
    const { isUnchanged } = await checkFile(path);
    assert.ok(isUnchanged());
    await appendFile(path, 'x');
    assert.not.ok(isUnchanged());
    const again = await checkFile(path);
    await copyFile(path, `${path}.other`);
    await rename(`${path}.other`, path);
    assert.not.ok(again.isUnchanged());
    await rm(path);
    assert.not.ok(again.isUnchanged());
  }));

async function withDatabase(sql: readonly string[], use: (path: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const connection = engine.connect(join(folder, 'T'));
    for (const statement of sql) connection.execute(statement);
    connection.execute('SHUTDOWN');
    await use(join(folder, 'T.mv.db'));
  });
}

function connectionTo(folder: string) {
  return {
    url: `jdbc:h2:${folder}/WSO2IDENTITY_DB`,
    username: 'wso2carbon',
    password: new Secret('wso2carbon'),
    lockTimeoutMs: 1_000,
  };
}

test.run();
