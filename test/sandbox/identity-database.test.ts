import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type ConsumerApp,
  createIdentityDatabase,
  type IdentityDatabase,
  openIdentityDatabase,
} from '../../sandbox/identity-database.js';
import { Secret } from '../../src/secret.js';
import { withTempFolder } from '../support/temp-folder.js';
import { credentials, jvm } from './is7/stand-in.js';

const APP: ConsumerApp = {
  consumerKey: 'key',
  consumerSecret: 'secret',
  name: "O'Brien's app",
  owner: 'admin',
  callbackUrl: '',
  grantTypes: ['client_credentials', 'password'],
  userTokenSeconds: 60,
  applicationTokenSeconds: 120,
  registered: { ext_allowed_audience: 'organization' },
};

function withDatabase(use: (database: IdentityDatabase, file: string) => void): Promise<void> {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'WSO2IDENTITY_DB');
    createIdentityDatabase(jvm, file, credentials);
    const database = openIdentityDatabase(jvm, file, credentials);
    try {
      use(database, file);
    } finally {
      database.close();
    }
  });
}

test('a new database holds the system applications', () =>
  withDatabase((database) => {
    assert.is(database.findApp('CONSOLE')?.name, 'Console');
    assert.is(database.findAppByName('My Account')?.consumerKey, 'MY_ACCOUNT');
  }));

test('an application is found again after the database was closed', () =>
  withDatabase((database, file) => {
    database.addApp(APP);
    database.close();
    const again = openIdentityDatabase(jvm, file, credentials);
    assert.equal(again.findApp('key'), APP);
    again.close();
  }));

test('a removed application takes its tokens along', () =>
  withDatabase((database) => {
    database.addApp(APP);
    database.addToken('token', 'key');
    assert.is(database.isTokenActive('token'), true);
    database.removeApp('key');
    assert.is(database.findApp('key'), undefined);
    assert.is(database.isTokenActive('token'), false);
  }));

test('one key may stand in two tenants, and the rule that says so cannot be dropped', () =>
  withDatabase((database, file) => {
    database.close();
    withStatements(file, (execute) => {
      const insert = "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID) VALUES ('CONSOLE', ";
      execute(`${insert}1)`);
      assert.throws(() => execute(`${insert}1)`), /CONSUMER_KEY_CONSTRAINT/);
      const drop = 'ALTER TABLE IDN_OAUTH_CONSUMER_APPS DROP CONSTRAINT CONSUMER_KEY_CONSTRAINT';
      assert.throws(() => execute(drop), /depends on|CONSTRAINT/);
    });
  }));

test("the guide's constraint can be added to it as shipped", () =>
  withDatabase((database, file) => {
    database.close();
    withStatements(file, (execute) =>
      execute(
        'ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY)',
      ),
    );
  }));

test('a wrong password, a missing file and a database made twice are clear errors without a Java stack', () =>
  withDatabase((database, file) => {
    database.close();
    const wrong = { ...credentials, password: new Secret('secret-word') };
    for (const attempt of [
      () => openIdentityDatabase(jvm, file, wrong),
      () => openIdentityDatabase(jvm, `${file}-none`, credentials),
      () => createIdentityDatabase(jvm, file, credentials),
    ]) {
      assert.throws(attempt, (error: Error & { code?: string }) => {
        return error.code === 'SANDBOX_FAILED' && !/\tat |secret-word/.test(error.message);
      });
    }
  }));

function withStatements(file: string, use: (execute: (sql: string) => void) => void): void {
  const url = `jdbc:h2:${file};IFEXISTS=TRUE;TRACE_LEVEL_FILE=0`;
  const properties = jvm.newInstanceSync('java.util.Properties');
  properties.setPropertySync('user', credentials.username);
  properties.setPropertySync('password', credentials.password.reveal());
  const connection = jvm.newInstanceSync('org.h2.Driver').connectSync(url, properties);
  try {
    use((sql) => connection.createStatementSync().executeSync(sql));
  } finally {
    connection.closeSync();
  }
}

test.run();
