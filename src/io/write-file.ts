import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import type { Keep } from './backup.js';
import { overwriteFile } from './overwrite-file.js';
import { giveNew, type NewFile, notOurs, takeOver } from './ownership.js';
import { readWhole } from './read-whole.js';
import { unwritable } from './unwritable.js';

/** How a file is written. */
export interface Writing extends NewFile {
  /** Keeps the file that is replaced; undefined where nothing of anybody else's can be there. */
  readonly keep: Keep | undefined;
}

/**
 * Replaces a file whole or not at all, and only if its bytes differ: a temporary file beside it, fsync, rename. Owner, group and mode
 * of the file that is replaced stay. A symbolic link stays a link: its target is replaced. A file is written in place where that is the
 * only way: when it is a mount of its own, when its folder may not be written to, and when this user cannot give a new one to its owner.
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
    if (old && readWhole(target).equals(bytes)) return false;
    if (old) await keep?.(target);
    const obstacle = await replaceFile(target, bytes, old, options).catch((cause: unknown) => cause);
    if (obstacle === undefined) return true;
    if (!old || !IN_THE_WAY.includes((obstacle as NodeJS.ErrnoException).code ?? '')) throw obstacle;
    await overwriteFile(target, bytes).catch((cause: unknown) => {
      throw obstacle === NOT_TO_BE_GIVEN && isRefused(cause) ? notOurs(target, old, cause) : cause;
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

/** @throws {@link NOT_TO_BE_GIVEN} when the new file could not be given to the owner of the old one */
async function replaceFile(target: string, bytes: Buffer, old: Stats | undefined, wanted: NewFile): Promise<void> {
  await withTempFileBeside(target, async (temp) => {
    const file = await open(temp, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      if (!old) await giveNew(temp, target, wanted);
      else if (!(await takeOver(temp, old))) throw NOT_TO_BE_GIVEN;
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, target);
  });
  await syncFolder(dirname(target));
}

/** As the file system says it of a file that may not be given away. */
const NOT_PERMITTED = 'EPERM';
const NOT_TO_BE_GIVEN = Object.assign(new Error('a new file cannot be given to the owner of the old one'), {
  code: NOT_PERMITTED,
});

/** Why a file cannot be replaced that may well be written: a mount of its own, a folder that may not be written to, another's file. */
const IN_THE_WAY: readonly string[] = ['EBUSY', 'EXDEV', 'EROFS', 'EACCES', 'EPERM'];

function isRefused(cause: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

async function realTarget(path: string): Promise<string> {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isSymbolicLink() ? realpath(path) : path;
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A rename survives a power cut only once its folder is on disk; some file systems cannot sync a folder, which is no failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** The command lines of the processes that can be seen from here, words parted by NUL (proc_pid_cmdline(5)); none where there is no /proc. */
export async function runningCommands(): Promise<readonly string[]> {
  const names = await readdir('/proc').catch(() => []);
  const ids = names.filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}
