import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { BootstrapError } from '../errors.js';
import type { Keep } from './backup.js';
import { type HeldFolder, type HeldPlace, isStillAt, statIn, withHeldFolder, withPlace } from './held-folder.js';
import { overwriteFile } from './overwrite-file.js';
import { giveNew, type NewFile, notOurs, takeOver } from './ownership.js';
import { readHandle } from './read-whole.js';
import { unwritable } from './unwritable.js';

/** How a file is written. */
export interface Writing extends NewFile {
  /** Keeps the file that is replaced; undefined where nothing of anybody else's can be there. */
  readonly keep: Keep | undefined;
}

/**
 * Replaces a file whole or not at all, and only if its bytes differ: a temporary file beside it, fsync, rename. Owner, group and mode
 * of the file that is replaced stay. A symbolic link stays a link: its target is replaced, if it lies in a folder that may be written to
 * ({@link NewFile.within}). A file is written in place where that is the only way: when it is a mount of its own, when its folder may not
 * be written to, and when this user cannot give a new one to its owner.
 *
 * All is done in a folder that is held open, to files that are: links that are put in their place meanwhile are not followed.
 *
 * @returns whether anything was written
 * @throws BootstrapError `FILE_UNWRITABLE`, `FILE_OUTSIDE`
 */
export async function writeFileWhole(
  path: string,
  content: string | Uint8Array,
  { keep, ...options }: Writing,
): Promise<boolean> {
  const bytes = Buffer.from(content);
  try {
    return await withPlace(path, options.within, async (place) => {
      const old = await readOld(place);
      if (old?.bytes.equals(bytes)) return false;
      if (old) await keep?.(`${place.folder.path}/${place.name}`);
      const obstacle = await replaceFile(place, bytes, old?.stats, options).catch((cause: unknown) => cause);
      if (obstacle === undefined) return true;
      if (!old || !IN_THE_WAY.includes((obstacle as NodeJS.ErrnoException).code ?? '')) throw obstacle;
      await overwriteFile(place, old.stats, bytes).catch((cause: unknown) => {
        throw obstacle === NOT_TO_BE_GIVEN && isRefused(cause) ? notOurs(path, old.stats, cause) : cause;
      });
      return true;
    });
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    throw await unwritable(`write ${path}`, path, cause);
  }
}

/** The name of a temporary file for one of this name, with an ending that other programs skip. */
export function temporaryName(name: string): string {
  return `.${name}.${randomBytes(6).toString('hex')}.km-bootstrap`;
}

/** Makes a file that is not there, and lends it open; what `use` leaves under its name is removed afterwards. */
export async function withNewFile<T>({ folder, name }: HeldPlace, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(folder.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    return await use(file);
  } finally {
    await file.close();
    await unlink(folder.at(name)).catch(() => undefined);
  }
}

/**
 * Removes the temporary files that a run that was killed left beside `path`. What a program still works on that the killed run had started
 * stays for the next run. Only for who holds the lock on the folder.
 */
export async function removeLeftovers(path: string, within?: readonly string[]): Promise<void> {
  const remove = (folder: HeldFolder, name: string) => removeLeftoversOf(folder, name);
  await withHeldFolder(dirname(path), within, (folder) => remove(folder, basename(path))).catch(() => undefined);
  await withPlace(path, within, ({ folder, name }) => remove(folder, name)).catch(() => undefined);
}

async function removeLeftoversOf(folder: HeldFolder, ofFile: string): Promise<void> {
  const left = (await folder.names()).filter((name) => isLeftover(name, ofFile));
  if (left.length === 0) return;
  const commands = await runningCommands();
  const unused = left.filter((name) => !commands.some((command) => command.includes(name)));
  await Promise.all(unused.map((name) => unlink(folder.at(name)).catch(() => undefined)));
}

/** A temporary file of ours may itself have been replaced by way of one: `..NAME.RANDOM.km-bootstrap.RANDOM.km-bootstrap`. */
function isLeftover(name: string, ofFile: string): boolean {
  const bare = name.replace(/^\.+/, '');
  const ending = /^(?:\.[0-9a-f]{12}\.km-bootstrap)+$/;
  const file = ofFile.replace(/^\.+/, '');
  return name !== bare && bare.startsWith(file) && ending.test(bare.slice(file.length));
}

/** Removes a file, itself and not what it links to, if it is there. @throws BootstrapError `FILE_OUTSIDE`; Error of the file system */
export async function removeFile(path: string, within?: readonly string[]): Promise<void> {
  await withHeldFolder(dirname(path), within, async (folder) => {
    await unlink(folder.at(path)).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
    });
  });
}

/** Changes the mode of a file, which is no link and has no other name. @throws BootstrapError `FILE_UNWRITABLE`, `FILE_OUTSIDE` */
export async function setMode(path: string, mode: number, within?: readonly string[]): Promise<void> {
  try {
    await withPlace(path, within, async ({ folder, name }) => {
      const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
      const file = await open(folder.at(name), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
      try {
        if ((await file.stat()).nlink === 1) await file.chmod(mode);
      } finally {
        await file.close();
      }
    });
  } catch (cause) {
    throw cause instanceof BootstrapError ? cause : await unwritable(`change the mode of ${path}`, path, cause);
  }
}

async function readOld(place: HeldPlace): Promise<{ readonly bytes: Buffer; readonly stats: Stats } | undefined> {
  if (!(await statIn(place.folder, place.name))) return undefined;
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const file = await open(place.folder.at(place.name), O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    const stats = await file.stat();
    return { bytes: readHandle(file.fd), stats };
  } finally {
    await file.close();
  }
}

/** @throws {@link NOT_TO_BE_GIVEN} when the new file could not be given to the owner of the old one */
async function replaceFile(place: HeldPlace, bytes: Buffer, old: Stats | undefined, wanted: NewFile): Promise<void> {
  const { folder, name } = place;
  const temp = { folder, name: temporaryName(name) };
  await withNewFile(temp, async (file) => {
    await file.writeFile(bytes);
    if (!old) await giveNew(file, await folder.stat(), `${folder.path}/${name}`, wanted);
    else if (!(await takeOver(file, old))) throw NOT_TO_BE_GIVEN;
    await file.sync();
    const isOurs = await isStillAt(temp, await file.stat());
    const isUntouched = old ? await isStillAt(place, old) : (await statIn(folder, name)) === undefined;
    if (!isOurs || !isUntouched) throw CHANGED;
    await rename(folder.at(temp.name), folder.at(name));
  });
  await folder.sync();
}

const CHANGED = new Error('somebody else has replaced it just now; run again');

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

/** The command lines of the processes that can be seen from here, words parted by NUL (proc_pid_cmdline(5)); none where there is no /proc. */
export async function runningCommands(): Promise<readonly string[]> {
  const names = await readdir('/proc').catch(() => []);
  const ids = names.filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}
