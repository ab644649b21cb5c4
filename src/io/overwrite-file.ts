import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { giveNew, giveNewFolder } from './ownership.js';

/**
 * Writes a file in place, for one that cannot be replaced. What it held and what it is to hold are on disk before the first byte is
 * written. Should the rest fail, what it held is put back; when that fails too, the copy stays. When the process is killed, both stay, and
 * {@link finishOverwrites} completes the work.
 *
 * @throws Error of the file system, the file being as it was; BootstrapError `FILE_UNWRITABLE` when it could not be put back
 */
export async function overwriteFile(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const old = await file.readFile();
    const backup = await writeBackup(path, old, bytes);
    await writeAll(file, bytes).catch((cause: unknown) => putBack(file, old, { path, backup, cause }));
    await rm(dirname(backup), { recursive: true, force: true });
  } finally {
    await file.close();
  }
}

/** Whether a run that was killed left a file of this folder that it was writing in place. */
export async function hasOverwrites(folder: string): Promise<boolean> {
  return (await backupsIn(folder)).length > 0;
}

/**
 * Completes each file of a folder that was being written in place when the process was killed. One that somebody has changed since is left
 * alone, and so is its copy. Only for who holds the lock on the home.
 */
export async function finishOverwrites(folder: string): Promise<void> {
  for (const { name, target } of await backupsIn(folder)) {
    const [held, wanted] = [join(folder, name, target), join(folder, name, WANTED)];
    const file = await open(join(folder, target), constants.O_RDWR | constants.O_NOFOLLOW).catch(() => undefined);
    if (!file) continue;
    try {
      const [found, old, bytes] = [await file.readFile(), await readPlain(held), await readPlain(wanted)];
      // Without what it held nothing was written yet.
      const isWhole = !old || !bytes || found.equals(old) || found.equals(bytes);
      if (!isWhole && !isBetween(found, old, bytes)) continue;
      if (!isWhole) await writeAll(file, bytes);
      await rm(join(folder, name), { recursive: true, force: true });
    } finally {
      await file.close();
    }
  }
}

/** The beginning of the one, and from there on the other. */
function isBetween(found: Buffer, old: Buffer, wanted: Buffer): boolean {
  let written = 0;
  while (written < wanted.length && found[written] === wanted[written]) written++;
  return found.subarray(written).equals(old.subarray(written));
}

async function readPlain(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  return file?.readFile().finally(() => file.close());
}

async function backupsIn(folder: string): Promise<readonly { readonly name: string; readonly target: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const target = /^\.(.+)\.backup-[A-Za-z0-9]{6}$/.exec(entry.name)?.[1];
    return target !== undefined && entry.isDirectory() ? [{ name: entry.name, target }] : [];
  });
}

const WANTED = '.wanted';

/** In a folder of its own that nobody else may look into: beside the file, or where that is not allowed among temporary files. */
async function writeBackup(path: string, old: Buffer, wanted: Buffer): Promise<string> {
  const beside = join(dirname(path), `.${basename(path)}.backup-`);
  const folder = await mkdtemp(beside).catch(() => mkdtemp(join(tmpdir(), 'km-bootstrap-backup-')));
  await giveNewFolder(folder, undefined);
  await writeCopy(join(folder, WANTED), wanted);
  // Last, and with its name once it is whole: where it stands, the file may have been touched.
  const backup = join(folder, basename(path));
  await writeCopy(`${backup}.part`, old);
  await rename(`${backup}.part`, backup);
  return backup;
}

async function writeCopy(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await writeAll(file, bytes);
    await giveNew(path, path, { mode: 0o600 });
  } finally {
    await file.close();
  }
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
