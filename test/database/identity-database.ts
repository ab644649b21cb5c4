import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DatabaseConnection } from '../../src/database/connection.js';
import { withJdbc } from '../../src/database/drivers/jdbc.js';
import type { Session } from '../../src/database/session.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { Secret } from '../../src/secret.js';

/** An H2 file made for one test: `WSO2IDENTITY_DB.mv.db` in a folder. */
export interface TestDatabase {
  readonly folder: string;
  readonly jar: string;
}

export const PASSWORD = 'pass;word ;)';

/** The application table and a neighbour that refers to it by the composite key, in the shape IS 7 ships them. */
export const IDENTITY_TABLES = [
  `CREATE TABLE IDN_OAUTH_CONSUMER_APPS (ID INTEGER NOT NULL AUTO_INCREMENT, CONSUMER_KEY VARCHAR(255), TENANT_ID INTEGER DEFAULT 0,
     APP_NAME VARCHAR(255), CONSTRAINT CONSUMER_KEY_CONSTRAINT UNIQUE (TENANT_ID, CONSUMER_KEY), PRIMARY KEY (ID))`,
  'CREATE INDEX IDX_OCA_NAME ON IDN_OAUTH_CONSUMER_APPS (APP_NAME)',
  `CREATE TABLE IDN_OIDC_PROPERTY (ID INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY, TENANT_ID INTEGER, CONSUMER_KEY VARCHAR(255),
     FOREIGN KEY (TENANT_ID, CONSUMER_KEY) REFERENCES IDN_OAUTH_CONSUMER_APPS (TENANT_ID, CONSUMER_KEY) ON DELETE CASCADE)`,
  "INSERT INTO IDN_OAUTH_CONSUMER_APPS (CONSUMER_KEY, TENANT_ID, APP_NAME) VALUES ('CONSOLE', -1234, 'Console'), (NULL, 1, 'a'), (NULL, 2, 'b')",
  "INSERT INTO IDN_OIDC_PROPERTY (TENANT_ID, CONSUMER_KEY) VALUES (-1234, 'CONSOLE')",
];

/** Makes the file, with its tables, and closes it. */
export async function createDatabase(
  folder: string,
  version: string,
  tables: readonly string[] = IDENTITY_TABLES,
): Promise<TestDatabase> {
  const database = { folder, jar: javaLibrary(`h2-${version}.jar`) };
  await execute(database, ...tables);
  return database;
}

/** Runs statements in a connection of their own, which may create the file. */
export async function execute(database: TestDatabase, ...statements: readonly string[]): Promise<void> {
  await withSession(database, async (session) => {
    for (const statement of statements) await session.execute(statement);
  });
}

/** The first column of the first row. */
export async function queryOne(database: TestDatabase, sql: string): Promise<string | null | undefined> {
  return withSession(database, async (session) => (await session.query(sql, 1))[0]?.[0]);
}

/** The connection as deployment.toml gives it: relative to the home, in the words WSO2 ships. */
export function connectionTo(
  { folder, jar }: TestDatabase,
  overrides: Partial<DatabaseConnection> = {},
): DatabaseConnection {
  return {
    url: 'jdbc:h2:./WSO2IDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000',
    username: 'wso2carbon',
    password: new Secret(PASSWORD),
    lockTimeoutMs: 10_000,
    home: folder,
    driverJar: jar,
    ...overrides,
  };
}

/** Holds the file open in another process, as the running server does, while `use` runs. */
export async function whileHeld<T>({ folder, jar }: TestDatabase, use: () => Promise<T>): Promise<T> {
  const url = `jdbc:h2:${join(folder, 'WSO2IDENTITY_DB')};IFEXISTS=TRUE`;
  const login = ['-user', 'wso2carbon', '-password', PASSWORD];
  const holder = spawn('java', ['-XX:TieredStopAtLevel=1', '-cp', jar, 'org.h2.tools.Shell', '-url', url, ...login]);
  const ended = once(holder, 'exit');
  try {
    // The shell greets once it is connected.
    await Promise.race([once(holder.stdout, 'data'), ended.then(() => Promise.reject(new Error('nothing is held')))]);
    return await use();
  } finally {
    holder.kill('SIGKILL');
    await ended;
  }
}

/** Lends a connection of its own to H2's engine, which may create the file. */
export function withSession<T>({ folder, jar }: TestDatabase, use: (session: Session) => Promise<T>): Promise<T> {
  const target = {
    driverClass: 'org.h2.Driver',
    jars: [jar],
    url: `jdbc:h2:${join(folder, 'WSO2IDENTITY_DB')};TRACE_LEVEL_FILE=0`,
    username: 'wso2carbon',
    password: new Secret(PASSWORD),
  };
  return withJdbc(target, use);
}
