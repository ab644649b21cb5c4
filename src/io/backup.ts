import type { Stats } from 'node:fs';
import { constants, copyFile, mkdir, open, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { pathOf } from './held-folder.js';
import { makeFolder } from './make-folder.js';
import { giveNewFolder, takeOver } from './ownership.js';

/**
 * To be called before a file is replaced or removed: keeps it, if it is there. The first version of a step is the one that stays.
 *
 * @throws BootstrapError `FILE_UNWRITABLE`, and then the file must not be touched
 */
export type Keep = (path: string) => Promise<void>;

/** Where a run keeps what it replaces. */
export interface Backups {
  /** The run's own folder, once something was kept there. */
  folder(): string | undefined;
  /** Keeps files under the name of what is done to them: the id of a step. */
  keepFor(doing: string): Keep;
}

/**
 * Keeps files as `<root>/<time>/<01-what-is-done>/<the file's own path>`. Nobody but this user may look into the run's folder; in it each
 * file has the owner and mode that it had. Nothing is made before there is something to keep.
 */
export function createBackups(root: string, startedAt: Date): Backups {
  let run: string | undefined;
  const folders = new Map<string, string>();

  async function folderFor(doing: string): Promise<string> {
    run ??= await makeOwnFolder(join(resolve(root), startedAt.toISOString().replaceAll(':', '')));
    const number = String(folders.size + 1).padStart(2, '0');
    const folder = folders.get(doing) ?? join(run, `${number}-${doing.replaceAll(/[^\w.-]+/g, '-')}`);
    folders.set(doing, folder);
    return folder;
  }

  return {
    folder: () => run,
    keepFor: (doing) => async (path) => {
      try {
        if (await isThere(path)) await copyTo(join(await folderFor(doing), resolve(path)), path);
      } catch (cause) {
        throw cannotKeep(path, root, cause as Error);
      }
    },
  };
}

/** Two runs may start in the same millisecond. */
async function makeOwnFolder(wanted: string): Promise<string> {
  await makeFolder(dirname(wanted), { mode: 0o700 });
  for (let attempt = 1; ; attempt++) {
    const folder = attempt === 1 ? wanted : `${wanted}-${attempt}`;
    try {
      await mkdir(folder, { mode: 0o700 });
      const made = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
      await giveNewFolder(made, await stat(dirname(folder)), undefined).finally(() => made.close());
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function copyTo(copy: string, path: string): Promise<void> {
  if (await isThere(copy)) return;
  await makeFolder(dirname(copy), { mode: 0o700 });
  const original = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    await copyFile(pathOf(original, path), copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    await finish(copy, await original.stat());
  } finally {
    await original.close();
  }
}

async function finish(copy: string, original: Stats): Promise<void> {
  const file = await open(copy, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    // Bits for a group are worth nothing, or too much, to another group.
    if (!(await takeOver(file, original))) await file.chmod(original.mode & 0o700);
    await file.utimes(original.atime, original.mtime);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

function cannotKeep(path: string, root: string, cause: Error): BootstrapError {
  return new BootstrapError(MESSAGES.FILE_UNWRITABLE.backup(path, root, cause.message), { cause });
}
