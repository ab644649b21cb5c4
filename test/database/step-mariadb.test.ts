import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mariadbDialect } from '../../src/database/dialects/mysql.js';
import { Secret } from '../../src/secret.js';
import { type DatabaseServer, mariadbPrograms, startMariadb } from '../support/database-servers.js';
import { PASSWORD, planOf, serverCases, TABLE } from './server-cases.js';
import { MYSQL_TABLES as TABLES } from './server-tables.js';
import { skipped } from './skipped.js';

let started: Promise<DatabaseServer> | undefined;

/** Started by the first test that needs it; it ends with this process. */
function server(): Promise<DatabaseServer> {
  started ??= startWithUsers();
  return started;
}

async function startWithUsers(): Promise<DatabaseServer> {
  const mariadb = await startMariadb();
  const password = `'${PASSWORD.replaceAll("'", "''")}'`;
  await mariadb.admin(
    'mysql',
    `CREATE USER owner IDENTIFIED BY ${password}`,
    `CREATE USER reader IDENTIFIED BY ${password}`,
    'GRANT PROCESS ON *.* TO owner',
    'GRANT ALL ON nowhere.* TO owner',
  );
  return mariadb;
}

async function create(database: string): Promise<void> {
  await (await server()).admin('mysql', `CREATE DATABASE ${database}`, `GRANT ALL ON ${database}.* TO owner`);
}

if (mariadbPrograms()) {
  serverCases({
    name: 'MariaDB',
    server,
    create,
    grantRead: (database) => [`GRANT SELECT ON ${database}.* TO reader`],
    tables: TABLES,
    missingDatabase: 'nowhere',
    url: ({ host, port, database }) => `jdbc:mariadb://${host}:${port}/${database}`,
    socketParameter: 'localSocket',
    tls: {
      off: 'useSSL=false',
      required: 'sslMode=REQUIRED',
      chain: 'sslMode=verify-ca',
      full: 'sslMode=VERIFY_IDENTITY',
    },
    countConstraints: `SELECT COUNT(*) FROM (SELECT INDEX_NAME FROM INFORMATION_SCHEMA.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
      AND TABLE_NAME = '${TABLE}' AND NON_UNIQUE = 0 GROUP BY INDEX_NAME HAVING GROUP_CONCAT(COLUMN_NAME) = 'CONSUMER_KEY') K`,
    holdTable: ['START TRANSACTION', `SELECT COUNT(*) FROM ${TABLE}`],
    countWaiting:
      "SELECT COUNT(*) FROM INFORMATION_SCHEMA.PROCESSLIST WHERE DB = DATABASE() AND STATE LIKE 'Waiting for table metadata lock'",
    countRunsWaiting:
      "SELECT COUNT(*) FROM INFORMATION_SCHEMA.PROCESSLIST WHERE DB = DATABASE() AND STATE = 'User lock'",
    enterAlone: mariadbDialect.enterAlone ?? [],
  });

  test('keys on the first letters only are not it, and the same over jdbc:mysql:', async () => {
    const { port, admin } = await server();
    await create('prefixes');
    await admin('prefixes', ...TABLES, `CREATE UNIQUE INDEX A ON ${TABLE} (CONSUMER_KEY(20))`);
    const url = `jdbc:mysql://localhost:${port}/prefixes?autoReconnect=true&useSSL=false`;
    const [change] = await planOf({ url, username: 'owner', password: new Secret(PASSWORD), lockTimeoutMs: 10_000 });
    assert.match(change?.summary ?? '', /in prefixes \(MySQL\)$/);
  });
} else {
  skipped('MariaDB', 'mariadb-server');
}

test.run();
