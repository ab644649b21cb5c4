import { link } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { BootstrapError } from '../errors.js';
import { statIn, withHeldFolder } from './held-folder.js';
import { giveNew } from './ownership.js';
import { unwritable } from './unwritable.js';
import { temporaryName, withNewFile } from './write-file.js';

/**
 * Writes a file that must not be there yet, whole or not at all.
 *
 * @returns false when something is there already; then it stays as it is
 * @throws BootstrapError `FILE_UNWRITABLE`
 */
export async function createFileWhole(path: string, content: string, mode: number): Promise<boolean> {
  try {
    return await createWhole(path, content, mode);
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    throw await unwritable(`write ${path}`, path, cause);
  }
}

/** {@link createFileWhole} that throws the Error of the file system, for who can do something about it. */
export async function createWhole(path: string, content: string, mode: number): Promise<boolean> {
  try {
    return await withHeldFolder(dirname(path), undefined, async (folder) => {
      if (await statIn(folder, path)) return false;
      const temp = { folder, name: temporaryName(basename(path)) };
      return withNewFile(temp, async (file) => {
        await file.writeFile(content);
        await giveNew(file, await folder.stat(), path, { mode });
        await file.sync();
        // Unlike a rename, a link never takes the place of another file.
        await link(folder.at(temp.name), folder.at(path));
        return true;
      });
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}
