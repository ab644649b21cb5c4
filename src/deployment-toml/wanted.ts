import type { Secret } from '../secret.js';

/** A value as deployment.toml can hold it. A {@link Secret} is written in clear and shown as `*****`. */
export type TomlValue = string | number | boolean | Secret | readonly TomlValue[];

/** The keys of one table; a nested object is a sub-table. */
export interface TomlFields {
  readonly [key: string]: TomlValue | TomlFields;
}

/** One key that must have this value. */
export interface WantedValue {
  /** The names from the root to the key: `['server', 'offset']`. */
  readonly path: readonly string[];
  readonly value: TomlValue;
  /** Why, for the plan: half a sentence, safe to print. */
  readonly reason?: string | undefined;
}

/** One table that an array of tables must hold with these values; further keys of it stay as found. */
export interface WantedEntry {
  /** Of the array: `['resource', 'access_control']`. */
  readonly path: readonly string[];
  /** The keys by which an entry is recognised as this one. */
  readonly identity: readonly string[];
  readonly value: TomlFields;
  readonly reason?: string | undefined;
}

export type Wanted = WantedValue | WantedEntry;

export function isWantedEntry(wanted: Wanted): wanted is WantedEntry {
  return 'identity' in wanted;
}

export function isEmptyList(value: TomlValue | TomlFields): boolean {
  return Array.isArray(value) && value.length === 0;
}
