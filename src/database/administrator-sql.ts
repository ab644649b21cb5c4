import type { DatabaseConnection } from './connection.js';
import { databaseOf } from './engines.js';
import { countDuplicates } from './sql-catalogue.js';

/**
 * What an administrator can run by hand where the user of the server may not change the table: the look first, then the change, in the
 * words of the engine. Nothing is connected to.
 *
 * @throws BootstrapError `DATABASE_UNSUPPORTED`, `CONFIG_INVALID`
 */
export async function administratorSql(connection: DatabaseConnection): Promise<string> {
  const { label, dialect } = await databaseOf(connection);
  const limits = dialect.limitLockWait(connection.lockTimeoutMs);
  const transaction = dialect.runsInTransaction
    ? { begin: ['BEGIN;'], commit: ['COMMIT;'] }
    : { begin: [], commit: [] };
  return [
    `-- ${label}, in the schema of Identity Server 7`,
    '-- Consumer keys that several applications share, and how many applications that are. It must count none:',
    `${oneLine(countDuplicates(dialect))};`,
    `-- The change. ${dialect.cost}`,
    ...transaction.begin,
    ...limits.map((statement) => `${statement};`),
    `${dialect.addConstraint};`,
    ...transaction.commit,
    '',
  ].join('\n');
}

function oneLine(sql: string): string {
  return sql.trim().replace(/\s+/g, ' ');
}
