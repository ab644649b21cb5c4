import { BootstrapError } from '../errors.js';
import type { Jvm } from '../jvm/jvm.js';
import { javaLibrary } from '../jvm/libraries.js';

export type ServerTomlValue =
  | string
  | number
  | boolean
  | readonly ServerTomlValue[]
  | { readonly [key: string]: ServerTomlValue };

/** The jars of cava-toml 0.5.0, the parser that IS 7 and API Manager read deployment.toml with. */
export function serverTomlJars(): readonly string[] {
  return ['cava-toml-0.5.0.jar', 'antlr4-runtime-4.7.1.jar', 'jsr305-3.0.2.jar'].map(javaLibrary);
}

/**
 * Reads deployment.toml as the real servers do: parse, then flatten to dotted keys, in which a table that stands after one of its own
 * sub-tables overflows the stack.
 *
 * @throws BootstrapError `TOML_INVALID` where the real server would not start
 */
export function readServerToml(jvm: Jvm, text: string): ReadonlyMap<string, ServerTomlValue> {
  const parsed = jvm.callStaticMethodSync('net.consensys.cava.toml.Toml', 'parse', text) as ParsedToml;
  if (parsed.hasErrorsSync()) throw refused(parsed.errorsSync().toArraySync().map(String).join('\n'));
  const keys = flatten(parsed);
  return new Map(keys.map((key) => [key, toJs(jvm, parsed.getSync(key))]));
}

interface ParsedToml extends TomlTable {
  hasErrorsSync(): boolean;
  errorsSync(): { toArraySync(): readonly object[] };
}

interface TomlTable {
  dottedKeySetSync(): { toArraySync(): readonly string[] };
  getSync(key: string): unknown;
}

interface TomlArray {
  sizeSync(): number;
  getSync(index: number): unknown;
}

function flatten(table: TomlTable): readonly string[] {
  try {
    return [...table.dottedKeySetSync().toArraySync()].sort();
  } catch (error) {
    if (!(error as Error).message.includes('StackOverflowError')) throw error;
    throw refused('java.lang.StackOverflowError: a [table] stands after one of its own sub-tables');
  }
}

function toJs(jvm: Jvm, value: unknown): ServerTomlValue {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (jvm.instanceOf(value, 'net.consensys.cava.toml.TomlArray')) return arrayToJs(jvm, value as TomlArray);
  if (jvm.instanceOf(value, 'net.consensys.cava.toml.TomlTable')) return tableToJs(jvm, value as TomlTable);
  const text = String(value);
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

function arrayToJs(jvm: Jvm, array: TomlArray): readonly ServerTomlValue[] {
  return Array.from({ length: array.sizeSync() }, (_, index) => toJs(jvm, array.getSync(index)));
}

function tableToJs(jvm: Jvm, table: TomlTable): { readonly [key: string]: ServerTomlValue } {
  return Object.fromEntries(flatten(table).map((key) => [key, toJs(jvm, table.getSync(key))]));
}

function refused(why: string): BootstrapError {
  return new BootstrapError(`the server cannot load its deployment.toml and does not start: ${why}`, {
    code: 'TOML_INVALID',
    hint: 'Correct the file at the line that is named.',
  });
}
