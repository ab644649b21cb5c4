// How long key stores take to read, each time in a fresh process as a run has it: ./scripts/bench-stores [--json] DIR|FILE…
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
const STORE = process.env['BENCH_STORE'];
const words = process.argv.slice(2);
const isJson = words.includes('--json');
const targets = words.filter((word) => word !== '--json');

if (STORE !== undefined) await measureOnce(STORE);
else main();

function main(): void {
  if (targets.length === 0) {
    echo('usage: ./scripts/bench-stores [--json] DIR|FILE…');
    process.exit(64);
  }
  const figures = targets.flatMap(storesIn).map(measure);
  if (isJson) echo(JSON.stringify(figures));
  else for (const figure of figures) echo(lineOf(figure));
}

function storesIn(target: string): readonly string[] {
  if (!statSync(target).isDirectory()) return [target];
  const names = readdirSync(target, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(jks|p12|pfx)$/.test(name),
  );
  return names.sort().map((name) => join(target, name));
}

interface Round {
  readonly format: string;
  readonly entries: number;
  readonly loadMs: number;
  readonly readMs: number;
  readonly cpuMs: number;
}

function measure(store: string) {
  const rounds = Array.from({ length: ROUNDS }, () => roundOf(store));
  const [{ format, entries }] = rounds as [Round];
  const sorted = (key: 'loadMs' | 'readMs' | 'cpuMs') => rounds.map((round) => round[key]).sort((a, b) => a - b);
  const [load, read, cpu] = [sorted('loadMs'), sorted('readMs'), sorted('cpuMs')];
  const middle = Math.floor(ROUNDS / 2);
  return {
    store: basename(store),
    format,
    entries,
    loadMs: load[middle] ?? Number.NaN,
    readMs: read[middle] ?? Number.NaN,
    fastestMs: read[0] ?? Number.NaN,
    slowestMs: read.at(-1) ?? Number.NaN,
    cpuMs: cpu[middle] ?? Number.NaN,
  };
}

function roundOf(store: string): Round {
  const env = { ...process.env, BENCH_STORE: store };
  return JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url)], { env, encoding: 'utf8' }));
}

async function measureOnce(path: string): Promise<void> {
  const started = performance.now();
  const [{ readStore }, { Secret }] = await Promise.all([
    import('../../src/trust/keystore/keystore.js'),
    import('../../src/secret.js'),
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

function lineOf(figures: ReturnType<typeof measure>): string {
  const { store, format, entries, loadMs, readMs, fastestMs, slowestMs, cpuMs } = figures;
  const range = `${fastestMs.toFixed(0)}–${slowestMs.toFixed(0)}`;
  return `${store}: ${format}, ${entries} entries, read in ${readMs.toFixed(0)} ms (${range}), of the processors ${cpuMs.toFixed(0)} ms; code loaded in ${loadMs.toFixed(0)} ms`;
}
