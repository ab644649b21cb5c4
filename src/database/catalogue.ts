import type { BootstrapError } from '../errors.js';
import type { UniqueIndex } from './session.js';

/** What the steps look at in a database, the same on every engine. Nothing is changed by looking. */
export interface Catalogue {
  /** The names of the tables in the schema that start with `prefix`, as the database spells them. */
  tables(prefix: string): Promise<readonly string[]>;
  /** The schemas besides this one that have a table of this name which this user can see. */
  otherSchemasOf(table: string): Promise<readonly string[]>;
  /** Those that hold for every row: an index with a filter is left out. */
  uniqueIndexes(table: string): Promise<readonly UniqueIndex[]>;
  /** What bears the name of our constraint, if anything. */
  namesake(): Promise<Namesake | undefined>;
  /** The consumer keys that stand in the way of the constraint. */
  duplicates(): Promise<Duplicates>;
  /** Why a change would fail now, although the database can be read. */
  obstacle?(): Promise<BootstrapError | undefined>;
}

export interface Namesake {
  readonly table: string;
  /** Empty when it is no key: a CHECK, say. */
  readonly columns: readonly string[];
}

/** Consumer keys that more than one application has. */
export interface Duplicates {
  /** How many such keys there are, and how many applications have them. */
  readonly keys: number;
  readonly rows: number;
  /** The most used first, at most {@link LISTED_KEYS}. */
  readonly listed: readonly DuplicateKey[];
}

export interface DuplicateKey {
  readonly key: string;
  readonly rows: number;
  /** The first by tenant, at most {@link LISTED_APPS}. */
  readonly apps: readonly { readonly tenant: string; readonly name: string }[];
}

export const LISTED_KEYS = 20;
export const LISTED_APPS = 5;

export const NO_DUPLICATES: Duplicates = { keys: 0, rows: 0, listed: [] };
