import { UnreachableError } from '../errors.js';
import { poll } from '../io/poll.js';
import { type Say, sayingWhatIsWaitedFor } from '../io/waiting.js';
import { MESSAGES } from './errors.js';
import type { Database } from './session.js';

export interface Patience {
  /** How much longer a database is waited for that is not up yet, milliseconds; 0 tries once. */
  readonly patienceMs: number;
  /** Told what is waited for. */
  readonly say?: Say | undefined;
}

/** Tries again, with pauses that grow, while it is only that the database is not up (yet). */
export async function whenReachable<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { label }: Database,
  signal: AbortSignal,
  { patienceMs, say = () => undefined }: Patience,
): Promise<T> {
  if (patienceMs <= 0) return work(signal);
  let last = new UnreachableError(MESSAGES.DATABASE_UNREACHABLE.noAnswer(label));
  const waiting = { name: `the database ${label}`, deadlineMs: patienceMs, say };
  const outcome = await sayingWhatIsWaitedFor(waiting, (tell) => {
    const attempt = async (within: AbortSignal) => {
      try {
        return { value: await work(within) };
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        last = error;
        tell(error);
        return undefined;
      }
    };
    return poll(attempt, { signal, deadlineMs: patienceMs, longestPauseMs: 5_000 });
  });
  if (outcome) return outcome.value;
  throw last;
}
