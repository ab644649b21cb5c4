import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
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

/** The entrypoint, beside this build of the program as in the image. */
export function withEntrypoint(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const terminationLog = join(folder, 'termination-log');
    await writeFile(terminationLog, '');
    const given = { TERMINATION_LOG: terminationLog };
    await use({
      start: (words, environment = {}) => run(folder, words, { ...given, ...environment }),
      terminationLog,
      folder,
    });
  });
}

/** The entrypoint's process. */
export type Running = ReturnType<typeof run>;

const ENTRYPOINT = join(dirname(MAIN), 'container', 'entrypoint.js');

function run(folder: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
  return execa('node', [ENTRYPOINT, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    cwd: folder,
    // A group of its own, as on a terminal.
    detached: true,
    timeout: patient(60_000),
  });
}
