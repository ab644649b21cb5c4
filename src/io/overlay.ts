import { existsSync } from 'node:fs';
import { chown, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { makeFolder, writeFileWhole } from './write-file.js';

/** A home, and the folder that a container's entrypoint copies over it at each start. */
export interface Layers {
  readonly folder: string;
  readonly overlay: string | undefined;
}

/** What new files get; what is not said is taken from the file that they come over. */
export interface FileModes {
  readonly mode?: number;
  readonly group?: number;
}

/** Where a file of the home is to be read: in the overlay if it is there, else in the home. */
export function locateFile({ folder, overlay }: Layers, path: string): string {
  const above = overlay === undefined ? undefined : join(overlay, path);
  return above !== undefined && existsSync(above) ? above : join(folder, path);
}

/**
 * Makes sure that a file of the home stands in the overlay before it is changed: it is copied there whole, links followed, because the
 * entrypoint replaces files and merges nothing. One that is there already is left alone; so is everything without an overlay.
 *
 * @param path from the home
 * @throws BootstrapError `FILE_UNWRITABLE`, `FILE_UNREADABLE`
 */
export async function copyIntoOverlay({ folder, overlay }: Layers, path: string, modes: FileModes): Promise<void> {
  if (overlay === undefined || existsSync(join(overlay, path))) return;
  const target = join(overlay, path);
  const source = await readSource(join(folder, path));
  await makeFolder(dirname(target));
  await writeFileWhole(target, source.bytes, { mode: modes.mode ?? source.mode, group: modes.group });
  if (modes.group === undefined) await giveTo(source, target);
}

/**
 * Whether the owner of the home's file, as whom the server runs, can read what is or will be in its place in the overlay. Only root can
 * give a copy away; anybody else's stays their own.
 */
export async function isReadableByOwner({ folder, overlay }: Layers, path: string, modes: FileModes): Promise<boolean> {
  if (overlay === undefined) return true;
  const owner = await stat(join(folder, path)).catch(() => undefined);
  if (!owner) return true;
  const there = await stat(join(overlay, path)).catch(() => undefined);
  const { uid, gid, mode } = there ?? futureCopy(owner, modes);
  return Boolean((uid === owner.uid && mode & 0o400) || (gid === owner.gid && mode & 0o040) || mode & 0o004);
}

function futureCopy(owner: Omit<Source, 'bytes'>, modes: FileModes): Omit<Source, 'bytes'> {
  const [uid = owner.uid, ownGid = owner.gid] = [process.getuid?.(), process.getgid?.()];
  const mode = modes.mode ?? owner.mode;
  if (uid === 0 && modes.group === undefined) return { uid: owner.uid, gid: owner.gid, mode };
  return { uid, gid: modes.group ?? ownGid, mode };
}

interface Source {
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

async function readSource(path: string): Promise<Source> {
  try {
    const { mode, uid, gid } = await stat(path);
    return { bytes: await readFile(path), mode: mode & 0o777, uid, gid };
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE.source(path, (cause as Error).message), { cause });
  }
}

/** Gives a new file to the owner of another. Only root may; anybody else is the server's user, or sets files.group and files.mode. */
export async function giveTo({ uid, gid }: Pick<Source, 'uid' | 'gid'>, target: string): Promise<void> {
  await chown(target, uid, gid).catch(() => undefined);
}
