import type { Step } from '../step/step.js';
import type { DatabaseConnection } from './connection.js';
import { planConstraint } from './constraint.js';
import { databaseOf } from './engines.js';
import { type Findings, readFindings } from './findings.js';
import { type Database, SqlError } from './session.js';

export interface ConsumerKeyOptions {
  /** Resolved at the first look, so that a run without this step needs no login. */
  readonly connection: () => DatabaseConnection | Promise<DatabaseConnection>;
}

/**
 * The fact that no two applications of IS 7 share a client id, which its `legacy_mode` relies on: a unique key on CONSUMER_KEY alone, under
 * any name. No row is ever changed.
 */
export function consumerKeyStep({ connection }: ConsumerKeyOptions): Step<Findings> {
  return {
    id: 'database/consumer-key',
    async inspect(signal) {
      return readFindings(databaseOf(await connection()), signal);
    },
    plan: planConstraint,
    async apply(change, signal) {
      if (change.obstacle) throw change.obstacle;
      await addConstraint(databaseOf(await connection()), signal);
    },
  };
}

/** When another run was faster, the next look tells whether it made the same constraint. */
async function addConstraint({ dialect, withWriter }: Database, signal: AbortSignal): Promise<void> {
  await withWriter(async (session) => {
    try {
      await session.execute(dialect.addConstraint);
    } catch (error) {
      if (!(error instanceof SqlError && dialect.faultOf(error) === 'already-exists')) throw error;
    }
  }, signal);
}
