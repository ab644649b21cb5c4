import { setTimeout as sleep } from 'node:timers/promises';

export interface PollOptions {
  readonly signal: AbortSignal;
  /** Time from now after which nothing more is tried, milliseconds. */
  readonly deadlineMs: number;
  /** What to pause now, milliseconds, asked before each pause; in place of the two below. */
  readonly pauseMs?: () => number;
  /** Pause after the first look, milliseconds; it doubles up to `longestPauseMs`. Default 250. */
  readonly firstPauseMs?: number;
  /** Default 2000. */
  readonly longestPauseMs?: number;
}

/** A timer of Node's that is set for longer, some 24 days, ends at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `look` until it gives something. The signal that `look` receives also aborts at the deadline.
 *
 * @returns what `look` gave, or undefined when the deadline passed first
 * @throws what `look` throws, and the reason of `signal` when that aborts
 */
export async function poll<T>(
  look: (signal: AbortSignal) => Promise<T | undefined>,
  { signal, deadlineMs, pauseMs: nextPauseMs, firstPauseMs = 250, longestPauseMs = 2_000 }: PollOptions,
): Promise<T | undefined> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), Math.min(Math.max(0, deadlineMs), LONGEST_TIMER_MS));
  const either = AbortSignal.any([signal, deadline.signal]);
  try {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      signal.throwIfAborted();
      const result = await look(either);
      if (result !== undefined) return result;
      await sleep(nextPauseMs?.() ?? pauseMs, undefined, { signal: either });
    }
  } catch (error) {
    signal.throwIfAborted();
    if (deadline.signal.aborted && isAbort(error, either)) return undefined;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What a function throws because its signal aborted: the signal's own reason, or Node's AbortError around it. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
