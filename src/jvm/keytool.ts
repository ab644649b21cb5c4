import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import type { Secret } from '../secret.js';
import { runChild } from './child.js';
import { QUICK_START } from './class-archive.js';
import { MESSAGES } from './errors.js';

/** Where keytool is looked for, and what its JVM is told, as the environment says. */
export interface KeytoolOptions {
  /** JAVA_HOME: its keytool comes first. */
  readonly javaHome: string | undefined;
  /** PATH. */
  readonly path: string | undefined;
  /** JAVA_TOOL_OPTIONS: may name the jar of a security provider, and so is heard for the formats that the JDK itself does not know. */
  readonly javaToolOptions?: string | undefined;
}

/** A kind of store, by the name that keytool's `-storetype` takes; the last two are those of the provider Bouncy Castle. */
export type StoreType = 'JKS' | 'JCEKS' | 'PKCS12' | 'BKS' | 'BCFKS';

/** A store that keytool reads, or writes to in place. */
export interface KeytoolStore {
  readonly path: string;
  readonly format: StoreType;
  readonly password: Secret;
}

const DEADLINE_MS = 120_000;

/** keytool speaks English to us, and takes times for those of the store. */
const JVM_FLAGS = [...QUICK_START, '-Duser.language=en', '-Duser.timezone=UTC'].map((flag) => `-J${flag}`);

/**
 * `keytool -importcert`: adds a trusted certificate under an alias that is free. Read the store again afterwards: keytool can end well
 * without having imported.
 *
 * `-trustcacerts` is left out: with `-noprompt` nothing is asked of the JDK's own CAs, and loading them takes time.
 *
 * @throws BootstrapError `KEYTOOL_MISSING`, `KEYTOOL_FAILED`; the signal's reason when it aborts
 */
export async function importCertificate(
  store: KeytoolStore,
  alias: string,
  pem: string,
  options: KeytoolOptions,
  signal: AbortSignal,
): Promise<void> {
  await runKeytool({ command: ['-importcert', '-noprompt', '-alias', alias], input: pem, store, options, signal });
}

/** `keytool -delete`: removes an alias with all it holds. Throws like {@link importCertificate}. */
export async function deleteAlias(
  store: KeytoolStore,
  alias: string,
  options: KeytoolOptions,
  signal: AbortSignal,
): Promise<void> {
  await runKeytool({ command: ['-delete', '-alias', alias], input: '', store, options, signal });
}

/** `keytool -changealias`: gives a trusted certificate another alias, which is free. Throws like {@link importCertificate}. */
export async function renameAlias(
  store: KeytoolStore,
  alias: string,
  to: string,
  options: KeytoolOptions,
  signal: AbortSignal,
): Promise<void> {
  const command = ['-changealias', '-alias', alias, '-destalias', to];
  await runKeytool({ command, input: '', store, options, signal });
}

/**
 * `keytool -list -rfc`: every alias with its kind, the day that it was made, and its certificates as PEM. Throws like
 * {@link importCertificate}.
 */
export function listEntries(store: KeytoolStore, options: KeytoolOptions): Promise<string> {
  return runKeytool({ command: ['-list', '-rfc'], input: '', store, options });
}

/** The keytool of JAVA_HOME, else of PATH. @throws BootstrapError `KEYTOOL_MISSING` */
export async function findKeytool({ javaHome, path }: KeytoolOptions): Promise<string> {
  const folders = [...(javaHome ? [join(javaHome, 'bin')] : []), ...(path ?? '').split(delimiter).filter(Boolean)];
  for (const folder of folders) {
    const candidate = join(folder, 'keytool');
    if (await isExecutable(candidate)) return candidate;
  }
  const where = javaHome ? `neither in ${join(javaHome, 'bin')} nor on PATH` : 'not on PATH, and JAVA_HOME is not set';
  throw new BootstrapError(MESSAGES.KEYTOOL_MISSING(where));
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

interface KeytoolRun {
  readonly command: readonly string[];
  readonly input: string;
  readonly store: KeytoolStore;
  readonly options: KeytoolOptions;
  readonly signal?: AbortSignal;
}

async function runKeytool({ command, input, store, options, signal }: KeytoolRun): Promise<string> {
  const keytool = await findKeytool(options);
  const where = ['-keystore', store.path, '-storetype', store.format, '-storepass:env', 'KMB_STOREPASS'];
  const { exitCode, timedOut, stdout, stderr } = await runChild(keytool, [...JVM_FLAGS, ...command, ...where], {
    input,
    environment: environmentOf(options, store),
    timeoutMs: DEADLINE_MS,
    signal,
  });
  if (exitCode === 0) return stdout;
  const reason = timedOut ? `it did not end within ${DEADLINE_MS / 1000} s` : firstMessage(`${stdout}\n${stderr}`);
  throw new BootstrapError(MESSAGES.KEYTOOL_FAILED(command[0], store.path, reason, keytool));
}

/** UTF-8, because in a plain C locale Java cannot open a path, or take a password, with letters beyond ASCII. */
function environmentOf(
  { javaHome, path, javaToolOptions }: KeytoolOptions,
  { format, password }: KeytoolStore,
): Record<string, string> {
  return {
    LC_ALL: 'C.UTF-8',
    KMB_STOREPASS: password.reveal(),
    ...(path ? { PATH: path } : {}),
    ...(javaHome ? { JAVA_HOME: javaHome } : {}),
    ...(javaToolOptions && !KNOWN_TO_JDK.includes(format) ? { JAVA_TOOL_OPTIONS: javaToolOptions } : {}),
  };
}

const KNOWN_TO_JDK: readonly StoreType[] = ['JKS', 'JCEKS', 'PKCS12'];

/** `keytool error: java.io.IOException: Keystore was tampered with` → the words after the class name. */
function firstMessage(output: string): string {
  // A JVM repeats what these variables hold, which may be passwords.
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !/Picked up \w+:/.test(line));
  const line = lines.find((text) => text.startsWith('keytool error:')) ?? lines.find(Boolean) ?? 'it said nothing';
  return line.replace(/^keytool error: (?:[\w.]+(?:Exception|Error): )?/, '');
}
