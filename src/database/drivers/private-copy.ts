import { constants } from 'node:fs';
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { BootstrapError } from '../../errors.js';
import { MESSAGES } from '../errors.js';

/**
 * Lends a copy of a file under the same name, which only this user can read, in a folder that only this user can enter, and removes both.
 *
 * @throws BootstrapError `FILE_UNWRITABLE` there is no room for it
 */
export async function withPrivateCopy<T>(path: string, use: (copy: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'km-bootstrap-')).catch((cause: Error) => {
    throw copyFailed(path, cause);
  });
  const copy = join(folder, basename(path));
  try {
    await copyPrivately(path, copy).catch((cause: Error) => {
      throw copyFailed(path, cause);
    });
    return await use(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyPrivately(path: string, copy: string): Promise<void> {
  await copyFile(path, copy, constants.COPYFILE_FICLONE);
  await chmod(copy, 0o600);
}

function copyFailed(path: string, cause: Error): BootstrapError {
  return new BootstrapError(MESSAGES.FILE_UNWRITABLE.copy(path, tmpdir(), cause.message), { cause });
}
