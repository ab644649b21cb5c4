import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, lutimes, open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BootstrapError } from '../errors.js';
import { createWhole } from './create-file.js';
import { MESSAGES } from './errors.js';
import { withHeldFolder } from './held-folder.js';
import { giveNew } from './ownership.js';
import { lookForProcess, ownIdentity, type ProcessIdentity } from './process-identity.js';
import { unwritable } from './unwritable.js';
import { type Hindrance, type Say, sayingWhatIsWaitedFor } from './waiting.js';
import { removeFile, removeLeftovers } from './write-file.js';

export interface RunLock {
  /**
   * Takes the lock, waiting for another holder at most the time given, and saying so. While it is held, or being taken, another call is no second taking;
   * after a failure it is, and after it was lost: a run that was stopped for longer than its lease may find another in its place.
   *
   * @throws BootstrapError `LOCKED`, `FILE_UNWRITABLE`, `FILE_UNREADABLE`; the signal's reason when it aborts
   */
  hold(signal: AbortSignal, say?: Say): Promise<void>;
  /** @throws BootstrapError `FILE_UNWRITABLE` a lock could not be removed; once this process is gone, it keeps nobody out */
  release(): Promise<void>;
  /** Removes what a killed run left, where this one had nothing to write and took no lock. Never fails; a holder that may live keeps its lock. */
  clear(): Promise<void>;
}

/** What stands in a lock: who holds it. */
interface Holder extends ProcessIdentity {
  readonly host: string;
  readonly since: string;
  /** Makes the locks of one process differ. */
  readonly id: string;
}

const LOCK_FILE = '.km-bootstrap.lock';
/** A holder renews its lock this often. One that cannot be seen from here and has not renewed its lock for `LEASE_MS` is dead. */
const RENEW_MS = 1_000;
const LEASE_MS = 30_000;
/** A clock may have jumped: a lock that seems to be left is looked at for so long before it is believed. */
const CONFIRM_MS = 3 * RENEW_MS;
const RETRY_MS = 200;

/**
 * A lock on folders that several runs may write to, kept as a small file in each, so that it works between containers that share a
 * volume. Taken in the order given. It holds only while its run is alive: a holder that is gone, or whose lease ran out, is replaced.
 */
export function createRunLock(folders: readonly string[], timeoutMs: number): RunLock {
  const text = holderText({
    ...ownIdentity(),
    host: hostname(),
    since: new Date().toISOString(),
    id: randomBytes(6).toString('hex'),
  });
  const files = folders.map((folder) => join(folder, LOCK_FILE));
  const held = new Set<string>();
  let renewal: NodeJS.Timeout | undefined;
  let holding: Promise<void> | undefined;

  async function takeAll(signal: AbortSignal, tell: (hindrance: Hindrance) => void): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    renewal ??= setInterval(() => void renew(held, text), RENEW_MS).unref();
    for (const file of files) {
      if (held.has(file) && (await isStill(file, text))) continue;
      held.delete(file);
      await take(file, text, { deadline, tell, signal });
      held.add(file);
    }
  }

  return {
    hold(signal, say = () => undefined) {
      const waiting = { name: 'the lock', deadlineMs: timeoutMs, say };
      holding ??= sayingWhatIsWaitedFor(waiting, (tell) => takeAll(signal, tell)).finally(() => {
        holding = undefined;
      });
      return holding;
    },
    async release() {
      clearInterval(renewal);
      renewal = undefined;
      await holding?.catch(() => undefined);
      const ours = [...held];
      held.clear();
      const removals = ours.map(async (file) => {
        if (await isStill(file, text)) await remove(file, `remove the lock ${file}, which keeps nobody out any more`);
      });
      // All of them, also when one fails.
      await Promise.allSettled(removals);
      await Promise.all(removals);
    },
    async clear() {
      for (const file of files) {
        const holder = await readLock(file).catch(() => 'gone' as const);
        if (holder === 'gone' || watchLock().judge(holder) !== 'left') continue;
        await removeLeft(file, holder, text).catch(() => undefined);
      }
    },
  };
}

function holderText(holder: Holder): string {
  return `${JSON.stringify(holder)}\n`;
}

interface Taking {
  /** As `performance.now()` tells it. */
  readonly deadline: number;
  readonly tell: (hindrance: Hindrance) => void;
  readonly signal: AbortSignal;
}

async function take(file: string, text: string, { deadline, tell, signal }: Taking): Promise<void> {
  const watched = watchLock();
  while (!(await create(file, text))) {
    const holder = await readLock(file);
    if (holder === 'gone') continue;
    const verdict = watched.judge(holder);
    if (verdict === 'left' && (await removeLeft(file, holder, text))) continue;
    if (verdict === 'held' && performance.now() >= deadline) throw lockedBy(file, holder);
    tell(lockedBy(file, holder));
    await sleep(RETRY_MS, undefined, { signal });
  }
  await removeLeftovers(file);
}

/** It tells runs of other users, too, who holds it and since when. */
const MODE = 0o644;

/** Whole from the first moment: who is killed in between leaves no lock that nobody can read. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    return await createWhole(file, text, MODE);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    // A holder that tidies up may have removed the temporary file.
    if (code === 'ENOENT' && (await isThere(dirname(file)))) return false;
    if (WITHOUT_LINKS.includes(code)) return createInPlace(file, text);
    throw await unwritable(`write the lock ${file}`, file, cause);
  }
}

/** What file systems say that have no links: those of Windows shares, among others. */
const WITHOUT_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Killed in between, it leaves a lock without a holder, which its lease frees. */
async function createInPlace(file: string, text: string): Promise<boolean> {
  try {
    await withHeldFolder(dirname(file), undefined, async (folder) => {
      const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
      const made = await open(folder.at(file), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, MODE);
      try {
        await made.writeFile(text);
        await giveNew(made, await folder.stat(), file, { mode: MODE });
      } finally {
        await made.close();
      }
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw await unwritable(`write the lock ${file}`, file, cause);
  }
}

/** Beside the lock, named as {@link removeLeftovers} knows it: whoever takes the lock next removes what a killed run left. */
function besideLock(file: string, word: string): string {
  return join(dirname(file), `.${LOCK_FILE}.${word}.km-bootstrap`);
}

interface FoundLock {
  readonly text: string;
  /** When it was renewed, by the clock of whoever did. */
  readonly renewedMs: number;
}

async function readLock(file: string): Promise<'gone' | FoundLock> {
  try {
    const stats = await lstat(file);
    if (!stats.isFile()) throw notALock(file);
    return { text: await readHolder(file), renewedMs: stats.mtimeMs };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'gone';
    if (error instanceof BootstrapError) throw error;
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE.lock(file, message), { cause: error });
  }
}

/** No more than a lock can be; nothing when it may not be read, which says nothing about its holder. */
async function readHolder(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LONGEST_LOCK), 0, LONGEST_LOCK, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

const LONGEST_LOCK = 4096;

/**
 * Judges a lock again and again: `held`, `left` by a run that is dead, or `doubtful`. A process that can be seen from here is there or gone,
 * whatever the clocks say. Any other must renew its lock: one that did not for the whole lease by our own clock is dead, and one whose last
 * renewal is that long ago is, too, once it is sure that no clock has jumped.
 */
function watchLock(): { judge(lock: FoundLock): 'held' | 'left' | 'doubtful' } {
  let last: FoundLock | undefined;
  let unchangedSince = 0;
  return {
    judge(lock) {
      const now = performance.now();
      if (last?.text !== lock.text || last.renewedMs !== lock.renewedMs) unchangedSince = now;
      last = lock;
      const seen = lookForProcess(holderIn(lock.text));
      if (seen !== 'unseen') return seen === 'gone' ? 'left' : 'held';
      const unchangedMs = now - unchangedSince;
      if (unchangedMs >= LEASE_MS) return 'left';
      if (Date.now() - lock.renewedMs <= LEASE_MS) return 'held';
      return unchangedMs >= CONFIRM_MS ? 'left' : 'doubtful';
    },
  };
}

/** Nothing is known of the holder of a lock that cannot be read. */
function holderIn(text: string): Partial<Holder> & { readonly pid: number } {
  try {
    const parsed = JSON.parse(text) as Partial<Holder> | null;
    const { pid } = parsed ?? {};
    return typeof pid === 'number' && Number.isInteger(pid) ? { ...parsed, pid } : { pid: 0 };
  } catch {
    return { pid: 0 };
  }
}

/**
 * Removes a lock that a dead run left, while nobody else may: of two who found the same one, the slower would remove the lock that the
 * faster has just made. Returns whether it is gone.
 */
async function removeLeft(file: string, { text }: FoundLock, own: string): Promise<boolean> {
  const guard = besideLock(file, GUARD);
  if (!(await createInPlace(guard, own))) {
    const other = await readLock(guard);
    if (other !== 'gone' && isLongDead(other)) await remove(guard, `remove ${guard}, which a run that is dead left`);
    return false;
  }
  try {
    const holder = await readLock(file);
    if (holder === 'gone') return true;
    if (holder.text !== text) return false;
    await remove(file, `remove the lock ${file}, which a run that is dead left`);
    return true;
  } finally {
    await remove(guard, `remove ${guard}`);
  }
}

/** @throws BootstrapError `FILE_UNWRITABLE` */
async function remove(file: string, what: string): Promise<void> {
  try {
    await removeFile(file);
  } catch (cause) {
    throw await unwritable(what, file, cause);
  }
}

const GUARD = '0'.repeat(12);

/** A guard is kept for a few file operations. */
function isLongDead({ text, renewedMs }: FoundLock): boolean {
  const seen = lookForProcess(holderIn(text));
  return seen === 'gone' || (seen === 'unseen' && Math.abs(Date.now() - renewedMs) > LEASE_MS);
}

async function renew(files: ReadonlySet<string>, text: string): Promise<void> {
  const now = new Date();
  for (const file of files) if (await isStill(file, text)) await lutimes(file, now, now).catch(() => undefined);
}

async function isStill(file: string, text: string): Promise<boolean> {
  const holder = await readLock(file).catch(() => undefined);
  return holder !== undefined && holder !== 'gone' && holder.text === text;
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function lockedBy(file: string, { text, renewedMs }: FoundLock): BootstrapError {
  const { pid, host, since } = holderIn(text);
  const known = pid > 0 && typeof host === 'string' && typeof since === 'string';
  const who = known
    ? `process ${pid} on ${host} since ${since}`
    : `a run that it does not name, last renewed ${new Date(renewedMs).toISOString()}`;
  return new BootstrapError(MESSAGES.LOCKED(file, who));
}

function notALock(file: string): BootstrapError {
  return new BootstrapError(MESSAGES.FILE_UNREADABLE.noLock(file));
}
