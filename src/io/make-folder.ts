import { mkdir } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { giveNewFolder } from './ownership.js';
import { unwritable } from './unwritable.js';

/**
 * Makes a folder and those above it, where they are missing.
 *
 * @param like whose owner they get, as a new file does
 * @throws BootstrapError `FILE_UNWRITABLE`
 */
export async function makeFolder(folder: string, like?: string, mode = 0o777): Promise<void> {
  try {
    const first = await mkdir(folder, { recursive: true, mode });
    if (first !== undefined) await giveFolders(first, resolve(folder), like);
  } catch (cause) {
    throw await unwritable(`make the folder ${folder}`, folder, cause);
  }
}

/** From the first that was made down to the last. */
async function giveFolders(first: string, last: string, like: string | undefined): Promise<void> {
  await giveNewFolder(first, like);
  const [next] = relative(first, last).split(sep);
  if (next) await giveFolders(join(first, next), last, like);
}
