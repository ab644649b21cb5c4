import { rmSync } from 'node:fs';
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as assert from 'uvu/assert';
import { km, MAIN } from '../support/cli.js';
import { patient } from '../support/patience.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';
import { until as comesAbout } from '../support/until.js';

/** A watch in a process of its own. */
export interface Watching {
  /** `http://127.0.0.1:…/` */
  readonly url: string;
  /** All that it has said so far. */
  said(): string;
  /** Waits until it has said something that matches. */
  until(pattern: RegExp): Promise<void>;
  /** Sends a signal; how it ended and how long that took. */
  stop(signal: 'SIGTERM' | 'SIGINT'): Promise<{ readonly exitCode: number | undefined; readonly tookMs: number }>;
}

export interface Homes {
  readonly folder: string;
  readonly is7: string;
  readonly apim: string;
  /** The options that name them. */
  readonly options: readonly string[];
}

/** Lends two homes of the sandbox to which the offline steps were applied. */
export async function withAppliedHomes(use: (homes: Homes) => Promise<void>): Promise<void> {
  pattern ??= makePattern();
  const made = await pattern;
  await withTempFolder(async (folder) => {
    await cp(made, folder, { recursive: true });
    await use(homesIn(folder));
  });
}

/** Made once a process, and copied for each test. */
let pattern: Promise<string> | undefined;

async function makePattern(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'km-watch-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  await makeSandboxHomes(folder);
  const applied = await km(['apply', '--phase', 'offline', ...homesIn(folder).options]);
  assert.is(applied.exitCode, 0, applied.stderr);
  return folder;
}

function homesIn(folder: string): Homes {
  const [is7, apim] = [join(folder, 'wso2is-7.2.0'), join(folder, 'wso2am-4.5.0')];
  return { folder, is7, apim, options: ['--is7-home', is7, '--apim-home', apim] };
}

/** Runs `km-bootstrap watch` on a free port while `use` runs. */
export async function withWatch(
  words: readonly string[],
  use: (watching: Watching) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = execa('node', [MAIN, 'watch', '--listen', '127.0.0.1:0', ...words], {
    reject: false,
    stdin: 'ignore',
    all: true,
    timeout: patient(60_000),
    env,
  });
  let said = '';
  child.all.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const until = async (pattern: RegExp) => {
    await comesAbout(`it says ${pattern}`, () => pattern.test(said)).catch((error: Error) => {
      throw new Error(`${error.message}, but:\n${said}`);
    });
  };
  try {
    await until(/http:\S+/);
    const [url = ''] = /http:[^\s"]+/.exec(said) ?? [];
    const stop: Watching['stop'] = async (signal) => {
      const started = performance.now();
      child.kill(signal);
      const { exitCode } = await child;
      return { exitCode, tookMs: performance.now() - started };
    };
    await use({ url, said: () => said, until, stop });
  } finally {
    child.kill('SIGKILL');
    await child;
  }
}
