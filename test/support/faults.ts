import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/secret.js';
import { readStore } from '../../src/trust/keystore/keystore.js';
import { km, MAIN } from './cli.js';
import { patient } from './patience.js';
import { makeSandboxHomes } from './sandbox-homes.js';
import { untilNothingWorksIn } from './until-nothing-works-in.js';

/** Where in a run, from 1, and what: death `before` or `after` the operation, or the code of the error that it fails with. */
export interface Fault {
  readonly at: number;
  readonly does: 'before' | 'after' | 'ENOSPC' | 'EIO' | 'EACCES';
}

export interface FaultedRun {
  readonly signal: string | undefined;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The operations that the run came to: `file rename …`, `other GET …`. */
  readonly points: readonly string[];
}

const INJECTOR = new URL('fault-injector.js', import.meta.url).href;

/** Runs the program with every write, rename, child process, statement and request numbered, and with a fault at one of them. */
export async function kmWithFault(words: readonly string[], log: string, fault?: Fault): Promise<FaultedRun> {
  await rm(log, { force: true });
  const { PATH = '', JAVA_HOME } = process.env;
  const run = await execa('node', ['--import', INJECTOR, MAIN, ...words], {
    env: {
      PATH,
      ...(JAVA_HOME ? { JAVA_HOME } : {}),
      FAULT_LOG: log,
      ...(fault && { FAULT_AT: String(fault.at), FAULT: fault.does }),
    },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: patient(120_000),
  });
  const points = (await readFile(log, 'utf8').catch(() => '')).split('\n').filter(Boolean);
  return { signal: run.signal, exitCode: run.exitCode, stdout: run.stdout, stderr: run.stderr, points };
}

/** Two fresh homes, and what they come to when nothing goes wrong. */
export interface Trial {
  /** Makes the homes anew and returns the options that name them. */
  homes(): Promise<readonly string[]>;
  /** The folder that holds both. */
  readonly folder: string;
  /** The points of an undisturbed apply, in order, `file …` or `other …`. */
  readonly points: readonly string[];
  /** {@link stateOf} after an undisturbed apply. */
  readonly undisturbed: Readonly<Record<string, string>>;
  readonly log: string;
}

/** @param folder an empty one, which is the caller's to remove */
export async function prepareTrial(folder: string, words: readonly string[]): Promise<Trial> {
  const [template, working, log] = ['template', 'homes', 'points'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await makeSandboxHomes(template);
  const homes = async () => {
    await rm(working, { recursive: true, force: true });
    await mkdir(working);
    await cp(template, working, { recursive: true, preserveTimestamps: true });
    return ['--is7-home', join(working, 'wso2is-7.2.0'), '--apim-home', join(working, 'wso2am-4.5.0')];
  };
  const { exitCode, points, stderr } = await kmWithFault([...words, ...(await homes())], log);
  assert.is(exitCode, 0, stderr);
  return { homes, folder: working, points, undisturbed: await stateOf(working), log };
}

/**
 * Applies with a fault, then without: the second must end well, and leave what an undisturbed run leaves, with nothing beside it. Returns
 * the faulted run.
 */
export async function recovers(trial: Trial, words: readonly string[], fault: Fault): Promise<FaultedRun> {
  const homes = await trial.homes();
  const what = `${fault.does} at ${fault.at}`;
  const faulted = await kmWithFault([...words, ...homes], trial.log, fault);
  assert.not.match(faulted.stdout + faulted.stderr, /INTERNAL|\n\s+at /, `${what}: ${faulted.stdout}${faulted.stderr}`);
  await untilNothingWorksIn(trial.folder);
  const again = await km(['apply', '--phase', 'offline', ...homes]);
  assert.is(again.exitCode, 0, `${what}: ${again.stdout}${again.stderr}`);
  const last = await km(['verify', '--phase', 'offline', ...homes]);
  assert.is(last.exitCode, 0, `${what}: ${last.stdout}${last.stderr}`);
  assert.equal(await stateOf(trial.folder), trial.undisturbed, what);
  return faulted;
}

/** Every file by its path: the entries of a store, which are what counts in it, else the SHA-256 of its bytes. */
export async function stateOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const rows = await Promise.all(
    files.sort().map(async (file) => [relative(folder, file), await contentOf(file)] as const),
  );
  return Object.fromEntries(rows);
}

async function contentOf(file: string): Promise<string> {
  // H2 writes time stamps; that the constraint is there is what the last apply finds.
  if (file.endsWith('.mv.db')) return 'a database';
  if (!/\.(jks|p12)$/.test(file))
    return createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  const { contents } = await readStore({ path: file, password: new Secret('wso2carbon') });
  return JSON.stringify([...contents].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** So many whole numbers from 1 to `last`, evenly apart. */
export function spread(count: number, last: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => 1 + Math.floor(((index + 0.5) * last) / count));
}
