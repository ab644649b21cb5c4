import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/io/package-root.js';

/** What a test file took: by the clock, and of all processors. */
export interface Times {
  readonly seconds: number;
  readonly processorSeconds: number;
}

/** A file that takes more is slow: `--fast` leaves it out. */
const SLOW_PROCESSOR_SECONDS = 3;
const FILE = join(packageRoot(), 'test', 'support', 'times.json');
const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, number>>;

export function isSlow(path: string): boolean {
  return (recorded[path] ?? 0) > SLOW_PROCESSOR_SECONDS;
}

/** So that no processor is idle at the end while another still works on a long one. A file without a record comes first. */
export function longestFirst(paths: readonly string[]): string[] {
  const weight = (path: string) => recorded[path] ?? Number.POSITIVE_INFINITY;
  return [...paths].sort((a, b) => weight(b) - weight(a) || a.localeCompare(b));
}

/** One line a file, the longest first. */
export function tableOf(times: Readonly<Record<string, Times>>): string {
  const rows = Object.entries(times).sort(([, a], [, b]) => b.processorSeconds - a.processorSeconds);
  const sum = (key: keyof Times) => rows.reduce((total, [, row]) => total + row[key], 0);
  const line = (path: string, { seconds, processorSeconds }: Times) =>
    `${seconds.toFixed(1).padStart(8)} ${processorSeconds.toFixed(1).padStart(10)}  ${path}\n`;
  return ` seconds  processor  file\n${rows.map(([path, row]) => line(path, row)).join('')}${line('all', {
    seconds: sum('seconds'),
    processorSeconds: sum('processorSeconds'),
  })}`;
}

/** Records the processor seconds of the files that were run; those of the others stay. */
export function writeTimes(times: Readonly<Record<string, Times>>): void {
  const now = Object.entries(times).map(([path, row]) => [path, Number(row.processorSeconds.toFixed(1))] as const);
  const all = Object.entries({ ...recorded, ...Object.fromEntries(now) }).sort(([a], [b]) => a.localeCompare(b));
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
}
