import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { databaseOf, isFileDatabase } from '../../src/database/engines.js';
import { consumerKeyStep } from '../../src/database/step.js';
import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';

for (const [url, label] of [
  ['JDBC:H2:/data/WSO2IDENTITY_DB', 'WSO2IDENTITY_DB (H2)'],
  ['jdbc:postgresql://db/Identity', 'Identity (PostgreSQL)'],
  ['jdbc:mysql://db/identity?useSSL=false', 'identity (MySQL)'],
  ['jdbc:mariadb://db/identity', 'identity (MariaDB)'],
  ['jdbc:sqlserver://db;databaseName=identity', 'identity (SQL Server)'],
  ['jdbc:oracle:thin:@db:1521/identity', 'identity (Oracle)'],
  ['jdbc:db2://db:50000/IDENT', 'IDENT (DB2)'],
] as const) {
  test(`${url} is ${label}, and no driver is needed to know it`, async () => {
    assert.is((await databaseOf(connection(url))).label, label);
    assert.is(isFileDatabase(url), label.endsWith('(H2)'));
  });
}

for (const [url, named] of [
  ['jdbc:derby://db/identity?password=hush', 'a jdbc:derby: URL'],
  ['postgres://me:hush@db/identity', 'a URL that is not JDBC'],
] as const) {
  test(`${named} is refused with the statement to run by hand, and nothing of the URL`, async () => {
    const { code, message, hint } = await failureOf(databaseOf(connection(url)));
    assert.is(EXIT_CODE_OF[code], 78);
    assert.match(message, `the identity database is named by ${named}, which is none of h2, postgresql, mysql,`);
    assert.match(
      hint,
      '`ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY)`',
    );
    assert.not.match(message + hint, /hush/);
  });
}

test('the connection is not resolved before the step looks, and its failure is the step’s', async () => {
  const step = consumerKeyStep({ connection: () => Promise.reject(new Error('no placeholder value')) });
  const error = await failureOf(step.inspect(new AbortController().signal));
  assert.is(error.message, 'no placeholder value');
});

function connection(url: string) {
  return { url, username: 'u', password: new Secret('p'), lockTimeoutMs: 10_000 };
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
