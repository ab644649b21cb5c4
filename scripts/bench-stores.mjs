#!/usr/bin/env node
// How long key stores take to read, each time in a fresh process as a run has it: node scripts/bench-stores.mjs [--json] DIR|FILE…
// Prints the median and the range of some runs, milliseconds: loading the code, and reading one store of which nothing is known yet; on a
// busy machine the time of the processors tells more.
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { echo } from 'zx';

const ROUNDS = 9;
const PASSWORD = 'wso2carbon';
const words = process.argv.slice(2);
const isJson = words.includes('--json');
const targets = words.filter((word) => word !== '--json');

if (process.env.BENCH_STORE !== undefined) await measureOnce(process.env.BENCH_STORE);
else main();

function main() {
  if (targets.length === 0) {
    echo('usage: node scripts/bench-stores.mjs [--json] DIR|FILE…');
    process.exit(64);
  }
  const figures = targets.flatMap(storesIn).map(measure);
  if (isJson) echo(JSON.stringify(figures));
  else for (const figure of figures) echo(lineOf(figure));
}

function storesIn(target) {
  if (!statSync(target).isDirectory()) return [target];
  const names = readdirSync(target, { recursive: true }).filter((name) => /\.(jks|p12|pfx)$/.test(name));
  return names.sort().map((name) => join(target, name));
}

function measure(store) {
  const rounds = Array.from({ length: ROUNDS }, () => roundOf(store));
  const { format, entries } = rounds[0];
  const sorted = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b);
  const [load, read, cpu] = [sorted('loadMs'), sorted('readMs'), sorted('cpuMs')];
  const middle = Math.floor(ROUNDS / 2);
  return {
    store: basename(store),
    format,
    entries,
    loadMs: load[middle],
    readMs: read[middle],
    fastestMs: read[0],
    slowestMs: read.at(-1),
    cpuMs: cpu[middle],
  };
}

function roundOf(store) {
  const env = { ...process.env, BENCH_STORE: store };
  return JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url)], { env, encoding: 'utf8' }));
}

async function measureOnce(path) {
  const started = performance.now();
  const [{ readStore }, { Secret }] = await Promise.all([
    import('../.build/src/trust/keystore/keystore.js'),
    import('../.build/src/secret.js'),
  ]);
  const loaded = performance.now();
  const cpu = process.cpuUsage();
  const { format, entries } = await readStore({ path, password: new Secret(PASSWORD) });
  const read = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(
    JSON.stringify({
      format,
      entries: entries.length,
      loadMs: loaded - started,
      readMs: read - loaded,
      cpuMs: (user + system) / 1000,
    }),
  );
}

function lineOf({ store, format, entries, loadMs, readMs, fastestMs, slowestMs, cpuMs }) {
  const range = `${fastestMs.toFixed(0)}–${slowestMs.toFixed(0)}`;
  return `${store}: ${format}, ${entries} entries, read in ${readMs.toFixed(0)} ms (${range}), of the processors ${cpuMs.toFixed(0)} ms; code loaded in ${loadMs.toFixed(0)} ms`;
}
