import { readSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { withDescriptor } from '../io/read-whole.js';

const TAIL_BYTES = 16_384;

/** The last lines of a log, without colours and blank lines; none when it is not there. */
export function lastLines(path: string, count: number): readonly string[] {
  const lines = stripVTControlCharacters(readEnd(path)).split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '').slice(-count);
}

/** Synchronous, since little is read and a drawing waits for it. */
function readEnd(path: string): string {
  try {
    return withDescriptor(path, (file, { size }) => {
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, size - buffer.length));
    });
  } catch {
    return '';
  }
}
