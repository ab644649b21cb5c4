import { BootstrapError } from '../errors.js';
import type { DatabaseConnection } from './connection.js';
import { h2FileDatabase } from './drivers/h2-file.js';
import { ADD_CONSTRAINT } from './guide-sql.js';
import type { Database } from './session.js';

/**
 * The database that a JDBC URL names. A new engine is one dialect, one driver and one line in {@link ENGINES}.
 *
 * @throws BootstrapError `DATABASE_UNSUPPORTED`
 */
export function databaseOf(connection: DatabaseConnection): Database {
  const engine = /^jdbc:([a-z0-9]+):/i.exec(connection.url)?.[1]?.toLowerCase() ?? '';
  const open = ENGINES.get(engine);
  if (open) return open(connection);
  const kind = engine ? `a jdbc:${engine}: URL` : 'a URL that is not JDBC';
  throw new BootstrapError(`the identity database is named by ${kind}, and only H2 can be managed so far`, {
    code: 'DATABASE_UNSUPPORTED',
    hint: `Let its administrator run \`${ADD_CONSTRAINT}\` in the identity database, then set database.constraint = false.`,
  });
}

const ENGINES: ReadonlyMap<string, (connection: DatabaseConnection) => Database> = new Map([['h2', h2FileDatabase]]);
