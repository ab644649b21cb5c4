import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { BootstrapError } from '../errors.js';
import { withHeldFolder } from './held-folder.js';
import { giveNewFolder } from './ownership.js';
import { unwritable } from './unwritable.js';

/** How a folder is made. */
export interface NewFolder {
  /** Whose owner it gets, as a new file does. */
  readonly like?: string | undefined;
  readonly mode?: number;
  /** As for a new file. */
  readonly within?: readonly string[] | undefined;
}

/**
 * Makes a folder and those above it, where they are missing, each in the one above it held open.
 *
 * @throws BootstrapError `FILE_UNWRITABLE`, `FILE_OUTSIDE`
 */
export async function makeFolder(folder: string, wanted: NewFolder = {}): Promise<void> {
  try {
    await makeBelow(folder, wanted);
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    throw await unwritable(`make the folder ${folder}`, folder, cause);
  }
}

async function makeBelow(folder: string, wanted: NewFolder): Promise<void> {
  if (await isThere(folder)) return withHeldFolder(folder, wanted.within, async () => undefined);
  await makeBelow(dirname(folder), wanted);
  await withHeldFolder(dirname(folder), wanted.within, async (above) => {
    const path = above.at(basename(folder));
    const isOurs = await mkdir(path, { mode: wanted.mode ?? 0o777 }).then(
      () => true,
      (cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'EEXIST') throw cause;
        return false;
      },
    );
    if (!isOurs) return;
    const made = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    await giveNewFolder(made, await above.stat(), wanted.like).finally(() => made.close());
  });
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
      return false;
    },
  );
}
