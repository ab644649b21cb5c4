import type NodeJava from 'java';
import { BootstrapError } from '../src/errors.js';
import type { Jvm } from '../src/jvm/jvm.js';
import { javaLibrary } from '../src/jvm/libraries.js';
import { MESSAGES } from './errors.js';

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
 * Reads deployment.toml as the real servers do: parse, then flatten to dotted keys (a name that is not bare is quoted in them). A table
 * that stands after one of its own sub-tables passes the first and overflows the stack in the second; the JVM survives that here. A date
 * comes as its text, a 64-bit integer as the nearest number.
 *
 * @param jvm with the {@link serverTomlJars} on its class path
 * @throws BootstrapError `TOML_INVALID` with line and column, where the real server would not start
 */
export function readServerToml(jvm: Jvm, text: string): ReadonlyMap<string, ServerTomlValue> {
  const parsed = orRefuse(() => jvm.callStaticMethodSync('net.consensys.cava.toml.Toml', 'parse', text) as ParsedToml);
  const [first] = parsed.errorsSync().toArraySync();
  if (first) throw refused(atLine(first));
  return orRefuse(() => new Map(Object.entries(tableToJs(jvm, parsed))));
}

interface ParsedToml extends TomlTable {
  errorsSync(): { toArraySync(): readonly ParseError[] };
}

interface ParseError {
  getMessageSync(): string;
  positionSync(): { lineSync(): number; columnSync(): number };
}

interface TomlTable {
  dottedKeySetSync(): { toArraySync(): readonly string[] };
  getSync(key: string): unknown;
}

interface TomlArray {
  sizeSync(): number;
  getSync(index: number): unknown;
}

function tableToJs(jvm: Jvm, table: TomlTable): { readonly [key: string]: ServerTomlValue } {
  const keys = [...table.dottedKeySetSync().toArraySync()].sort();
  return Object.fromEntries(keys.map((key) => [key, toJs(jvm, table.getSync(key), key)]));
}

function arrayToJs(jvm: Jvm, array: TomlArray, key: string): readonly ServerTomlValue[] {
  return Array.from({ length: array.sizeSync() }, (_, index) => toJs(jvm, array.getSync(index), key));
}

function toJs(jvm: Jvm, value: unknown, key: string): ServerTomlValue {
  if (value === null) throw refused(`it cannot read back the key ${key}`);
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (jvm.instanceOf(value, 'net.consensys.cava.toml.TomlArray')) return arrayToJs(jvm, value as TomlArray, key);
  if (jvm.instanceOf(value, 'net.consensys.cava.toml.TomlTable')) return tableToJs(jvm, value as TomlTable);
  const text = (value as { toStringSync?(): string }).toStringSync?.() ?? String(value);
  return /^-?\d+$/.test(text) ? Number(text) : text;
}

/** Any exception ends the real server's start, too. */
function orRefuse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof BootstrapError) throw error;
    throw refused(reasonOf(error as NodeJava.JavaError), error);
  }
}

function reasonOf({ message, cause }: NodeJava.JavaError): string {
  if (message.includes('java.lang.StackOverflowError')) {
    return 'java.lang.StackOverflowError: a [table] stands after one of its own sub-tables';
  }
  return cause?.getMessageSync?.() ?? message.split('\n')[0] ?? '';
}

function atLine(error: ParseError): string {
  const position = error.positionSync();
  return `line ${position.lineSync()}, column ${position.columnSync()}: ${error.getMessageSync()}`;
}

function refused(why: string, cause?: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.TOML_INVALID(why), { cause });
}
