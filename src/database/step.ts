import { UnreachableError } from '../errors.js';
import { poll } from '../io/poll.js';
import type { Step } from '../step/step.js';
import { type DatabaseConnection, LOCK_TIMEOUT_MS } from './connection.js';
import { isUnique, planConstraint } from './constraint.js';
import type { Dialect, Fault } from './dialects/dialect.js';
import { locked } from './drivers/server-fault.js';
import { databaseOf } from './engines.js';
import { type Findings, readFindings } from './findings.js';
import { TABLE } from './guide-sql.js';
import { type Database, type Session, SqlError } from './session.js';

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
    async inspect(signal) {
      const database = await databaseOf(await connection());
      return whenReachable((attempt) => readFindings(database, attempt), database, signal, patienceMs());
    },
    plan: planConstraint,
    notices: ({ notices }) => notices,
    async apply(change, signal) {
      if (change.obstacle) throw change.obstacle;
      const options = await connection();
      const database = await databaseOf(options);
      const add = (attempt: AbortSignal) => addConstraint(database, options.lockTimeoutMs, attempt);
      await whenReachable(add, database, signal, patienceMs());
    },
  };
}

/** Tries again, with pauses that grow, while it is only that the database is not up (yet). */
async function whenReachable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { label }: Database,
  signal: AbortSignal,
  patienceMs: number,
): Promise<T> {
  if (patienceMs <= 0) return work(signal);
  let last = new UnreachableError(`the database ${label} did not answer in time`, {
    code: 'DATABASE_UNREACHABLE',
    hint: 'Look whether it is overloaded, or behind a firewall that drops packets, or give it more time with --timeout.',
  });
  const attempt = async (within: AbortSignal) => {
    try {
      return { value: await work(within) };
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      last = error;
      return undefined;
    }
  };
  const found = await poll(attempt, { signal, deadlineMs: patienceMs, longestPauseMs: 5_000 });
  if (found) return found.value;
  throw last;
}

/**
 * While the change waits for a lock, engines make every later statement on the table wait behind it, so that a busy IS 7 would stand
 * still as long. It waits in short turns instead, and lets the others go on in between.
 */
const LONGEST_TURN_MS = 1_000;

async function addConstraint(database: Database, lockTimeoutMs = LOCK_TIMEOUT_MS, signal: AbortSignal): Promise<void> {
  const turnMs = Math.min(LONGEST_TURN_MS, lockTimeoutMs);
  let last: unknown;
  const takeTurn = async () => {
    try {
      await database.withWriter((session) => addAlone(session, database.dialect, turnMs), signal);
      return 'done';
    } catch (error) {
      const fault = sqlFault(error, database.dialect);
      // Another run was faster; the next look tells whether it made the same constraint.
      if (fault === 'already-exists') return 'done';
      if (fault !== 'locked') throw error;
      last = error;
      return undefined;
    }
  };
  const outcome = await poll(takeTurn, { signal, deadlineMs: lockTimeoutMs });
  if (outcome === undefined) throw locked(database.label, await blockersIn(database, signal), last);
}

async function addAlone(session: Session, dialect: Dialect, turnMs: number): Promise<void> {
  await enterAlone(session, dialect);
  if (isUnique(await session.uniqueIndexes(dialect.spell(TABLE)))) return;
  await executeAll(session, dialect.limitLockWait(turnMs));
  await session.execute(dialect.addConstraint);
}

/** What the engine said, under the words that a driver put it in. */
function sqlFault(error: unknown, dialect: Dialect): Fault | undefined {
  return error instanceof Error && error.cause instanceof SqlError ? dialect.faultOf(error.cause) : undefined;
}

/** A cluster may have no such locks (Percona's refuses GET_LOCK): then the engine's "already exists" has to do. */
async function enterAlone(
  session: Session,
  { enterAlone: statements = [], runsInTransaction }: Dialect,
): Promise<void> {
  try {
    await executeAll(session, statements);
  } catch (error) {
    if (runsInTransaction || !(error instanceof SqlError)) throw error;
  }
}

async function executeAll(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.execute(statement);
}

const LISTED_BLOCKERS = 5;

/** Best effort: to see other sessions may need a right that this user lacks. */
async function blockersIn({ dialect, withReader }: Database, signal: AbortSignal): Promise<readonly string[]> {
  const { findBlockers } = dialect;
  if (findBlockers === undefined) return [];
  try {
    const rows = await withReader((session) => session.query(findBlockers, LISTED_BLOCKERS), signal);
    return rows.flatMap(([who]) => who ?? []);
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
