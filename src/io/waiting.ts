/** What is in the way of what is waited for. */
export interface Hindrance {
  /** Tells one hindrance from another. */
  readonly code: string;
  readonly message: string;
}

/** Takes what is waited for: once, on each change, and now and then. */
export type Say = (waitingFor: string) => void;

export interface Waiting {
  /** What is waited for, for people. */
  readonly name: string;
  /** How long at most, milliseconds from now. */
  readonly deadlineMs: number;
  readonly say: Say;
  /** How often it is said again, milliseconds. Default {@link SAID_EVERY_MS}. */
  readonly everyMs?: number;
}

const SAID_EVERY_MS = 30_000;

/**
 * Does a work that may have to wait, and says what it waits for: at the first hindrance that it is told of, on each change of that, and
 * every half minute, also while a single attempt takes so long.
 */
export async function sayingWhatIsWaitedFor<T>(
  { name, deadlineMs, say, everyMs = SAID_EVERY_MS }: Waiting,
  work: (tell: (hindrance: Hindrance) => void) => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  let last: Hindrance | undefined;
  let hasSaid = false;
  const tell = () => {
    const since = hasSaid
      ? `still waiting after ${seconds(performance.now() - startedAt)}`
      : `waiting for ${name}, ${seconds(deadlineMs)} at most`;
    hasSaid = true;
    say(`${since}: ${last?.message ?? 'no answer yet'}`);
    timer.refresh();
  };
  const timer = setTimeout(tell, everyMs).unref();
  try {
    return await work((hindrance) => {
      const isNew = last?.code !== hindrance.code;
      last = hindrance;
      if (isNew) tell();
    });
  } finally {
    clearTimeout(timer);
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
