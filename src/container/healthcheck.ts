#!/usr/bin/env node
// HEALTHCHECK of the image: whether `watch` answers at its /healthz. A container that runs anything else ends by itself and tells by its
// exit code, so it is never unhealthy. Words and settings are read as the program itself reads them.
import { get } from 'node:http';
import { basename } from 'node:path';
import process from 'node:process';
import { parseCommandLine } from '../cli/parse.js';
import { watchSettings } from '../composition/config.js';
import { loadEnvironment, loadSettings } from '../config/load.js';
import { parseSettings } from '../config/parse.js';
import type { ListenAddress } from '../config/shape.js';
import { toBootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';

const TIMEOUT_MS = 4_000;
/** What the program is started by: its words follow. */
const STARTERS = ['entrypoint.js', 'main.js', 'km-bootstrap'];

try {
  const address = await watchedAddress(wordsOfMainProcess());
  if (address) ask(new URL(`http://${reachable(address)}/healthz`));
} catch (thrown) {
  process.exitCode = unhealthy(toBootstrapError(thrown).message);
}

/** Of process 1, or of what stands in for it in a test. */
function wordsOfMainProcess(): readonly string[] {
  const words = readWhole(process.argv[2] ?? '/proc/1/cmdline')
    .toString('utf8')
    .split('\0')
    .slice(0, -1);
  const starter = words.findIndex((word) => STARTERS.includes(basename(word)));
  return starter === -1 ? [] : words.slice(starter + 1);
}

/** Where `watch` listens with these words; undefined: they are of another command. */
async function watchedAddress(words: readonly string[]): Promise<ListenAddress | undefined> {
  if (!words.includes('watch')) return undefined;
  const command = parseCommandLine(words);
  if (command.name !== 'watch') return undefined;
  const workingFolder = process.cwd();
  const { settings: flags, configFile } = command;
  const environment = await loadEnvironment(workingFolder);
  return watchSettings(parseSettings(loadSettings({ flags, configFile, workingFolder }, environment))).listen;
}

/** What listens on every address is reached on this one. */
function reachable({ host, port }: ListenAddress): string {
  if (host === '0.0.0.0' || host === '::') return `127.0.0.1:${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function ask(url: URL): void {
  const request = get(url, { timeout: TIMEOUT_MS, agent: false }, ({ statusCode }) => {
    process.exit(statusCode === 200 ? 0 : unhealthy(`${url} answers ${statusCode}`));
  });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  request.on('error', ({ message }) => process.exit(unhealthy(`${url}: ${message}`)));
}

function unhealthy(why: string): 1 {
  process.stdout.write(`${why}\n`);
  return 1;
}
