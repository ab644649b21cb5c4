import { readSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { withDescriptor } from '../io/read-whole.js';
import type { StartedServer } from './start-server.js';

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

const FRAMES = ['|', '/', '-', '\\'];
const TITLE_WIDTH = 24;

/** A line for each server that is waited for: for how long it has been starting, and the last that it wrote. */
export function progressLines(waiting: ReadonlySet<StartedServer>, startedAt: number): () => readonly string[] {
  let frame = 0;
  return () => {
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const mark = FRAMES[frame++ % FRAMES.length];
    return [...waiting].map(
      ({ title, log }) => `${mark} ${title.padEnd(TITLE_WIDTH)} ${seconds} s  ${lastLines(log, 1)[0] ?? ''}`,
    );
  };
}
