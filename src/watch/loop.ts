import { setTimeout as sleep } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from '../io/poll.js';
import type { Disk } from './disk.js';
import type { LookCause, Phase } from './status.js';

export interface LoopOptions {
  readonly intervalMs: number;
  /** What a look takes at most; it sees to that itself. */
  readonly timeoutMs: number;
  /** Never throws; says whether a server or database was down. */
  readonly look: (cause: LookCause) => Promise<'down' | 'up'>;
  readonly disk: Pick<Disk, 'changed'>;
  readonly onPhase: (phase: Phase) => void;
  readonly signal: AbortSignal;
}

/** Beyond its time, how long a look or a pause may take before something must be wrong. */
const GRACE_MS = 10_000;
/** Files that never stop changing do not make us look without a pause. */
const SHORTEST_PAUSE_MS = 1_000;

/** Looks, waits for the next time or a change on disk, and looks again, one look at a time, until the signal. */
export async function keepLooking({ intervalMs, timeoutMs, look, disk, onPhase, signal }: LoopOptions): Promise<void> {
  let looksDown = 0;
  let cause: LookCause = 'start';
  while (!signal.aborted) {
    onPhase({ doing: 'looking', overdueAt: inMs(timeoutMs + GRACE_MS) });
    looksDown = (await look(cause)) === 'down' ? looksDown + 1 : 0;
    const pauseMs = nextPauseMs(intervalMs, looksDown, Math.random());
    onPhase({ doing: 'waiting', nextAt: inMs(pauseMs), overdueAt: inMs(pauseMs + GRACE_MS) });
    cause = await waitForNext(pauseMs, disk, signal);
  }
}

async function waitForNext(pauseMs: number, disk: LoopOptions['disk'], stopped: AbortSignal): Promise<LookCause> {
  const woken = new AbortController();
  const signal = AbortSignal.any([stopped, woken.signal]);
  const change = async (): Promise<LookCause> => {
    await sleep(Math.min(SHORTEST_PAUSE_MS, pauseMs), undefined, { signal });
    await disk.changed(signal);
    return 'file change';
  };
  const interval = sleep<LookCause>(Math.min(pauseMs, LONGEST_TIMER_MS), 'interval', { signal });
  const both = [change(), interval];
  try {
    return await Promise.race(both);
  } catch (error) {
    if (stopped.aborted) return 'interval';
    throw error;
  } finally {
    woken.abort();
    await Promise.allSettled(both);
  }
}

function inMs(ms: number): Date {
  return new Date(Date.now() + ms);
}

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
