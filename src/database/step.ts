import type { Step } from '../step/step.js';
import { alterInTurns } from './alter.js';
import type { DatabaseConnection } from './connection.js';
import { isUnique, planConstraint } from './constraint.js';
import type { Dialect } from './dialects/dialect.js';
import { databaseOf } from './engines.js';
import { type Findings, readFindings } from './findings.js';
import { TABLE } from './guide-sql.js';
import { whenReachable } from './reachable.js';
import type { Session } from './session.js';

export interface ConsumerKeyOptions {
  /** Resolved at the first look, so that a run without this step needs no login. */
  readonly connection: () => DatabaseConnection | Promise<DatabaseConnection>;
  /** How much longer a database that is not up yet is waited for, milliseconds. Default none: it is tried once. */
  readonly patienceMs?: () => number;
}

/**
 * The fact that no two applications of IS 7 share a client id, which its `legacy_mode` relies on: a unique key on CONSUMER_KEY alone, under
 * any name. No row is ever changed.
 */
export function consumerKeyStep({ connection, patienceMs = () => 0 }: ConsumerKeyOptions): Step<Findings> {
  return {
    id: 'database/consumer-key',
    async inspect(signal, say) {
      const database = await databaseOf(await connection());
      return whenReachable((attempt) => readFindings(database, attempt), database, signal, {
        patienceMs: patienceMs(),
        say,
      });
    },
    plan: planConstraint,
    diff: async () => [`+ ${(await databaseOf(await connection())).dialect.addConstraint};`],
    notices: ({ notices }) => notices,
    async apply(change, signal, { keep, say } = {}) {
      if (change.obstacle) throw change.obstacle;
      const options = { ...(await connection()), keep };
      const database = await databaseOf(options);
      const add = (attempt: AbortSignal) =>
        alterInTurns(database, missingStatement, { lockTimeoutMs: options.lockTimeoutMs, say }, attempt);
      await whenReachable(add, database, signal, { patienceMs: patienceMs(), say });
    },
  };
}

async function missingStatement(session: Session, dialect: Dialect): Promise<string | undefined> {
  return isUnique(await session.uniqueIndexes(dialect.spell(TABLE))) ? undefined : dialect.addConstraint;
}
