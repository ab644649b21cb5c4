import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, mkdtemp, open, rename, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { type HeldFolder, type HeldPlace, withHeldFolder } from './held-folder.js';
import { giveNew } from './ownership.js';
import { readHandle } from './read-whole.js';

/**
 * Writes a file in place, for one that cannot be replaced. What it held and what it is to hold are on disk before the first byte is
 * written. Should the rest fail, what it held is put back; when that fails too, the copy stays. When the process is killed, both stay, and
 * {@link finishOverwrites} completes the work.
 *
 * @param known the file that was looked at: another one that has taken its place is not written
 * @throws Error of the file system, the file being as it was; BootstrapError `FILE_UNWRITABLE` when it could not be put back
 */
export async function overwriteFile(place: HeldPlace, known: Stats, bytes: Buffer): Promise<void> {
  const path = join(place.folder.path, place.name);
  const file = await openToWrite(place);
  try {
    const { dev, ino, nlink } = await file.stat();
    if (dev !== known.dev || ino !== known.ino) throw new Error('somebody else has replaced it just now; run again');
    if (nlink > 1) throw new Error('it has further names (hard links), whose files would change with it');
    const old = readHandle(file.fd);
    await withBackup(place, { old, wanted: bytes }, async (backup) => {
      await writeAll(file, bytes).catch((cause: unknown) => putBack(file, old, { path, backup, cause }));
    });
  } finally {
    await file.close();
  }
}

/** Whether a run that was killed left a file of this folder that it was writing in place. */
export async function hasOverwrites(folder: string): Promise<boolean> {
  return withHeldFolder(folder, undefined, backupsIn).then(
    (found) => found.length > 0,
    () => false,
  );
}

/**
 * Completes each file of a folder that was being written in place when the process was killed. One that somebody has changed since is left
 * alone, and so is its copy. Only for who holds the lock on the home.
 */
export async function finishOverwrites(path: string): Promise<void> {
  await withHeldFolder(path, undefined, async (folder) => {
    for (const left of await backupsIn(folder)) await finishOverwrite(folder, left);
  });
}

interface Left {
  /** The file that was being written. */
  readonly target: string;
  readonly id: string;
}

async function finishOverwrite(folder: HeldFolder, { target, id }: Left): Promise<void> {
  const file = await openToWrite({ folder, name: target }).catch(() => undefined);
  if (!file) return;
  try {
    if ((await file.stat()).nlink > 1) return;
    const [found, old, wanted] = [
      readHandle(file.fd),
      await readOwn(folder, held(target, id)),
      await readOwn(folder, wantedOf(target, id)),
    ];
    // Without what it held nothing was written yet.
    const isWhole = !old || !wanted || found.equals(old) || found.equals(wanted);
    if (!isWhole && !isBetween(found, old, wanted)) return;
    if (!isWhole) await writeAll(file, wanted);
    await removeCopies(folder, { target, id });
  } finally {
    await file.close();
  }
}

/** The beginning of the one, and from there on the other. */
function isBetween(found: Buffer, old: Buffer, wanted: Buffer): boolean {
  let written = 0;
  while (written < wanted.length && found[written] === wanted[written]) written++;
  return found.subarray(written).equals(old.subarray(written));
}

async function openToWrite({ folder, name }: HeldPlace): Promise<FileHandle> {
  return open(folder.at(name), constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
}

async function readOwn(folder: HeldFolder, name: string): Promise<Buffer | undefined> {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  const file = await open(folder.at(name), O_RDONLY | O_NONBLOCK | O_NOFOLLOW).catch(() => undefined);
  if (!file) return undefined;
  try {
    return readHandle(file.fd);
  } finally {
    await file.close();
  }
}

/** What the file held; with this name once it is whole: where it stands, the file may have been touched. */
function held(target: string, id: string): string {
  return `.${target}.backup-${id}`;
}

function wantedOf(target: string, id: string): string {
  return `.${target}.wanted-${id}`;
}

const COPY = /^\.(.+)\.(?:backup|wanted)-([0-9a-f]{12})(?:\.part)?$/;

async function backupsIn(folder: HeldFolder): Promise<readonly Left[]> {
  const found = new Map<string, Left>();
  for (const name of await folder.names()) {
    const [, target, id] = COPY.exec(name) ?? [];
    if (target !== undefined && id !== undefined) found.set(`${target}/${id}`, { target, id });
  }
  return [...found.values()];
}

async function removeCopies(folder: HeldFolder, { target, id }: Left): Promise<void> {
  // What it held last: without it, the rest says nothing.
  const names = [wantedOf(target, id), `${held(target, id)}.part`, held(target, id)];
  for (const name of names) await unlink(folder.at(name)).catch(() => undefined);
}

interface Copies {
  readonly old: Buffer;
  readonly wanted: Buffer;
}

/** Lends the path of a copy of what the file held: beside it, or where that is not allowed in a folder of its own among temporary files. */
async function withBackup(place: HeldPlace, copies: Copies, use: (backup: string) => Promise<void>): Promise<void> {
  const { folder, name } = place;
  const left = { target: name, id: randomBytes(6).toString('hex') };
  const isBeside = await writeCopies(folder, left, copies).then(
    () => true,
    async (cause: NodeJS.ErrnoException) => {
      await removeCopies(folder, left);
      if (!['EACCES', 'EPERM', 'EROFS'].includes(cause.code ?? '')) throw cause;
      return false;
    },
  );
  if (isBeside) {
    await use(join(folder.path, held(name, left.id)));
    return removeCopies(folder, left);
  }
  const own = await mkdtemp(join(tmpdir(), 'km-bootstrap-backup-'));
  await withHeldFolder(own, undefined, async (elsewhere) => {
    await writeCopies(elsewhere, left, copies);
    await use(join(own, held(name, left.id)));
    await removeCopies(elsewhere, left);
  });
  await rmdir(own).catch(() => undefined);
}

async function writeCopies(folder: HeldFolder, { target, id }: Left, { old, wanted }: Copies): Promise<void> {
  await writeCopy(folder, wantedOf(target, id), wanted);
  await writeCopy(folder, `${held(target, id)}.part`, old);
  await rename(folder.at(`${held(target, id)}.part`), folder.at(held(target, id)));
}

async function writeCopy(folder: HeldFolder, name: string, bytes: Buffer): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(folder.at(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  try {
    await writeAll(file, bytes);
    await giveNew(file, await folder.stat(), join(folder.path, name), { mode: 0o600 });
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
    throw new BootstrapError(MESSAGES.FILE_UNWRITABLE.inPart(path, (cause as Error).message, backup), { cause });
  });
  throw cause;
}
