import { poll } from '../io/poll.js';
import { type Hindrance, type Say, sayingWhatIsWaitedFor } from '../io/waiting.js';
import type { Dialect, Fault } from './dialects/dialect.js';
import { locked } from './drivers/server-fault.js';
import { TABLE } from './guide-sql.js';
import { type Database, type Session, SqlError } from './session.js';

/**
 * While the change waits for a lock, engines make every later statement on the table wait behind it, so that a busy IS 7 would stand
 * still as long. It waits in short turns instead, and lets the others go on in between.
 */
const LONGEST_TURN_MS = 1_000;

/** The statement that is still needed, once no other run is at it; undefined when none is. */
export type StatementFor = (session: Session, dialect: Dialect) => Promise<string | undefined>;

export interface LockWait {
  /** Milliseconds. */
  readonly lockTimeoutMs: number;
  /** Told what is waited for. */
  readonly say?: Say | undefined;
}

/**
 * Changes the table, one run at a time, and waits for its lock at most so long.
 *
 * @throws BootstrapError `DATABASE_LOCKED` with who holds it, where the engine can tell; what the database's driver throws
 */
export async function alterInTurns(
  database: Database,
  statementFor: StatementFor,
  { lockTimeoutMs, say = () => undefined }: LockWait,
  signal: AbortSignal,
): Promise<void> {
  const turnMs = Math.min(LONGEST_TURN_MS, lockTimeoutMs);
  let last: unknown;
  const takeTurn = async (tell: (hindrance: Hindrance) => void) => {
    try {
      const { dialect } = database;
      await database.withWriter((session) => alterAlone(session, dialect, turnMs, statementFor), signal);
      return 'done';
    } catch (error) {
      const fault = sqlFault(error, database.dialect);
      // Another run was faster; the next look tells whether it made the same constraint.
      if (fault === 'already-exists') return 'done';
      if (fault !== 'locked') throw error;
      last = error;
      tell({ code: 'DATABASE_LOCKED', message: 'others use it' });
      return undefined;
    }
  };
  const waiting = { name: `the table ${TABLE} in ${database.label}`, deadlineMs: lockTimeoutMs, say };
  const outcome = await sayingWhatIsWaitedFor(waiting, (tell) =>
    poll(() => takeTurn(tell), { signal, deadlineMs: lockTimeoutMs }),
  );
  if (outcome === undefined) throw locked(database.label, await blockersIn(database, signal), last);
}

async function alterAlone(
  session: Session,
  dialect: Dialect,
  turnMs: number,
  statementFor: StatementFor,
): Promise<void> {
  await enterAlone(session, dialect);
  const statement = await statementFor(session, dialect);
  if (statement === undefined) return;
  await executeAll(session, dialect.limitLockWait(turnMs));
  await session.execute(statement);
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
  if (findBlockers === undefined || withReader === undefined) return [];
  try {
    const rows = await withReader((session) => session.query(findBlockers, LISTED_BLOCKERS), signal);
    return rows.flatMap(([who]) => who ?? []);
  } catch {
    signal.throwIfAborted();
    return [];
  }
}
