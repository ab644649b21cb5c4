import type { Stats } from 'node:fs';
import { chmod, chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BootstrapError } from '../errors.js';

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
}

const USUAL_MODE = 0o640;

/**
 * Gives a file or folder that was just made to whom it belongs.
 *
 * @param made where it is now: a temporary file is given away before it gets its name
 * @param place where it will be
 * @throws BootstrapError `FILE_UNWRITABLE` the group that was asked for cannot be given
 */
export async function giveNew(made: string, place: string, wanted: NewFile): Promise<void> {
  const { mode, usualMode = USUAL_MODE, group } = wanted;
  const own = await stat(made);
  const folder = await stat(dirname(place));
  const owner = await ownerOfNew(folder, wanted);
  await give(made, own, owner);
  const { gid } = await stat(made);
  if (group !== undefined && gid !== group) throw notInGroup(place, group);
  await chmod(made, mode ?? (writesByGroup(own, folder, gid) ? withGroupWrite(usualMode) : usualMode));
}

/** The same for a folder, whose mode stays. */
export async function giveNewFolder(made: string, like: string | undefined): Promise<void> {
  await give(made, await stat(made), await ownerOfNew(await stat(dirname(made)), { like }));
}

/** Gives a file of our making that another user made to whom a new one would belong; its mode stays. Only for root. */
export async function giveAgain(path: string, wanted: NewFile): Promise<void> {
  await give(path, await stat(path), await ownerOfNew(await stat(dirname(path)), wanted));
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
export async function takeOver(made: string, old: Stats): Promise<boolean> {
  if (!(await give(made, await stat(made), old))) return false;
  await chmod(made, old.mode & 0o777);
  return true;
}

/** Why a file can be neither replaced nor written in place without taking it from its owner. */
export function notOurs(path: string, { uid, gid, mode }: Stats, cause: unknown): BootstrapError {
  const bits = (mode & 0o777).toString(8).padStart(4, '0');
  const us = `${process.geteuid?.()}:${process.getegid?.()}`;
  return new BootstrapError(
    `cannot write ${path}: it belongs to ${uid}:${gid} with mode ${bits}, and this user, ${us}, may neither write to it nor give a new file to that owner`,
    {
      code: 'FILE_UNWRITABLE',
      hint: `Run km-bootstrap as user ${uid} or as root, or give a group of its user the right to write this file: chgrp, chmod g+w.`,
      cause,
    },
  );
}

/** Whether a user, as a member of one group, may read a file. Root reads everything, and may be anybody. */
export function mayRead(reader: Owner, { uid, gid, mode }: Owner & { readonly mode: number }): boolean {
  if (uid === reader.uid) return (mode & 0o400) !== 0;
  if (reader.uid === 0) return true;
  return (mode & (gid === reader.gid ? 0o040 : 0o004)) !== 0;
}

/** As far as it goes: both, the group alone, or nothing. Returns whether it went all the way. */
async function give(path: string, own: Owner, wanted: Owner): Promise<boolean> {
  if (own.uid === wanted.uid && own.gid === wanted.gid) return true;
  if (await tryChown(path, wanted.uid, wanted.gid)) return true;
  if (own.gid !== wanted.gid) await tryChown(path, own.uid, wanted.gid);
  return false;
}

/** What systems say to who may not give this away; EINVAL is that of a user namespace without such a user. */
const NOT_GIVEN: readonly string[] = ['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'];

async function tryChown(path: string, uid: number, gid: number): Promise<boolean> {
  try {
    await chown(path, uid, gid);
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
  return new BootstrapError(`cannot give ${path} to group ${group}: this user is not in it`, {
    code: 'FILE_UNWRITABLE',
    hint: `Set files.group to a group of the user that runs km-bootstrap, or run it in group ${group} (docker run --group-add ${group}; fsGroup).`,
  });
}
