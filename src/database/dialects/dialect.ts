import type { SqlError } from '../session.js';

/** The failures that something is decided by; every other one is reported as the engine words it. */
export type Fault = 'in-use' | 'not-found' | 'password' | 'damaged' | 'already-exists' | 'duplicates' | 'no-right';

/** What to say to one engine: its SQL and its error codes. How to talk to it is the business of a driver. */
export interface Dialect {
  /** The engine's name for people: `H2`. */
  readonly engine: string;
  /** How this engine's catalogue spells a name that was not quoted. */
  spell(name: string): string;
  /** The one change that is ever made: the guide's own statement. */
  readonly addConstraint: string;
  /**
   * A SELECT of (table, column) for the constraint of our name in the session's schema, a row a column in key order; a constraint that
   * has no key, such as a CHECK, gives one row without column.
   */
  readonly findConstraint: string;
  /** The decision an error leads to, if any. */
  faultOf(error: SqlError): Fault | undefined;
}
