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

/**
 * Whether the server makes the same of a value found as of the one wanted. It prints values into templates, so that `"1"` and `1` are
 * one (the Helm chart of Identity Server writes `offset = "0"`); its tests of booleans tell `"true"` and `true` apart.
 */
export function isAlike(found: unknown, wanted: TomlValue): boolean {
  if (found === undefined) return false;
  if (wanted instanceof Secret) return found === wanted.reveal();
  if (isList(wanted)) return isListAlike(found, wanted);
  if (typeof found === 'boolean' || typeof wanted === 'boolean') return found === wanted;
  return typeof found !== 'object' && String(found) === String(wanted);
}

function isListAlike(found: unknown, wanted: readonly TomlValue[]): boolean {
  if (!Array.isArray(found) || found.length !== wanted.length) return false;
  return wanted.every((item, index) => isAlike(found[index], item));
}

/**
 * Keys of deployment.toml whose values are shown in a plan: those that this tool writes, but for passwords and user names, and those that
 * stand beside them in the shipped files. Whatever else people have there could be a secret, whatever it is called.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  ...['hostname', 'node_ip', 'base_path', 'offset', 'mode', 'legacy_mode', 'proxyPort', 'server_role'],
  ...['enable', 'enabled', 'authorize_all_scopes', 'allow_system_prefix_for_role', 'create_admin_account'],
  ...['context', 'secure', 'http_method', 'cross_tenant', 'permissions', 'scopes', 'file_name', 'type', 'alias'],
  ...['id', 'name', 'order', 'header.X-WSO2-KEY-MANAGER', 'notification_endpoint'],
]);

/** Whether the value under a key may be shown, by the key's last name. */
export function isHarmlessName(name: string): boolean {
  return HARMLESS.has(name);
}
