import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { databaseOf } from '../../../src/database/engines.js';
import { db2Url, type JdbcUrl, oracleUrl, sqlServerUrl } from '../../../src/database/jdbc-url.js';
import type { BootstrapError } from '../../../src/errors.js';
import { startJvm } from '../../../src/jvm/jvm.js';
import { javaLibrary } from '../../../src/jvm/libraries.js';
import { Secret } from '../../../src/secret.js';
import { freePort } from '../../support/database-servers.js';
import { withTempFolder } from '../../support/temp-folder.js';

/** These engines are not run: what can be seen without a server is that each driver loads, takes our URL, and fails in our words. */
const JARS = ['mssql-jdbc-12.10.1.jre11.jar', 'ojdbc11-23.7.0.25.01.jar', 'jcc-11.5.9.0.jar'].map(javaLibrary);

for (const [driverClass, readUrl, urls] of [
  [
    'com.microsoft.sqlserver.jdbc.SQLServerDriver',
    sqlServerUrl,
    [
      'jdbc:sqlserver://db:1433;databaseName=IDENTITY;SendStringParametersAsUnicode=false',
      'jdbc:sqlserver://db\\inst;database=ID',
    ],
  ],
  [
    'oracle.jdbc.OracleDriver',
    oracleUrl,
    ['jdbc:oracle:thin:@db:1521/service', 'jdbc:oracle:thin:@db:1521:SID', 'jdbc:oracle:thin:@//[::1]:1521/service'],
  ],
  ['com.ibm.db2.jcc.DB2Driver', db2Url, ['jdbc:db2://db:50000/IDENT', 'jdbc:db2://db:50000/IDENT:currentSchema=IAM;']],
] as const satisfies readonly (readonly [string, (given: never) => JdbcUrl, readonly string[]])[]) {
  for (const url of urls) {
    test(`${driverClass} loads and takes ${url}`, () => {
      const driver = startJvm(JARS).newInstanceSync(driverClass);
      assert.ok(driver.acceptsURLSync(readUrl(connection(url)).url));
    });
  }
}

for (const url of [
  'jdbc:sqlserver://127.0.0.1:PORT;databaseName=IDENTITY',
  'jdbc:oracle:thin:@127.0.0.1:PORT/service',
  'jdbc:oracle:thin:@127.0.0.1:PORT:SID',
  'jdbc:db2://127.0.0.1:PORT/IDENT:sslConnection=true;',
]) {
  test(`a server that is down can be waited for: ${url}`, async () => {
    startJvm(JARS);
    const port = await freePort();
    const error = await failureOf(look(connection(url.replace('PORT', String(port)))));
    assert.is(error.code, 'DATABASE_UNREACHABLE', `${error.code} ${error.message}`);
    assert.match(error.message, `at 127.0.0.1:${port} takes no connection now`);
    assert.not.match(error.message, /hush|\sat com\.|\n/);
  });
}

test('a driver that is set but not there is said, by its path', async () => {
  const error = await failureOf(
    look({ ...connection('jdbc:db2://db:50000/X:sslConnection=true'), driverJar: '/none/driver.jar' }),
  );
  assert.is(error.code, 'DATABASE_DRIVER_MISSING');
  assert.match(error.message, '/none/driver.jar');
});

test('a jar that is no driver is said', () =>
  withTempFolder(async (folder) => {
    await mkdir(join(folder, 'lib'));
    const driverJar = join(folder, 'lib', 'empty.jar');
    await writeFile(driverJar, '');
    const error = await failureOf(look({ ...connection('jdbc:db2://db:50000/X:sslConnection=true'), driverJar }));
    // The JVM of these tests runs already, and its class path is fixed.
    assert.is(error.code, 'JVM_CLASSPATH_FIXED');
  }));

function connection(url: string) {
  return { url, username: 'u', password: new Secret('hush'), lockTimeoutMs: 10_000 };
}

async function look(given: Parameters<typeof databaseOf>[0]): Promise<unknown> {
  const database = await databaseOf(given);
  return database.withCatalogue(async () => 'connected', AbortSignal.timeout(15_000));
}

async function failureOf(promise: Promise<unknown>): Promise<BootstrapError> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: BootstrapError) => error,
  );
}

test.run();
