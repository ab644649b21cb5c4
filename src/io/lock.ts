import { link, open, readFile, rename, rm, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BootstrapError } from '../errors.js';
import { unwritable } from './unwritable.js';

export interface RunLock {
  /**
   * Takes the lock, waiting for another holder at most the time given. Once it is held, or being taken, another call is no second taking;
   * after a failure it is.
   */
  hold(signal: AbortSignal): Promise<void>;
  release(): Promise<void>;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

const LOCK_FILE = '.km-bootstrap.lock';
/** A holder renews its lock this often; one that was not renewed for `LEASE_MS` belongs to a run that died. */
const RENEW_MS = 5_000;
const LEASE_MS = 30_000;
const RETRY_MS = 200;

/**
 * A lock on folders that several runs may write to, kept as a small file in each, so that it works between containers that share a
 * volume. Taken in the order given. It holds only while its run is alive: a dead holder on this host, or one whose lease ran out, is replaced.
 */
export function createRunLock(folders: readonly string[], timeoutMs: number): RunLock {
  const held: string[] = [];
  let renewal: NodeJS.Timeout | undefined;
  let holding: Promise<void> | undefined;

  async function takeAll(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    renewal ??= setInterval(() => renew(held), RENEW_MS).unref();
    for (const file of folders.map((folder) => join(folder, LOCK_FILE))) {
      if (held.includes(file)) continue;
      await take(file, deadline, signal);
      held.push(file);
    }
  }

  return {
    hold(signal) {
      holding ??= takeAll(signal).catch((error: unknown) => {
        holding = undefined;
        throw error;
      });
      return holding;
    },
    async release() {
      clearInterval(renewal);
      renewal = undefined;
      holding = undefined;
      await Promise.all(held.splice(0).map((file) => rm(file, { force: true })));
    },
  };
}

async function take(file: string, deadline: number, signal: AbortSignal): Promise<void> {
  while (!(await create(file))) {
    const holder = await readHolder(file);
    if (holder === 'gone') continue;
    if (holder.dead) {
      await removeExactly(file, holder.text);
      continue;
    }
    if (performance.now() >= deadline) throw lockedBy(file, holder.text);
    await sleep(RETRY_MS, undefined, { signal });
  }
}

async function create(file: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    const handle = await open(file, 'wx', 0o644);
    await handle.writeFile(`${JSON.stringify(holder)}\n`);
    await handle.close();
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw await unwritable(`write the lock ${file}`, file, cause);
  }
}

async function readHolder(file: string): Promise<'gone' | { text: string; dead: boolean }> {
  try {
    const handle = await open(file, 'r');
    try {
      const text = await handle.readFile('utf8');
      const ageMs = Date.now() - (await handle.stat()).mtimeMs;
      return { text, dead: ageMs > LEASE_MS || diedHere(parseHolder(text)) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
}

function parseHolder(text: string): Partial<Holder> {
  try {
    return JSON.parse(text) as Partial<Holder>;
  } catch {
    return {};
  }
}

/** Containers that share a host name also share its process table, or neither; a holder elsewhere is judged by its lease alone. */
function diedHere({ pid, host }: Partial<Holder>): boolean {
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Removes a dead lock, but puts it back when another run replaced it meanwhile: rename decides who of several takes it away. */
async function removeExactly(file: string, text: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== text) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function renew(files: readonly string[]): void {
  const now = new Date();
  for (const file of files) utimes(file, now, now).catch(() => undefined);
}

function lockedBy(file: string, text: string): BootstrapError {
  const { pid, host, since } = parseHolder(text);
  const who = pid === undefined ? 'another run' : `process ${pid} on ${host} since ${since}`;
  return new BootstrapError(`${file} is held by ${who}`, {
    code: 'LOCKED',
    hint: 'Wait for that run to end, or allow more time with --lock-timeout.',
  });
}
