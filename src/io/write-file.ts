import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import type { Keep } from './backup.js';
import { mountOf } from './mounts.js';
import { overwriteFile } from './overwrite-file.js';
import { runningCommands } from './running-commands.js';
import { unwritable } from './unwritable.js';

/** What a file gets that was not there before. */
export interface NewFile {
  /** Default 0640. */
  readonly mode?: number;
  /** The gid. */
  readonly group?: number | undefined;
}

/** How a file is written. */
export interface Writing extends NewFile {
  /** Keeps the file that is replaced; undefined where nothing of anybody else's can be there. */
  readonly keep: Keep | undefined;
}

/**
 * Replaces a file whole or not at all, and only if its bytes differ: a temporary file beside it, fsync, rename. Owner, group and mode
 * of the file that is replaced stay. A symbolic link stays a link: its target is replaced. A file that is a mount of its own is written
 * in place, because nothing can be renamed over it.
 *
 * @returns whether anything was written
 * @throws BootstrapError `FILE_UNWRITABLE`
 */
export async function writeFileWhole(
  path: string,
  content: string | Uint8Array,
  { keep, ...options }: Writing,
): Promise<boolean> {
  const bytes = Buffer.from(content);
  try {
    const target = await realTarget(path);
    const old = await statIfThere(target);
    if (old && (await readFile(target)).equals(bytes)) return false;
    if (old) await keep?.(target);
    await replaceFile(target, bytes, old, options).catch(async (cause: unknown) => {
      if (!old || !(await isMountedAlone(target, cause))) throw cause;
      await overwriteFile(target, bytes);
    });
    return true;
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    throw await unwritable(`write ${path}`, path, cause);
  }
}

/** Lends the name of a temporary file in the folder of `path`, with an ending that other programs skip, and removes it afterwards. */
export async function withTempFileBeside<T>(path: string, use: (temp: string) => Promise<T>): Promise<T> {
  const temp = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.km-bootstrap`);
  try {
    return await use(temp);
  } finally {
    await rm(temp, { force: true }).catch(() => undefined);
  }
}

/** Makes a folder and those above it, where they are missing. @throws BootstrapError `FILE_UNWRITABLE` */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw await unwritable(`make the folder ${folder}`, folder, cause);
  }
}

/**
 * Removes what a run that was killed left beside `path`: the files of {@link withTempFileBeside}. What a program still works
 * on that the killed run had started stays for the next run. Only for who holds the lock on the folder.
 */
export async function removeLeftovers(path: string): Promise<void> {
  const target = await realTarget(path).catch(() => path);
  for (const place of new Set([path, target])) await removeLeftoversBeside(place);
}

async function removeLeftoversBeside(path: string): Promise<void> {
  const names = await readdir(dirname(path)).catch(() => []);
  const left = names.filter((name) => isLeftover(name, basename(path)));
  if (left.length === 0) return;
  const commands = await runningCommands();
  const unused = left.filter((name) => !commands.some((command) => command.includes(name)));
  const remove = (name: string) => rm(join(dirname(path), name), { recursive: true, force: true });
  await Promise.all(unused.map((name) => remove(name).catch(() => undefined)));
}

/** A temporary file of ours may itself have been replaced by way of one: `..NAME.RANDOM.km-bootstrap.RANDOM.km-bootstrap`. */
function isLeftover(name: string, ofFile: string): boolean {
  const bare = name.replace(/^\.+/, '');
  const ending = /^(?:\.[0-9a-f]{12}\.km-bootstrap)+$/;
  const file = ofFile.replace(/^\.+/, '');
  return name !== bare && bare.startsWith(file) && ending.test(bare.slice(file.length));
}

async function replaceFile(target: string, bytes: Buffer, old: Stats | undefined, options: NewFile): Promise<void> {
  await withTempFileBeside(target, async (temp) => {
    const file = await open(temp, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await takeOver(temp, old, options);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, target);
  });
  await syncFolder(dirname(target));
}

/** A file that a container mounts by itself cannot be renamed over, and its folder may be read-only. */
async function isMountedAlone(target: string, cause: unknown): Promise<boolean> {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return ['EBUSY', 'EXDEV'].includes(code) || (await mountOf(target))?.point === (await realpath(target));
}

async function realTarget(path: string): Promise<string> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() ? realpath(path) : path;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function takeOver(temp: string, old: Stats | undefined, { mode = 0o640, group }: NewFile): Promise<void> {
  if (!old) {
    if (group !== undefined) await chown(temp, (await stat(temp)).uid, group);
    return chmod(temp, mode);
  }
  const { uid, gid } = await stat(temp);
  if (uid !== old.uid || gid !== old.gid) await chown(temp, old.uid, old.gid);
  await chmod(temp, old.mode & 0o7777);
}

/** A rename survives a power cut only once its folder is on disk; some file systems cannot sync a folder, which is no failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
