import { existsSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withDescriptor } from '../io/read-whole.js';
import type { LogFacts } from './facts.js';

const MOST_FILES = 20;

/** Of each file the end, where what matters now is. */
const MOST_BYTES = 8 << 20;

/** The logs in a folder, which need not be there, the latest last. */
export function readLogs(folder: string): readonly LogFacts[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.log(\.|$)/.test(name) && !/access|audit/.test(name))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
    .sort((one, other) => statSync(one).mtimeMs - statSync(other).mtimeMs)
    .slice(-MOST_FILES)
    .flatMap((file) => readEnd(file) ?? []);
}

/** Characters of a line that are read: a line of a megabyte says nothing, and would take patterns hours. */
const LONGEST_LINE = 4_000;

/** Lines are counted from the start of what is read: exact for all but huge files. */
function readEnd(file: string): LogFacts | undefined {
  try {
    const bytes = withDescriptor(file, (descriptor, { size }) => {
      const end = Buffer.alloc(Math.min(size, MOST_BYTES));
      return end.subarray(0, readSync(descriptor, end, 0, end.length, size - end.length));
    });
    return {
      file,
      lines: bytes
        .toString('utf8')
        .split(/\r?\n/)
        .map((line) => line.slice(0, LONGEST_LINE)),
    };
  } catch {
    return undefined;
  }
}
