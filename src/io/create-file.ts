import { link, open } from 'node:fs/promises';
import { giveNew } from './ownership.js';
import { unwritable } from './unwritable.js';
import { withTempFileBeside } from './write-file.js';

/**
 * Writes a file that must not be there yet, whole or not at all.
 *
 * @returns false when it is there already; then it stays as it is
 * @throws BootstrapError `FILE_UNWRITABLE`
 */
export async function createFileWhole(path: string, content: string, mode: number): Promise<boolean> {
  try {
    return await withTempFileBeside(path, async (temp) => {
      const file = await open(temp, 'wx', mode);
      try {
        await file.writeFile(content);
        await giveNew(temp, path, { mode });
        await file.sync();
      } finally {
        await file.close();
      }
      // Unlike a rename, a link never takes the place of another file.
      await link(temp, path);
      return true;
    });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw await unwritable(`write ${path}`, path, cause);
  }
}
