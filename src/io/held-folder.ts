import { constants, existsSync, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';

/**
 * A folder that is held open. Whoever may write into the folders of a home can put links in the place of what lies in them at any moment;
 * what is done by {@link HeldFolder.at} is done in the very folder that was opened, wherever its path leads to by now.
 */
export interface HeldFolder {
  /** Where it was when it was opened, links resolved: for messages. */
  readonly path: string;
  /** A path for the file system calls, of a name in it. Calls that follow links still follow one of this name. */
  at(name: string): string;
  stat(): Promise<Stats>;
  names(): Promise<readonly string[]>;
  /** What was done in it survives a power cut; some file systems cannot do so, which is no failure. */
  sync(): Promise<void>;
}

/**
 * Lends a folder, held open.
 *
 * @param within folders of which one must hold it, links resolved; by default wherever its path leads
 * @throws BootstrapError `FILE_OUTSIDE`; Error of the file system
 */
export async function withHeldFolder<T>(
  folder: string,
  within: readonly string[] | undefined,
  use: (held: HeldFolder) => Promise<T>,
): Promise<T> {
  const path = await realpath(folder);
  await requireWithin(path, within, folder);
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const own = descriptorPath(handle);
    // A link may have come into the path in between.
    if (own !== undefined && (await readlink(own)) !== path) throw moved(folder);
    const root = own ?? path;
    return await use({
      path,
      at: (name) => join(root, basename(name)),
      stat: () => handle.stat(),
      names: () => readdir(root),
      sync: () => handle.sync().catch(() => undefined),
    });
  } catch (error) {
    throw inWords(error, descriptorPath(handle), path);
  } finally {
    await handle.close();
  }
}

/** A file by its folder, held open, and its name there. */
export interface HeldPlace {
  readonly folder: HeldFolder;
  readonly name: string;
}

/**
 * Lends the place of a file: of a symbolic link its target's. What stands there by then is no link, or the work fails.
 *
 * @param within as for {@link withHeldFolder}, for the link's target, too; by default the file's own folder
 */
export async function withPlace<T>(
  path: string,
  within: readonly string[] | undefined,
  use: (place: HeldPlace) => Promise<T>,
): Promise<T> {
  const allowed = within ?? [dirname(path)];
  return withHeldFolder(dirname(path), allowed, async (folder) => {
    const found = await statIn(folder, path);
    if (!found?.isSymbolicLink()) return use({ folder, name: basename(path) });
    const target = await realpath(folder.at(path));
    return withHeldFolder(dirname(target), allowed, (real) => use({ folder: real, name: basename(target) }));
  });
}

/** What stands under a name, itself; undefined when nothing does. */
export async function statIn(folder: HeldFolder, name: string): Promise<Stats | undefined> {
  try {
    return await lstat(folder.at(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a name still stands for what was opened. */
export async function isStillAt({ folder, name }: HeldPlace, { dev, ino }: Stats): Promise<boolean> {
  const found = await statIn(folder, name);
  return found?.dev === dev && found.ino === ino;
}

async function requireWithin(path: string, within: readonly string[] | undefined, asked: string): Promise<void> {
  if (within === undefined) return;
  const roots = await Promise.all(within.map((root) => realpath(root).catch(() => root)));
  if (roots.some((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep))) return;
  throw new BootstrapError(MESSAGES.FILE_OUTSIDE(asked, path, within.join(' or ')));
}

const DESCRIPTORS = '/proc/self/fd';

/** Where the system has no such paths (macOS), a folder is known by its own path alone. */
function descriptorPath(handle: FileHandle): string | undefined {
  return existsSync(DESCRIPTORS) ? join(DESCRIPTORS, String(handle.fd)) : undefined;
}

/** A path that leads to what is open, whatever stands under its name by now; on a system without such paths its own. */
export function pathOf(handle: FileHandle, path: string): string {
  return descriptorPath(handle) ?? path;
}

function moved(folder: string): Error {
  return new Error(`${folder} was replaced while it was opened`);
}

/** A failure of the file system names the folder as people know it. */
function inWords(error: unknown, descriptor: string | undefined, path: string): unknown {
  if (descriptor === undefined || !(error instanceof Error) || error instanceof BootstrapError) return error;
  error.message = error.message.replaceAll(`${descriptor}/`, `${path}/`);
  return error;
}
