import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createConfig } from '../../src/composition/config.js';
import { parseSettings } from '../../src/config/parse.js';
import { Secret } from '../../src/secret.js';
import { openHome } from '../../src/servers/home.js';
import { withTempFolder } from '../support/temp-folder.js';

for (const [title, lines, url] of [
  [
    'H2 by its type',
    ['type = "h2"'],
    'jdbc:h2:./repository/database/WSO2IDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000',
  ],
  ['PostgreSQL by its type', ['type = "postgre"', 'hostname = "db"', 'name = "iam"'], 'jdbc:postgresql://db:5432/iam'],
  [
    'MySQL by its type',
    ['type = "mysql"', 'hostname = "db"', 'port = "3307"', 'name = "iam"'],
    'jdbc:mysql://db:3307/iam',
  ],
  [
    'MySQL with a port that is a number',
    ['type = "mysql"', 'port = 3307', 'name = "iam"'],
    'jdbc:mysql://localhost:3307/iam',
  ],
  [
    'SQL Server by its type',
    ['type = "mssql"', 'hostname = "db"', 'name = "iam"'],
    'jdbc:sqlserver://db:1433;databaseName=iam',
  ],
  ['Oracle by its SID', ['type = "oracle"', 'hostname = "db"', 'sid = "ORCL"'], 'jdbc:oracle:thin:@db:1521:ORCL'],
  ['Oracle by its service', ['type = "oracle"', 'hostname = "db"', 'name = "svc"'], 'jdbc:oracle:thin:@db:1521/svc'],
  ['DB2 by its type', ['type = "db2"', 'hostname = "db"', 'name = "IAM"'], 'jdbc:db2://db:50000/IAM'],
  [
    'a URL escaped for XML, with a driver and pool options',
    [
      'url = "jdbc:mysql://db/iam?autoReconnect=true&amp;useSSL=false"',
      'driver = "com.mysql.cj.jdbc.Driver"',
      '[database.identity_db.pool_options]',
      'validationQuery = "SELECT 1"',
    ],
    'jdbc:mysql://db/iam?autoReconnect=true&useSSL=false',
  ],
  ['a URL comes before a type', ['type = "mysql"', 'url = "jdbc:mariadb://db/iam"'], 'jdbc:mariadb://db/iam'],
] as const) {
  test(`${title}: ${url}`, () =>
    withTempFolder(async (home) => {
      const config = await configOf(home, lines, new Map());
      assert.equal([config.databaseUrl(), config.database().url], [url, url]);
      assert.is(config.database().username, 'me');
    }));
}

test('settings come before the home', () =>
  withTempFolder(async (home) => {
    const given = { 'database.url': 'jdbc:db2://other:1/X', 'database.schema': 'IAM', 'database.lock_timeout': '3s' };
    const found = new Map(Object.entries(given).map(([key, raw]) => [key, { raw, source: 'a test' }]));
    const { url, schema, lockTimeoutMs } = (await configOf(home, ['type = "h2"'], found)).database();
    assert.equal([url, schema, lockTimeoutMs], ['jdbc:db2://other:1/X', 'IAM', 3_000]);
  }));

test('a password is wrapped', () =>
  withTempFolder(async (home) => {
    assert.instance((await configOf(home, ['type = "h2"'], new Map())).database().password, Secret);
  }));

async function configOf(
  home: string,
  lines: readonly string[],
  found: ReadonlyMap<string, { raw: string; source: string }>,
) {
  const conf = join(home, 'repository', 'conf');
  await mkdir(conf, { recursive: true });
  const login = ['[database.identity_db]', 'username = "me"', 'password = "hush"'];
  await writeFile(join(conf, 'deployment.toml'), [...login, ...lines, ''].join('\n'));
  const settings = parseSettings({ found: found as never, keyManagers: [], tenants: [], nodes: [], problems: [] });
  return createConfig(settings, { is7: openHome('is7', home, {}), apim: undefined });
}

test.run();
