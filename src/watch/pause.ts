/** Nobody should wait longer than this for a server that came back, unless the interval itself is longer. */
const LONGEST_BACK_OFF_MS = 300_000;
const JITTER = 0.1;

/**
 * The time until the next look, milliseconds: the interval, doubled for each look but the first that found servers down, and up to a tenth
 * more or less (`random` from 0 to 1), so that many watchers that started together do not stay together.
 */
export function nextPauseMs(intervalMs: number, looksDown: number, random: number): number {
  const longestMs = Math.max(intervalMs, LONGEST_BACK_OFF_MS);
  const pauseMs = Math.min(intervalMs * 2 ** Math.min(Math.max(0, looksDown - 1), 20), longestMs);
  return Math.round(pauseMs * (1 - JITTER + 2 * JITTER * random));
}
