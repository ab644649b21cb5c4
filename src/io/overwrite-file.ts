import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { giveNew, giveNewFolder } from './ownership.js';

/**
 * Writes a file in place, for one that cannot be replaced. A copy of what it held is on disk before the
 * first byte is written, and is put back should the rest fail; when that fails too, or the process is killed, the copy stays.
 *
 * @throws Error of the file system, the file being as it was; BootstrapError `FILE_UNWRITABLE` when it could not be put back
 */
export async function overwriteFile(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const old = await file.readFile();
    const backup = await writeBackup(path, old);
    await writeAll(file, bytes).catch((cause: unknown) => putBack(file, old, { path, backup, cause }));
    await rm(dirname(backup), { recursive: true, force: true });
  } finally {
    await file.close();
  }
}

/** In a folder of its own that nobody else may look into: beside the file, or where that is not allowed among temporary files. */
async function writeBackup(path: string, old: Buffer): Promise<string> {
  const beside = join(dirname(path), `.${basename(path)}.backup-`);
  const folder = await mkdtemp(beside).catch(() => mkdtemp(join(tmpdir(), 'km-bootstrap-backup-')));
  await giveNewFolder(folder, undefined);
  const backup = join(folder, basename(path));
  const file = await open(backup, 'wx', 0o600);
  try {
    await writeAll(file, old);
    await giveNew(backup, path, { mode: 0o600 });
  } finally {
    await file.close();
  }
  return backup;
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
  await file.truncate(bytes.length);
  await file.sync();
}

interface Failure {
  readonly path: string;
  readonly backup: string;
  readonly cause: unknown;
}

async function putBack(file: FileHandle, old: Buffer, { path, backup, cause }: Failure): Promise<never> {
  await writeAll(file, old).catch(() => {
    throw new BootstrapError(`${path} could be written only in part: ${(cause as Error).message}`, {
      code: 'FILE_UNWRITABLE',
      hint: `What it held before is in ${backup}: copy it back once the volume is in order.`,
      cause,
    });
  });
  await rm(dirname(backup), { recursive: true, force: true });
  throw cause;
}
