import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { patient } from './patience.js';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as it is shipped, of this build. */
export const MAIN = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist', 'main.js');

/** Runs km-bootstrap as a person would, in a process of its own, with nothing of this environment but what is given. */
export async function km(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  workingFolder?: string,
  timeoutMs = 120_000,
): Promise<CliRun> {
  const { PATH = '', JAVA_HOME } = process.env;
  const env = { PATH, ...(JAVA_HOME ? { JAVA_HOME } : {}), ...environment };
  const run = await execa('node', [MAIN, ...words], {
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: patient(timeoutMs),
    ...(workingFolder !== undefined && { cwd: workingFolder }),
  });
  return { exitCode: run.exitCode ?? -1, stdout: run.stdout, stderr: run.stderr };
}

/**
 * Serves a sandbox in a process of its own while `use` runs, then stops it as Ctrl-C does. Returns what it said.
 *
 * @param timeoutMs 0 for as long as `use` takes
 */
export async function withSandbox(
  words: readonly string[],
  use: () => Promise<void>,
  timeoutMs = 240_000,
): Promise<string> {
  const server = execa('node', [MAIN, 'sandbox', ...words], {
    reject: false,
    stdin: 'ignore',
    timeout: patient(timeoutMs),
    all: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.stdout.on('data', (text: Buffer) => text.includes('press Ctrl-C') && resolve());
      server.then(({ all }) => reject(new Error(`the sandbox ended: ${all}`)), reject);
    });
    await use();
  } finally {
    server.kill('SIGINT');
  }
  const { exitCode, all } = await server;
  if (exitCode !== 130) throw new Error(`the sandbox ended with ${exitCode}: ${all}`);
  return all;
}
