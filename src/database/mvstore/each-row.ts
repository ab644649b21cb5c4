import { setImmediate as breath } from 'node:timers/promises';
import { Damage } from './damage.js';

/** No table of ours is near it. */
const MOST_ROWS = 5_000_000;
const SLICE_MS = 10;

/**
 * Goes through rows in slices, so that a signal is heard in between.
 *
 * @throws Damage there are more rows than any such table has; the signal's reason
 */
export async function eachRow<T>(
  pages: Iterable<readonly T[]>,
  signal: AbortSignal,
  use: (row: T) => 'go on' | 'enough',
): Promise<void> {
  let [rows, sliceEnds] = [0, performance.now() + SLICE_MS];
  for (const page of pages) {
    for (const row of page) if (use(row) === 'enough') return;
    rows += page.length;
    if (rows > MOST_ROWS) throw new Damage(`a table with more than ${MOST_ROWS} rows`);
    if (performance.now() < sliceEnds) continue;
    await breath();
    signal.throwIfAborted();
    sliceEnds = performance.now() + SLICE_MS;
  }
}
