import { isDeepStrictEqual } from 'node:util';
import { BootstrapError } from '../errors.js';
import { Secret } from '../secret.js';
import { readDocument, type TomlDocument } from './document.js';
import { MESSAGES } from './errors.js';
import { findEntry, writableFields } from './place-entry.js';
import { isAlike, isFields, renderPath } from './render.js';
import { isWantedEntry, type TomlFields, type TomlValue, type Wanted } from './wanted.js';

type Values = Readonly<Record<string, unknown>>;

/**
 * Reads an edited text and makes sure that the servers load it, and that it says what was said before and exactly what is wanted.
 *
 * @throws BootstrapError `TOML_EDIT_UNPROVEN`
 */
export function proveEdit(before: TomlDocument, text: string, wanted: Wanted): TomlDocument {
  const after = readEdited(text, wanted);
  if (isDeepStrictEqual(after.values, expectedValues(before.values, after, wanted))) return after;
  throw unproven(wanted);
}

/**
 * Reads an edited text.
 *
 * @throws BootstrapError `TOML_EDIT_UNPROVEN` the servers would not load it
 */
export function readEdited(text: string, wanted: Wanted): TomlDocument {
  try {
    return readDocument(text);
  } catch (cause) {
    throw unproven(wanted, cause);
  }
}

function expectedValues(before: Values, after: TomlDocument, wanted: Wanted): Values | undefined {
  if (!isWantedEntry(wanted)) return withValue(before, wanted.path, asAlike(wanted.value));
  const entry = findEntry(after, wanted);
  if (!entry.isThere) return undefined;
  const fields = writableFields(entry.table, wanted.value);
  const now = listAt(after.values, wanted.path);
  const index = now.findIndex((values) =>
    wanted.identity.every((key) => isAlike(values[key], wanted.value[key] as TomlValue)),
  );
  return withValue(before, wanted.path, (list) => expectedList(asList(list), now.length, index, fields));
}

/** One entry more at `index`, or the entry that stood there, with the values wanted. */
function expectedList(list: readonly Values[], length: number, index: number, fields: TomlFields): unknown {
  if (length > list.length) return list.toSpliced(index, 0, withFields({}, fields));
  return list.with(index, withFields(list[index] ?? {}, fields));
}

function withFields(table: Values, fields: TomlFields): Values {
  return Object.entries(fields).reduce(
    (all, [name, value]) =>
      withValue(all, [name], (found) => (isFields(value) ? withFields(asTable(found), value) : asAlike(value)(found))),
    table,
  );
}

/** Without a prototype, as smol-toml makes its tables. */
function withValue(table: Values, [name = '', ...rest]: readonly string[], make: (found: unknown) => unknown): Values {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  return { __proto__: null, ...table, [name]: rest.length === 0 ? make(value) : withValue(asTable(value), rest, make) };
}

function listAt(table: Values, path: readonly string[]): readonly Values[] {
  return asList(path.reduce<unknown>((at, name) => asTable(at)[name], table));
}

function asList(value: unknown): readonly Values[] {
  return Array.isArray(value) ? value : [];
}

function asTable(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}

function asAlike(wanted: TomlValue): (found: unknown) => unknown {
  return (found) => (isAlike(found, wanted) ? found : asParsed(wanted));
}

function asParsed(value: TomlValue): unknown {
  if (value instanceof Secret) return value.reveal();
  return Array.isArray(value) ? value.map(asParsed) : value;
}

function unproven(wanted: Wanted, cause?: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.TOML_EDIT_UNPROVEN.edit(renderPath(wanted.path)), { cause });
}
