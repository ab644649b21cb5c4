import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { handlerVersion } from './handler-jar.js';

/** A version of the handler's bundle that is in a `dropins` folder. */
export interface HeldJar {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/** The handler's jars in a folder, which need not be there. */
export async function findHeldJars(folder: string): Promise<readonly HeldJar[]> {
  try {
    const names = await readdir(folder);
    const found = names.sort().map((name) => ({ name, version: handlerVersion(name) }));
    return await Promise.all(
      found.flatMap(({ name, version }) => (version === undefined ? [] : readJar(folder, name, version))),
    );
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new BootstrapError(`cannot look into ${folder}: ${(cause as Error).message}`, {
      code: 'FILE_UNREADABLE',
      hint: 'Give the user that runs km-bootstrap the right to read this folder.',
      cause,
    });
  }
}

/** Upper-case hexadecimal. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').toUpperCase();
}

async function readJar(folder: string, name: string, version: string): Promise<HeldJar> {
  return { name, version, sha256: sha256Of(readWhole(join(folder, name))) };
}
