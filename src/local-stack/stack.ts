import type { ServerId } from '../servers/server.js';
import type { ServerEvent } from './event.js';
import { isGroupAlive } from './process-group.js';
import { endedError, type ServerToStart, type StartedServer, startServer } from './start-server.js';

/** How long a server may take to stop before it is killed; the real ones take some 10 to 20 s. */
export const GRACE_MS = 30_000;

export interface StackOptions {
  /** Milliseconds for each server, {@link GRACE_MS} at most. */
  readonly graceMs: number;
  /** Told what becomes of a server. */
  readonly announce: (
    server: { readonly id: ServerId; readonly title: string },
    event: Omit<ServerEvent, 'type' | 'server'>,
  ) => void;
}

export interface RunningStack {
  readonly servers: readonly StartedServer[];
  /** Aborts when one of them ends by itself, and its reason is the error that says so. */
  readonly ended: AbortSignal;
  /** Lets them go on when the stack is given back. */
  leaveRunning(): void;
}

/**
 * Starts servers in their order, lends them, and stops them in the reverse one. Should this process end before that, they are killed.
 *
 * @throws BootstrapError those of {@link startServer}
 */
export async function withStack<Result>(
  toStart: readonly ServerToStart[],
  { graceMs, announce }: StackOptions,
  use: (stack: RunningStack) => Promise<Result>,
): Promise<Result> {
  const servers: StartedServer[] = [];
  const ended = new AbortController();
  let phase: 'running' | 'stopping' | 'left' = 'running';
  const killAll = () => {
    for (const server of phase === 'left' ? [] : servers) server.kill();
  };
  process.once('exit', killAll);
  try {
    for (const server of toStart) servers.push(await start(server));
    return await use({
      servers,
      ended: ended.signal,
      leaveRunning: () => {
        phase = 'left';
      },
    });
  } finally {
    if (phase === 'running') await stopAll();
    process.off('exit', killAll);
  }

  async function start(server: ServerToStart): Promise<StartedServer> {
    const started = await startServer(server);
    const { pid, log } = started;
    announce(server, { status: 'started', pid, log });
    started.ended.then((ending) => {
      if (phase === 'running') ended.abort(endedError(started, ending));
    });
    return started;
  }

  async function stopAll(): Promise<void> {
    phase = 'stopping';
    for (const server of servers.toReversed()) {
      if (isGroupAlive(server.pid)) await stopServer(server, { graceMs, announce });
      else await server.stop(graceMs);
    }
  }
}

/** Stops a server and says so. */
export async function stopServer(
  { id, title, pid, stop }: Pick<StartedServer, 'id' | 'title' | 'pid' | 'stop'>,
  { graceMs, announce }: StackOptions,
): Promise<void> {
  const began = performance.now();
  announce({ id, title }, { status: 'stopping', pid });
  const how = await stop(graceMs);
  const seconds = Math.round((performance.now() - began) / 1000);
  announce({ id, title }, { status: how === 'killed' ? 'killed' : 'stopped', pid, seconds });
}
