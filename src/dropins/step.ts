import { join } from 'node:path';
import { BootstrapError } from '../errors.js';
import type { Keep } from '../io/backup.js';
import { makeFolder } from '../io/make-folder.js';
import type { NewFile } from '../io/ownership.js';
import { unwritable } from '../io/unwritable.js';
import { removeFile, writeFileWhole } from '../io/write-file.js';
import type { Step } from '../step/step.js';
import { findHeldJars, readHandlerJar } from './handler-jar.js';
import { type DropinChange, type DropinState, findDropinFaults, planDropin } from './plan.js';

export interface DropinOptions {
  /** `dropins/is7`, with the name of a further node behind it. */
  readonly id: string;
  /** `repository/components/dropins` of IS 7, or of the overlay over it. */
  readonly folder: string;
  /** The home's own `dropins` below an overlay: IS 7 loads what is there too, and nothing is written there. */
  readonly below?: string | undefined;
  /** The file to copy, as the user named it; without one the jar has to be there already. */
  readonly jar: string | undefined;
  /** `4.5`, which decides what version of the jar is expected. */
  readonly apimVersion: string | undefined;
  /** Of the jar, which is for everybody to read. */
  readonly files?: Pick<NewFile, 'group' | 'like' | 'within'>;
}

/**
 * Keeps true: IS 7 has the jar that tells API Manager which tokens were revoked, once, with the very bytes that the user named.
 *
 * Fails with `CONFIG_INVALID` without any jar, `DROPIN_INVALID`, `FILE_UNREADABLE` and `FILE_UNWRITABLE`.
 */
export function dropinStep(options: DropinOptions): Step<DropinState, DropinChange> {
  const { id, folder, below, jar, apimVersion, files: { group, like, within } = {} } = options;
  return {
    id,
    readBy: 'is7',
    files: () => [folder, below, jar].filter((path) => path !== undefined),
    async inspect() {
      return {
        folder,
        apimVersion,
        wanted: jar === undefined ? undefined : await readHandlerJar(jar),
        held: await findHeldJars(folder),
        below: below === undefined ? [] : await findHeldJars(below),
      };
    },
    plan: planDropin,
    notices: findDropinFaults,
    async apply({ write, remove }, _signal, { keep } = {}) {
      await makeFolder(folder, { like, within });
      if (write)
        await writeFileWhole(join(folder, write.name), write.bytes, { usualMode: 0o644, group, like, within, keep });
      for (const name of remove) await removeJar(join(folder, name), within, keep);
    },
  };
}

async function removeJar(path: string, within: readonly string[] | undefined, keep: Keep | undefined): Promise<void> {
  await keep?.(path);
  await removeFile(path, within).catch(async (cause) => {
    throw cause instanceof BootstrapError ? cause : await unwritable(`remove ${path}`, path, cause);
  });
}
