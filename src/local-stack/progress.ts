import { lastLines } from './log.js';
import type { StartedServer } from './start-server.js';

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
