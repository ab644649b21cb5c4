#!/usr/bin/env node
// HEALTHCHECK of the image: whether `watch` answers at its /healthz. A container that runs anything else ends by itself and tells by its
// exit code, so it is never unhealthy. The address is --listen of that process, else KMB_WATCH_LISTEN, else the default.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import process from 'node:process';

const TIMEOUT_MS = 4_000;
const words = wordsOfMainProcess();

if (words.includes('watch')) ask(new URL(`http://${reachable(listenAddress(words))}/healthz`));

/** Process 1, or what stands in for it in a test. */
function wordsOfMainProcess() {
  return readFileSync(process.argv[2] ?? '/proc/1/cmdline', 'utf8').split('\0');
}

function listenAddress(words) {
  const option = words.findLastIndex((word) => /^--listen(=|$)/.test(word));
  const given = option === -1 ? undefined : (words[option].split('=')[1] ?? words[option + 1]);
  return given ?? process.env['KMB_WATCH_LISTEN'] ?? '127.0.0.1:9095';
}

/** What listens on every address is reached on this one. */
function reachable(address) {
  return address.replace(/^(0\.0\.0\.0|\[::\]|\*)?:/, '127.0.0.1:');
}

function ask(url) {
  const request = get(url, { timeout: TIMEOUT_MS, agent: false }, ({ statusCode }) => {
    process.exit(statusCode === 200 ? 0 : unhealthy(`${url} answers ${statusCode}`));
  });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  request.on('error', ({ message }) => process.exit(unhealthy(`${url}: ${message}`)));
}

function unhealthy(why) {
  process.stdout.write(`${why}\n`);
  return 1;
}
