import { UnreachableError } from '../errors.js';
import { poll } from '../io/poll.js';
import { MESSAGES } from './errors.js';
import type { Database } from './session.js';

/** Tries again, with pauses that grow, while it is only that the database is not up (yet). */
export async function whenReachable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { label }: Database,
  signal: AbortSignal,
  patienceMs: number,
): Promise<T> {
  if (patienceMs <= 0) return work(signal);
  let last = new UnreachableError(MESSAGES.DATABASE_UNREACHABLE.noAnswer(label));
  const attempt = async (within: AbortSignal) => {
    try {
      return { value: await work(within) };
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      last = error;
      return undefined;
    }
  };
  const found = await poll(attempt, { signal, deadlineMs: patienceMs, longestPauseMs: 5_000 });
  if (found) return found.value;
  throw last;
}
