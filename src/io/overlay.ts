import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { makeFolder } from './make-folder.js';
import type { NewFile } from './ownership.js';
import { readWhole } from './read-whole.js';
import { writeFileWhole } from './write-file.js';

/** A home, and the folder that a container's entrypoint copies over it at each start. */
export interface Layers {
  readonly folder: string;
  readonly overlay: string | undefined;
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
export async function copyIntoOverlay({ folder, overlay }: Layers, path: string, wanted: NewFile): Promise<void> {
  if (overlay === undefined || existsSync(join(overlay, path))) return;
  const [source, target] = [join(folder, path), join(overlay, path)];
  const { bytes, mode } = await readSource(source);
  await makeFolder(dirname(target), { like: folder, within: [overlay] });
  await writeFileWhole(target, bytes, { usualMode: mode, ...wanted, like: source, within: [overlay], keep: undefined });
}

interface Source {
  readonly bytes: Buffer;
  readonly mode: number;
}

async function readSource(path: string): Promise<Source> {
  try {
    const { mode } = await stat(path);
    return { bytes: readWhole(path), mode: mode & 0o777 };
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE.source(path, (cause as Error).message), { cause });
  }
}
