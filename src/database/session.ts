import type { BootstrapError } from '../errors.js';
import { oneLine } from '../printable.js';
import type { Notice } from '../step/step.js';
import type { Catalogue } from './catalogue.js';
import type { Dialect } from './dialects/dialect.js';

/** The values of a row as text, in the order of the SELECT; SQL's NULL is null. */
export type Row = readonly (string | null)[];

/** A unique index, or the index behind a unique constraint or primary key. */
export interface UniqueIndex {
  readonly name: string;
  /** In index order, as the database spells them. */
  readonly columns: readonly string[];
}

/** What the steps ask of an open connection, the same on every engine and driver. Every method throws {@link SqlError}. */
export interface Session {
  /** At most `maxRows` rows. */
  query(sql: string, maxRows: number): Promise<readonly Row[]>;
  execute(sql: string): Promise<void>;
  /** The names of the tables in the session's schema that start with `prefix`, as the database spells them. */
  tables(prefix: string): Promise<readonly string[]>;
  /** The schemas besides the session's own that have a table of this name which this user can see. */
  otherSchemasOf(table: string): Promise<readonly string[]>;
  /** Those that hold for every row: an index with a filter is left out. */
  uniqueIndexes(table: string): Promise<readonly UniqueIndex[]>;
}

/** One database, of whatever engine. What goes wrong is thrown as a {@link BootstrapError} that names it. */
export interface Database {
  /** For messages: `WSO2IDENTITY_DB (H2)`. */
  readonly label: string;
  readonly dialect: Dialect;
  /** Whether a schema was named, so that tables of the same name elsewhere do not matter. */
  readonly schemaIsGiven: boolean;
  /** What is worth saying about how it is talked to; complete once a session was lent. */
  notices(): readonly Notice[];
  /** Lends a look at it; `use` may be called again, when what it saw was being changed. */
  withCatalogue<T>(use: (catalogue: Catalogue) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Lends a session that cannot write; absent where the database is only looked at as data. */
  withReader?<T>(use: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Lends a session that can write; what it executed is committed when `use` returns, if not before. */
  withWriter<T>(use: (session: Session) => Promise<T>, signal: AbortSignal): Promise<T>;
}

/** A failure that the engine or its driver reported. A {@link Dialect} turns its codes into decisions. */
export class SqlError extends Error {
  /** SQLSTATE, five characters; empty when the driver itself failed. */
  readonly state: string;
  /** The engine's own number; 0 when there is none. */
  readonly vendorCode: number;

  constructor(
    message: string,
    details: { readonly state: string; readonly vendorCode: number; readonly cause?: unknown },
  ) {
    super(oneLine(message), { cause: details.cause });
    this.name = 'SqlError';
    this.state = details.state;
    this.vendorCode = details.vendorCode;
  }
}
