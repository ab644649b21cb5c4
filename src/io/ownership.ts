import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { withPlace } from './held-folder.js';

/**
 * Whom the files belong to that we write, decided here for every writer. A home is its server's: root gives away what it makes in it, and
 * anybody else does as much of that as the system lets them. A file that takes the place of another belongs to whom that one did.
 */

/** A user and a group, by number. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What a file gets that was not there before. */
export interface NewFile {
  /** What was asked for. */
  readonly mode?: number;
  /** Otherwise this, and the right to write for a group through which alone this user may write into the folder; default 0640. */
  readonly usualMode?: number;
  /** The gid. */
  readonly group?: number | undefined;
  /** The folder or file whose owner it gets; where that is root, and without it, the owner of the folder that it lies in. */
  readonly like?: string | undefined;
  /** Folders of which one must hold the file, links resolved: the home, its overlay, and what files.outside names. Default its own folder. */
  readonly within?: readonly string[] | undefined;
}

const USUAL_MODE = 0o640;

/**
 * Gives a file that was just made to whom it belongs.
 *
 * @param made open: whatever stands under its name by now, this file is what is given away
 * @param folder that it is in
 * @param place where it will be, for messages
 * @throws BootstrapError `FILE_UNWRITABLE` the group that was asked for cannot be given
 */
export async function giveNew(made: FileHandle, folder: Stats, place: string, wanted: NewFile): Promise<void> {
  const { mode, usualMode = USUAL_MODE, group } = wanted;
  const own = await made.stat();
  const owner = await ownerOfNew(folder, wanted);
  await give(made, own, owner);
  const { gid } = await made.stat();
  if (group !== undefined && gid !== group) throw notInGroup(place, group);
  await made.chmod(mode ?? (writesByGroup(own, folder, gid) ? withGroupWrite(usualMode) : usualMode));
}

/** The same for a folder, whose mode stays. */
export async function giveNewFolder(made: FileHandle, above: Stats, like: string | undefined): Promise<void> {
  await give(made, await made.stat(), await ownerOfNew(above, { like }));
}

/** Gives a file of our making that another user made to whom a new one would belong; its mode stays. Only for root. */
export async function giveAgain(path: string, wanted: NewFile): Promise<void> {
  await withPlace(path, wanted.within, async ({ folder, name }) => {
    const file = await open(folder.at(name), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const own = await file.stat();
      if (own.isFile() && own.nlink === 1) await give(file, own, await ownerOfNew(await folder.stat(), wanted));
    } finally {
      await file.close();
    }
  });
}

/** What a new file will be, as far as that can be told before it is made. */
export async function foreseeNew(
  place: string,
  wanted: NewFile,
): Promise<(Owner & { readonly mode: number }) | undefined> {
  const folder = await stat(await nearestFolder(place));
  const [uid, gid, groups] = [process.getuid?.(), process.getgid?.(), process.getgroups?.() ?? []];
  if (uid === undefined || gid === undefined) return undefined;
  const owner = await ownerOfNew(folder, wanted);
  const mode = wanted.mode ?? wanted.usualMode ?? USUAL_MODE;
  if (uid === 0) return { ...owner, mode };
  return { uid, gid: wanted.group ?? (groups.includes(owner.gid) ? owner.gid : gid), mode };
}

/**
 * Makes a new file what the one is whose place it takes: its user, its group, its mode without set-id bits.
 *
 * @returns false when this user cannot
 */
export async function takeOver(made: FileHandle, old: Stats): Promise<boolean> {
  if (!(await give(made, await made.stat(), old))) return false;
  await made.chmod(old.mode & 0o777);
  return true;
}

/** Why a file can be neither replaced nor written in place without taking it from its owner. */
export function notOurs(path: string, { uid, gid, mode }: Stats, cause: unknown): BootstrapError {
  const bits = (mode & 0o777).toString(8).padStart(4, '0');
  const us = `${process.geteuid?.()}:${process.getegid?.()}`;
  return new BootstrapError(MESSAGES.FILE_UNWRITABLE.othersFile(path, `${uid}:${gid}`, bits, us, uid), { cause });
}

/** Whether a user, as a member of one group, may read a file. Root reads everything, and may be anybody. */
export function mayRead(reader: Owner, { uid, gid, mode }: Owner & { readonly mode: number }): boolean {
  if (uid === reader.uid) return (mode & 0o400) !== 0;
  if (reader.uid === 0) return true;
  return (mode & (gid === reader.gid ? 0o040 : 0o004)) !== 0;
}

/** As far as it goes: both, the group alone, or nothing. Returns whether it went all the way. */
async function give(made: FileHandle, own: Owner, wanted: Owner): Promise<boolean> {
  if (own.uid === wanted.uid && own.gid === wanted.gid) return true;
  if (await tryChown(made, wanted.uid, wanted.gid)) return true;
  if (own.gid !== wanted.gid) await tryChown(made, own.uid, wanted.gid);
  return false;
}

/** What systems say to who may not give this away; EINVAL is that of a user namespace without such a user. */
const NOT_GIVEN: readonly string[] = ['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

async function tryChown(made: FileHandle, uid: number, gid: number): Promise<boolean> {
  try {
    await made.chown(uid, gid);
    return true;
  } catch (cause) {
    if (NOT_GIVEN.includes((cause as NodeJS.ErrnoException).code ?? '')) return false;
    throw cause;
  }
}

async function ownerOfNew(folder: Stats, { group, like }: NewFile): Promise<Owner> {
  const model = like === undefined ? undefined : await stat(like).catch(() => undefined);
  const { uid, gid } = model && model.uid !== 0 ? model : folder;
  return { uid, gid: group ?? gid };
}

function writesByGroup(own: Stats, folder: Stats, gid: number): boolean {
  return own.uid !== 0 && own.uid !== folder.uid && gid === folder.gid && (folder.mode & 0o020) !== 0;
}

function withGroupWrite(mode: number): number {
  return mode | ((mode & 0o040) >> 1);
}

async function nearestFolder(path: string): Promise<string> {
  const folder = dirname(path);
  return stat(folder).then(
    () => folder,
    () => (folder === path ? folder : nearestFolder(folder)),
  );
}

function notInGroup(path: string, group: number): BootstrapError {
  return new BootstrapError(MESSAGES.FILE_UNWRITABLE.otherGroup(path, group));
}
