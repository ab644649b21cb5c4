import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import * as assert from 'uvu/assert';
import { readServerToml, type ServerTomlValue, serverTomlJars } from '../../sandbox/server-toml.js';
import { editToml, type TomlEdit } from '../../src/deployment-toml/edit.js';
import type { Wanted } from '../../src/deployment-toml/wanted.js';
import { startJvm } from '../../src/jvm/jvm.js';

const jvm = startJvm(serverTomlJars());

/** The flat keys that the servers' parser gives after and did not give before, or gave otherwise; an Error for a key that is lost. */
export function differenceForServers(before: string, after: string): Record<string, ServerTomlValue> {
  const [old, now] = [keysForServers(before), keysForServers(after)];
  const lost = [...old.keys()].filter((key) => !now.has(key));
  assert.equal(lost, [], 'keys are lost');
  return Object.fromEntries([...now].filter(([key, value]) => !isDeepStrictEqual(value, old.get(key))));
}

/** What the servers see, by flat key. */
export function keysForServers(text: string): ReadonlyMap<string, ServerTomlValue> {
  return readServerToml(jvm, text);
}

export function loadsOnServers(text: string): boolean {
  try {
    readServerToml(jvm, text);
    return true;
  } catch {
    return false;
  }
}

/** The same by smol-toml, tables gone through down to values and arrays. */
export function differenceForToml(before: string, after: string): Record<string, unknown> {
  const [old, now] = [flatten(parse(before)), flatten(parse(after))];
  const lost = [...old.keys()].filter((key) => !now.has(key));
  assert.equal(lost, [], 'keys are lost');
  return Object.fromEntries([...now].filter(([key, value]) => !isDeepStrictEqual(value, old.get(key))));
}

/** Edits, and sees that both parsers find the same new keys, and that a second edit returns the same text. */
export function editSeenByBoth(
  before: string,
  wanted: readonly Wanted[],
): { readonly text: string; readonly edits: readonly TomlEdit[]; readonly keys: Record<string, unknown> } {
  const { text, edits } = editToml(before, wanted);
  const keys = differenceForServers(before, text);
  assert.equal(differenceForToml(before, text), keys, 'the two parsers see different edits');
  const again = editToml(text, wanted);
  assert.is(again.text, text);
  assert.equal(again.edits, []);
  return { text, edits, keys };
}

function flatten(table: object, above: readonly string[] = []): Map<string, unknown> {
  const all = Object.entries(table).flatMap(([name, value]): (readonly [string, unknown])[] => {
    const path = [...above, /^[\w-]+$/.test(name) ? name : JSON.stringify(name)];
    if (isTable(value)) return [...flatten(value, path)];
    return [[path.join('.'), plain(value)]];
  });
  return new Map(all);
}

/** As the servers' parser gives it: tables in arrays flat, line ends of a text LF, and without smol-toml's prototypes. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\r\n', '\n');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  return isTable(value) ? Object.fromEntries([...flatten(value)].sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
