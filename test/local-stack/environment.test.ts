import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serverEnvironment } from '../../src/local-stack/environment.js';

test('a server gets what a program needs, its JDK and what its deployment.toml refers to, and nothing else', () => {
  const environment = {
    PATH: '/usr/bin',
    HOME: '/home/me',
    LC_ALL: 'C.UTF-8',
    JAVA_OPTS: '-Dx=y',
    JAVA_HOME: '/another',
    CARBON_HOME: '/opt/the-other-server',
    KMB_APIM_PASSWORD: 'secret',
    DB_PASSWORD: 'for the database',
    AWS_SECRET_ACCESS_KEY: 'secret',
    EMPTY: undefined,
  };
  const toml = '[database.identity_db]\npassword = "$env{DB_PASSWORD}"\nurl = "jdbc:$env{EMPTY}"\n';
  assert.equal(serverEnvironment(environment, '/jdk', toml), {
    PATH: '/usr/bin',
    HOME: '/home/me',
    LC_ALL: 'C.UTF-8',
    JAVA_OPTS: '-Dx=y',
    DB_PASSWORD: 'for the database',
    JAVA_HOME: '/jdk',
  });
});

test.run();
