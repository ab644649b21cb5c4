import { basename, dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { postgresqlDialect } from '../../src/database/dialects/postgresql.js';
import { Secret } from '../../src/secret.js';
import { type DatabaseServer, postgresqlPrograms, startPostgresql } from '../support/database-servers.js';
import { applyAll, failureOf, inspectOf, PASSWORD, planOf, serverCases, TABLE } from './server-cases.js';
import { POSTGRESQL_TABLES as TABLES } from './server-tables.js';
import { skipped } from './skipped.js';

let started: Promise<DatabaseServer> | undefined;

/** Started by the first test that needs it; it ends with this process. */
function server(): Promise<DatabaseServer> {
  started ??= startWithUsers();
  return started;
}

async function startWithUsers(): Promise<DatabaseServer> {
  const postgresql = await startPostgresql();
  const password = `'${PASSWORD.replaceAll("'", "''")}'`;
  await postgresql.admin(
    'postgres',
    `CREATE ROLE owner LOGIN PASSWORD ${password}`,
    `CREATE ROLE reader LOGIN PASSWORD ${password}`,
  );
  return postgresql;
}

async function create(database: string): Promise<void> {
  await (await server()).admin('postgres', `CREATE DATABASE "${database}" OWNER owner`);
}

if (postgresqlPrograms()) {
  serverCases({
    name: 'PostgreSQL',
    server,
    create,
    grantRead: () => ['GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader'],
    tables: TABLES,
    missingDatabase: 'Nowhere',
    url: ({ host, port, database }) => `jdbc:postgresql://${host}:${port}/${database}`,
    socketParameter: 'socketFactoryArg',
    tls: {
      off: 'sslmode=disable',
      required: 'sslmode=require',
      chain: 'sslmode=verify-ca',
      full: 'sslmode=verify-full',
    },
    countConstraints: `SELECT COUNT(*) FROM pg_index WHERE indrelid = '${TABLE}'::regclass AND indisunique AND indkey::text =
      (SELECT attnum::text FROM pg_attribute WHERE attrelid = '${TABLE}'::regclass AND attname = 'consumer_key')`,
    holdTable: ['BEGIN', `SELECT COUNT(*) FROM ${TABLE}`],
    countWaiting: `SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = '${TABLE}'::regclass`,
    countRunsWaiting: "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'",
    enterAlone: ['BEGIN', ...(postgresqlDialect.enterAlone ?? [])],
  });

  test('unique keys that do not hold for every row, or for more than the key, are not it', () =>
    withDatabase('partial', async (connection, sql) => {
      await sql(
        `CREATE UNIQUE INDEX A ON ${TABLE} (CONSUMER_KEY) WHERE TENANT_ID > 0`,
        `CREATE UNIQUE INDEX B ON ${TABLE} (UPPER(CONSUMER_KEY))`,
        `CREATE UNIQUE INDEX C ON ${TABLE} (CONSUMER_KEY, APP_NAME)`,
      );
      assert.is((await planOf(connection)).length, 1);
      await sql(`CREATE UNIQUE INDEX D ON ${TABLE} (CONSUMER_KEY) INCLUDE (APP_NAME)`);
      assert.equal(await planOf(connection), []);
    }));

  for (const [title, statement, on] of [
    [
      'an index of another table',
      'CREATE INDEX UNIQUE_CONSUMER_KEY_CONSTRAINT ON IDN_OIDC_PROPERTY (ID)',
      'idn_oidc_property \\(id\\)',
    ],
    [
      'a check',
      `ALTER TABLE ${TABLE} ADD CONSTRAINT UNIQUE_CONSUMER_KEY_CONSTRAINT CHECK (ID > 0)`,
      'where it is no unique key',
    ],
    ['a table', 'CREATE TABLE UNIQUE_CONSUMER_KEY_CONSTRAINT (A INT)', 'where it is no unique key'],
  ] as const) {
    test(`our name on ${title} is a conflict`, () =>
      withDatabase('named', async (connection, sql) => {
        await sql(statement);
        const error = await failureOf(planOf(connection), 'DATABASE_CONFLICT', 1);
        assert.match(error.message, new RegExp(on));
      }));
  }

  test('the table in several schemas is refused with their names until one is named, in the URL or by the setting', () =>
    withDatabase('Several', async (connection, sql) => {
      await sql('SET ROLE owner', 'CREATE SCHEMA "Iam"', 'SET search_path TO "Iam"', ...TABLES.slice(1));
      const error = await failureOf(planOf(connection), 'DATABASE_AMBIGUOUS', 78);
      assert.match(error.message, /more than once: .* in schema Iam$/);
      await applyAll({ ...connection, schema: 'Iam' });
      assert.equal(await planOf({ ...connection, url: `${connection.url}&currentSchema=%22Iam%22` }), []);
      assert.is((await planOf({ ...connection, url: `${connection.url}&currentSchema=public` })).length, 1);
      await sql(`DROP TABLE public.${TABLE} CASCADE`);
      const missing = await failureOf(planOf(connection), 'DATABASE_TABLE_MISSING', 1);
      assert.match(missing.message, /has no table .* but in schema Iam$/);
    }));

  test('a server that insists on TLS, where the URL does not ask for it, leads to the authority that is missing', async () => {
    await create('tls_only');
    const { port, caFile } = await server();
    const connection = {
      url: `jdbc:postgresql://localhost:${port}/tls_only`,
      username: 'owner',
      password: new Secret(PASSWORD),
      lockTimeoutMs: 10_000,
    };
    await failureOf(inspectOf(connection), 'DB_TLS_CA_MISSING', 3);
    assert.not.ok((await inspectOf({ ...connection, caFile })).hasTable);
    const inHome = {
      ...connection,
      url: `${connection.url}?ssl=true&sslrootcert=${basename(caFile)}`,
      home: dirname(caFile),
    };
    assert.not.ok((await inspectOf(inHome)).hasTable);
  });

  async function withDatabase(
    database: string,
    use: (
      connection: Parameters<typeof planOf>[0],
      sql: (...statements: readonly string[]) => Promise<unknown>,
    ) => Promise<void>,
  ): Promise<void> {
    const { port, admin } = await server();
    await admin('postgres', `DROP DATABASE IF EXISTS "${database}"`);
    await create(database);
    await admin(database, ...TABLES);
    const url = `jdbc:postgresql://localhost:${port}/${database}?sslmode=disable`;
    await use({ url, username: 'owner', password: new Secret(PASSWORD), lockTimeoutMs: 10_000 }, (...statements) =>
      admin(database, ...statements),
    );
  }
} else {
  skipped('PostgreSQL', 'postgresql');
}

test.run();
