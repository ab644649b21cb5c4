import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, chown, lstat, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';

/**
 * Replaces a file whole or not at all, and only if its bytes differ: a temporary file beside it, fsync, rename. Owner, group and mode
 * of the file that is replaced stay; a new file gets `mode` (default 0640). A symbolic link stays a link: its target is replaced.
 *
 * @returns whether anything was written
 * @throws BootstrapError `FILE_UNWRITABLE`
 */
export async function writeFileWhole(
  path: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<boolean> {
  const bytes = Buffer.from(content);
  try {
    const target = await realTarget(path);
    const old = await statIfThere(target);
    if (old && (await readFile(target)).equals(bytes)) return false;
    await withTempFileBeside(target, async (temp) => {
      const file = await open(temp, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await takeOver(temp, old, options.mode ?? 0o640);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temp, target);
    });
    await syncFolder(dirname(target));
    return true;
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    throw new BootstrapError(`cannot write ${path}: ${(cause as Error).message}`, {
      code: 'FILE_UNWRITABLE',
      hint: 'Give the user that runs km-bootstrap the right to write this file and its folder, on a volume that is not read-only or full.',
      cause,
    });
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

async function takeOver(temp: string, old: Stats | undefined, mode: number): Promise<void> {
  if (!old) return chmod(temp, mode);
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
