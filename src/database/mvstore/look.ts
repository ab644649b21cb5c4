import { type BigIntStats, closeSync, fstatSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openFile } from '../../io/read-whole.js';
import { Damage } from './damage.js';
import { type RandomAccess, randomAccess } from './random-access.js';
import { openStore, type Store } from './store.js';
import { findNewestVersion, readHeaders } from './versions.js';

/** Why a file cannot be looked at. */
export type Obstacle =
  | { readonly kind: 'not a file' }
  | { readonly kind: 'encrypted' }
  | { readonly kind: 'unknown format'; readonly format: string }
  | { readonly kind: 'damaged'; readonly why: string }
  | { readonly kind: 'changing' };

/** A look that led to nothing; its message is for those who look for the cause. */
export class LookFailed extends Error {
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle) {
    super(['cannot look at the store', obstacle.kind, ...('why' in obstacle ? [obstacle.why] : [])].join(': '));
    this.name = 'LookFailed';
    this.obstacle = obstacle;
  }
}

/** H2 2.2 and later. */
const FORMAT = 3;

/** What a look may read and expand, bytes: many times what the definition of IS 7 takes. */
export const BUDGET = 256 << 20;

/**
 * How long a file must not have been written to for its times to tell whether it was written during a look: clocks of file systems stand
 * still for some milliseconds, and those of other machines may be a little off.
 */
const SETTLED_MS = 250;

const PAUSE_MS = { first: 5, longest: 100 } as const;
const PATIENCE_MS = 5_000;

/**
 * Looks at the newest version of a store without a lock, and without a trace, while another process may be writing it.
 *
 * H2 writes a version as a chunk of its own, and writes over the space of chunks that no version uses any more. So a look that was
 * fast enough saw one version, and one that was not saw pages that were overwritten in between. A look counts when the file was not
 * written to meanwhile; or when all that was read, the way to the newest version included, reads the same once more afterwards:
 * then there was a moment in between at which all of it was there at once. Else it is looked at again.
 *
 * @param use may be called several times, and what it made of a version that was overwritten is thrown away
 * @throws LookFailed; what `open` throws; the signal's reason
 */
export async function lookAt<T>(path: string, use: (store: Store) => T | Promise<T>, signal: AbortSignal): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.longest)) {
    signal.throwIfAborted();
    const seen = await withFile(path, (descriptor) => tryOnce(path, descriptor, use));
    if (seen.outcome === 'seen') return seen.value;
    if (performance.now() > deadline) throw new LookFailed({ kind: 'changing' });
    await sleep(pause, undefined, { signal });
  }
}

/** Lends a descriptor; a pipe is not waited for. */
export async function withFile<T>(path: string, use: (descriptor: number) => Promise<T>): Promise<T> {
  const descriptor = openToLook(path);
  try {
    return await use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openToLook(path: string): number {
  try {
    return openFile(path);
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOTFILE' ? new LookFailed({ kind: 'not a file' }) : error;
  }
}

/** A pipe or a device may never end. @throws LookFailed */
export function requireRegularFile(descriptor: number): BigIntStats {
  const stats = fstatSync(descriptor, { bigint: true });
  if (stats.isFile()) return stats;
  throw new LookFailed({ kind: 'not a file' });
}

type Attempt<T> = { readonly outcome: 'seen'; readonly value: T } | { readonly outcome: 'changed' };

async function tryOnce<T>(
  path: string,
  descriptor: number,
  use: (store: Store) => T | Promise<T>,
): Promise<Attempt<T>> {
  const before = requireRegularFile(descriptor);
  const wasSettled = isSettled(before);
  const file = randomAccess(descriptor, { size: Number(before.size), budget: BUDGET, isNoted: !wasSettled });
  const isUntouched = () => wasSettled && isSame(before, fstatSync(descriptor, { bigint: true }));
  try {
    const value = await useNewest(file, use);
    if (isUntouched()) return { outcome: 'seen', value };
    if (!isStillThere(path, before) || !file.readsTheSame()) return { outcome: 'changed' };
    return { outcome: 'seen', value };
  } catch (error) {
    if (error instanceof LookFailed || error instanceof Damage) {
      // What looks damaged may only have been overwritten.
      if (!isUntouched()) return { outcome: 'changed' };
      throw error instanceof LookFailed ? error : new LookFailed({ kind: 'damaged', why: error.message });
    }
    throw error;
  }
}

/**
 * Lends the version that H2 would open, of a file that nobody writes.
 *
 * @throws Damage; LookFailed
 */
export async function useNewest<T>(file: RandomAccess, use: (store: Store) => T | Promise<T>): Promise<T> {
  requireKnownFormat(file);
  return use(openStore(file, findNewestVersion(file)));
}

/** @throws LookFailed, Damage */
export function requireKnownFormat(file: RandomAccess): void {
  const start = file.read(0, Math.min(file.size, MAGIC_BYTES)).toString('latin1');
  if (start.startsWith('H2encrypt\n')) throw new LookFailed({ kind: 'encrypted' });
  if (!start.startsWith('H:2')) {
    const format = start.startsWith('-- H2') ? 'the page store of H2 1' : 'none that H2 writes';
    throw file.size === 0 ? new Damage('the file is empty') : new LookFailed({ kind: 'unknown format', format });
  }
  const other = readHeaders(file).find(({ format }) => format !== FORMAT);
  if (other) throw new LookFailed({ kind: 'unknown format', format: String(other.format) });
}

const MAGIC_BYTES = 16;

function isSettled({ mtimeMs, ctimeMs }: BigIntStats): boolean {
  const latest = Math.max(Number(mtimeMs), Number(ctimeMs));
  return Date.now() - latest > SETTLED_MS;
}

export function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.ctimeNs === other.ctimeNs;
}

/** H2 may replace the file by a compacted one. */
function isStillThere(path: string, { dev, ino }: BigIntStats): boolean {
  const now = statSync(path, { bigint: true, throwIfNoEntry: false });
  return now?.dev === dev && now.ino === ino;
}
