import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../src/io/package-root.js';
import { MAIN } from '../support/cli.js';
import { patient } from '../support/patience.js';
import { withTempFolder } from '../support/temp-folder.js';

/** The entrypoint of the image, ready to be started with words and, beside PATH, an environment. */
export interface Given {
  readonly start: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
  /** The file in place of the kubelet's. */
  readonly terminationLog: string;
  readonly folder: string;
}

/** The entrypoint as it lies in the image, beside this build of the program. */
export function withEntrypoint(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const [app, terminationLog] = [join(folder, 'app'), join(folder, 'termination-log')];
    await mkdir(join(app, 'scripts'), { recursive: true });
    await copyFile(join(packageRoot(), 'scripts', 'entrypoint.mjs'), join(app, 'scripts', 'entrypoint.mjs'));
    await symlink(dirname(MAIN), join(app, 'dist'));
    await symlink(join(packageRoot(), 'node_modules'), join(app, 'node_modules'));
    await writeFile(terminationLog, '');
    const given = { TERMINATION_LOG: terminationLog };
    await use({
      start: (words, environment = {}) =>
        run(join(app, 'scripts', 'entrypoint.mjs'), words, { ...given, ...environment }),
      terminationLog,
      folder,
    });
  });
}

/** The entrypoint's process. */
export type Running = ReturnType<typeof run>;

function run(entrypoint: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
  return execa('node', [entrypoint, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    // A group of its own, as on a terminal.
    detached: true,
    cwd: dirname(entrypoint),
    timeout: patient(60_000),
  });
}
