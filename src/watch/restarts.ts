import type { ServerId } from '../servers/server.js';

/** What a look told about a server. */
export interface ServerSeen {
  readonly server: ServerId;
  /** For people. */
  readonly title: string;
  /** Whether it runs, as far as can be seen from here. */
  readonly isRunning: boolean;
  /** Another value after each start, if its home is here. */
  readonly start: string | undefined;
}

export interface ServerRecord extends ServerSeen {
  /** It runs and has not read what was changed then. */
  readonly restartNeededSince?: Date;
}

/** Whose files came right in this look: mended by us just now, or found to have been, since the look before, by somebody else. */
export interface Corrected {
  readonly byUs: ReadonlySet<ServerId>;
  readonly byOthers: ReadonlySet<ServerId>;
}

/**
 * Which servers have to be restarted. What a server holds in memory cannot be seen, so every correction beside a running server counts,
 * as it does for `apply`, until the server has been seen down or has left another sign of a start.
 */
export function noteRestarts(
  before: readonly ServerRecord[],
  seen: readonly ServerSeen[],
  { byUs, byOthers }: Corrected,
  now: Date,
): readonly ServerRecord[] {
  return seen.map((current) => {
    const known = before.find(({ server }) => server === current.server);
    if (!current.isRunning) return current;
    const wasStarted = known !== undefined && (!known.isRunning || known.start !== current.start);
    const earlier = wasStarted ? undefined : known?.restartNeededSince;
    const isNew = byUs.has(current.server) || (byOthers.has(current.server) && !wasStarted);
    const since = earlier ?? (isNew ? now : undefined);
    return { ...current, ...(since && { restartNeededSince: since }) };
  });
}
