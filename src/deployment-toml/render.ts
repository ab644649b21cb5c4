import { Secret } from '../secret.js';
import { isEmptyList, type TomlFields, type TomlValue } from './wanted.js';

/** A dotted key or the inside of a header. */
export function renderPath(path: readonly string[]): string {
  return path.map((name) => (/^[\w-]+$/.test(name) ? name : renderString(name))).join('.');
}

export function renderValue(value: TomlValue): string {
  if (value instanceof Secret) return renderString(value.reveal());
  if (typeof value === 'string') return renderString(value);
  return isList(value) ? `[${value.map(renderValue).join(', ')}]` : String(value);
}

/** What may be printed of a value. */
export function showValue(value: TomlValue): string {
  return value instanceof Secret ? String(value) : renderValue(value);
}

export function renderEntry(path: readonly string[], value: TomlValue): string {
  return `${renderPath(path)} = ${renderValue(value)}`;
}

/** Without empty lists, which the servers’ parser cannot read there. */
export function renderInlineTable(fields: TomlFields): string {
  const writable = Object.entries(fields).filter(([, value]) => !isEmptyList(value));
  const entries = writable.map(
    ([name, value]) => `${renderPath([name])} = ${isFields(value) ? renderInlineTable(value) : renderValue(value)}`,
  );
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** The lines of a `[[path]]` entry, its sub-tables after its own keys. */
export function renderTableEntry(path: readonly string[], fields: TomlFields): readonly string[] {
  return [`[[${renderPath(path)}]]`, ...renderFields(path, fields)];
}

function renderFields(path: readonly string[], fields: TomlFields): readonly string[] {
  const all = Object.entries(fields);
  const own = all.flatMap(([name, value]) => (isFields(value) ? [] : [renderEntry([name], value)]));
  const below = all.flatMap(([name, value]) =>
    isFields(value) ? [`[${renderPath([...path, name])}]`, ...renderFields([...path, name], value)] : [],
  );
  return [...own, ...below];
}

export function isFields(value: TomlValue | TomlFields): value is TomlFields {
  return typeof value === 'object' && !(value instanceof Secret) && !isList(value);
}

function isList(value: TomlValue | TomlFields): value is readonly TomlValue[] {
  return Array.isArray(value);
}

/** TOML's basic string is JSON's but for DEL, which TOML wants escaped. */
function renderString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}
