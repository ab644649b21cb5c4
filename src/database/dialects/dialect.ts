import type { SqlError } from '../session.js';

/** The failures that something is decided by; every other one is reported as the engine words it. */
export type Fault =
  | 'in-use'
  | 'not-found'
  | 'password'
  | 'damaged'
  | 'already-exists'
  | 'duplicates'
  | 'no-right'
  | 'locked'
  | 'not-ready';

/** What to say to one engine: its SQL and its error codes. How to talk to it is the business of a driver. */
export interface Dialect {
  /** The engine's name for people: `H2`. */
  readonly engine: string;
  /** How this engine's catalogue spells a name that was not quoted. */
  spell(name: string): string;
  /** The guide's own statement. */
  readonly addConstraint: string;
  /** Takes it back, when the recipe `current` is told to clean up. */
  readonly dropConstraint: string;
  /**
   * A SELECT of (table, column) for the constraint of our name in the session's schema, a row a column in key order; a constraint that
   * has no key, such as a CHECK, gives one row without column.
   */
  readonly findConstraint: string;
  /** How many rows without a key a unique constraint lets be. */
  readonly emptyKeys: 'many' | 'one';
  /**
   * Waits until no other run is changing this database, tied to the session, so that a run that was killed frees it. Absent where the
   * engine has no such lock for everyone; then "already exists" tells the loser of a race.
   */
  readonly enterAlone?: readonly string[];
  /** Whether a change can be taken back as a whole, so that a session is one transaction. */
  readonly runsInTransaction?: true;
  /** Lets the statements that follow in this session wait at most so long for a lock. */
  limitLockWait(timeoutMs: number): readonly string[];
  /** A SELECT of (who) for the sessions that hold the table, or may, asked right after a wait ended in vain. */
  readonly findBlockers?: string;
  /** What the change does to a big table meanwhile: a sentence for people. */
  readonly cost: string;
  /** The decision an error leads to, if any. */
  faultOf(error: SqlError): Fault | undefined;
}
