import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/config/secret.js';
import { databaseOf } from '../../src/database/engines.js';
import { consumerKeyStep } from '../../src/database/step.js';
import { type BootstrapError, EXIT_CODE_OF } from '../../src/errors.js';

test('an H2 URL is known whatever its case, without a JVM being started', () => {
  assert.is(databaseOf(connection('JDBC:H2:/data/WSO2IDENTITY_DB')).label, 'WSO2IDENTITY_DB (H2)');
});

for (const [url, named] of [
  ['jdbc:postgresql://db/identity?password=hush', 'a jdbc:postgresql: URL'],
  ['jdbc:mysql://db/identity', 'a jdbc:mysql: URL'],
  ['postgres://me:hush@db/identity', 'a URL that is not JDBC'],
] as const) {
  test(`${named} is refused with the statement to run by hand, and nothing of the URL`, () => {
    try {
      databaseOf(connection(url));
      assert.unreachable();
    } catch (thrown) {
      const { code, message, hint } = thrown as BootstrapError;
      assert.is(EXIT_CODE_OF[code], 78);
      assert.is(message, `the identity database is named by ${named}, and only H2 can be managed so far`);
      assert.match(
        hint,
        '`ALTER TABLE IDN_OAUTH_CONSUMER_APPS ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT UNIQUE (CONSUMER_KEY)`',
      );
      assert.not.match(message + hint, /hush/);
    }
  });
}

test('the connection is not resolved before the step looks, and its failure is the step’s', async () => {
  const step = consumerKeyStep({ connection: () => Promise.reject(new Error('no placeholder value')) });
  try {
    await step.inspect(new AbortController().signal);
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'no placeholder value');
  }
});

function connection(url: string) {
  return { url, username: 'u', password: new Secret('p'), driverJars: () => assert.unreachable() as never };
}

test.run();
