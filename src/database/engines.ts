import { BootstrapError } from '../errors.js';
import type { DatabaseConnection } from './connection.js';
import { MESSAGES } from './errors.js';
import { ADD_CONSTRAINT } from './guide-sql.js';
import type { Database } from './session.js';

/**
 * The database that a JDBC URL names. A new engine is one dialect, one driver and one line in {@link ENGINES}.
 *
 * @throws BootstrapError `DATABASE_UNSUPPORTED`; `CONFIG_INVALID` a URL that the engine does not take
 */
export async function databaseOf(connection: DatabaseConnection): Promise<Database> {
  const engine = engineOf(connection.url);
  const load = ENGINES.get(engine);
  if (load) return (await load())(connection);
  const kind = engine ? `a jdbc:${engine}: URL` : 'a URL that is not JDBC';
  throw new BootstrapError(MESSAGES.DATABASE_UNSUPPORTED.engine(kind, ENGINES.keys(), ADD_CONSTRAINT));
}

/** Whether a JDBC URL names a file on this machine, which is changed before the server starts, and not a server of its own. */
export function isFileDatabase(url: string): boolean {
  return engineOf(url) === 'h2';
}

/** Only the driver in use is loaded. */
const ENGINES: ReadonlyMap<string, () => Promise<(connection: DatabaseConnection) => Database>> = new Map([
  ['h2', async () => (await import('./drivers/h2-file.js')).h2FileDatabase],
  ['postgresql', async () => (await import('./drivers/postgresql.js')).postgresqlDatabase],
  ['mysql', async () => (await import('./drivers/mysql.js')).mysqlDatabase],
  ['mariadb', async () => (await import('./drivers/mysql.js')).mysqlDatabase],
  ['sqlserver', async () => (await import('./drivers/jdbc-server.js')).sqlServerDatabase],
  ['oracle', async () => (await import('./drivers/jdbc-server.js')).oracleDatabase],
  ['db2', async () => (await import('./drivers/jdbc-server.js')).db2Database],
]);

function engineOf(url: string): string {
  return /^jdbc:([a-z0-9]+):/i.exec(url)?.[1]?.toLowerCase() ?? '';
}
