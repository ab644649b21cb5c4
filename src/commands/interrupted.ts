import { join } from 'node:path';
import type { Settings } from '../config/parse.js';
import { createRunLock } from '../io/lock.js';
import { finishOverwrites, hasOverwrites } from '../io/overwrite-file.js';
import type { CommandContext } from './context.js';

/** Where in a home there are files that are written in place, should nothing else be possible. */
const FOLDERS = [
  join('repository', 'conf'),
  join('repository', 'resources', 'security'),
  join('repository', 'components', 'dropins'),
];

/**
 * Completes what an apply that was killed was writing in place, before anything of it is read.
 *
 * @throws BootstrapError `LOCKED`, `FILE_UNWRITABLE`
 */
export async function finishInterrupted(settings: Settings, { signal }: CommandContext): Promise<void> {
  const homes = [
    { home: settings['is7.home'], overlay: settings['is7.overlay'] },
    { home: settings['apim.home'], overlay: settings['apim.overlay'] },
    ...(settings.node ?? []),
  ];
  const roots = homes.flatMap(({ home, overlay }) => overlay ?? home ?? []);
  const folders = roots.flatMap((root) => FOLDERS.map((folder) => join(root, folder)));
  const interrupted: string[] = [];
  for (const folder of folders) if (await hasOverwrites(folder)) interrupted.push(folder);
  if (interrupted.length === 0) return;
  const lock = createRunLock(roots, settings.lock_timeout);
  try {
    await lock.hold(signal);
    for (const folder of interrupted) await finishOverwrites(folder);
  } finally {
    await lock.release();
  }
}
