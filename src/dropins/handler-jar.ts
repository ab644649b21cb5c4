import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { MESSAGES } from './errors.js';

/** The bundle through which IS 7 tells API Manager which tokens were revoked (wso2-extensions/apim-km-wso2is). */
export const HANDLER_BUNDLE = 'wso2is.notification.event.handlers';

export interface HandlerJar {
  /** As it is called in `dropins`. */
  readonly name: string;
  readonly version: string;
  readonly bytes: Buffer;
}

/**
 * Reads the jar that the user named. Its name tells the version, else its manifest does.
 *
 * @throws BootstrapError `DROPIN_INVALID` it is no jar, or another one; `FILE_UNREADABLE`
 */
export async function readHandlerJar(path: string): Promise<HandlerJar> {
  const bytes = await readBytes(path);
  const manifest = await manifestOf(path, bytes);
  const version = handlerVersion(basename(path)) ?? versionInManifest(path, manifest);
  return { name: `${HANDLER_BUNDLE}-${version}.jar`, version, bytes };
}

/** `2.0.5` of `wso2is.notification.event.handlers-2.0.5.jar`; undefined for the name of anything else. */
export function handlerVersion(fileName: string): string | undefined {
  return /^wso2is\.notification\.event\.handlers[-_](\d[\w.-]*)\.jar$/.exec(fileName)?.[1];
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return readWhole(path);
  } catch (cause) {
    throw new BootstrapError(
      MESSAGES.FILE_UNREADABLE.jar(path, (cause as NodeJS.ErrnoException).code, HANDLER_BUNDLE),
      { cause },
    );
  }
}

async function manifestOf(path: string, bytes: Buffer): Promise<ReadonlyMap<string, string>> {
  // Hardly any run reads a jar, and no other one has a use for a reader of ZIP files.
  const { NotAJarError, readManifest } = await import('./manifest.js');
  try {
    return await readManifest(bytes);
  } catch (cause) {
    if (!(cause instanceof NotAJarError)) throw cause;
    throw new BootstrapError(MESSAGES.DROPIN_INVALID.noJar(path, cause.message, HANDLER_BUNDLE), { cause });
  }
}

function versionInManifest(path: string, manifest: ReadonlyMap<string, string>): string {
  const [bundle] = manifest.get('Bundle-SymbolicName')?.split(';') ?? [];
  const version = manifest.get('Bundle-Version');
  if (bundle === HANDLER_BUNDLE && version !== undefined && /^\d[\w.-]*$/.test(version)) return version;
  throw new BootstrapError(MESSAGES.DROPIN_INVALID.otherBundle(path, bundle, HANDLER_BUNDLE));
}

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
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE.folder(folder, (cause as Error).message), { cause });
  }
}

/** Upper-case hexadecimal. */
export function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').toUpperCase();
}

async function readJar(folder: string, name: string, version: string): Promise<HeldJar> {
  return { name, version, sha256: sha256Of(readWhole(join(folder, name))) };
}
