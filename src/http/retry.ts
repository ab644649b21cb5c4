import { setTimeout as sleep } from 'node:timers/promises';
import { UnreachableError } from '../errors.js';
import type { HttpClient, HttpReply, HttpRequest } from './client.js';

const ATTEMPTS = 4;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** Nothing is repeated later than this: a server that was silent for so long is not healed by asking again. */
const PATIENCE_MS = 8_000;

/**
 * Sends a request up to four times while it fails in a way that may heal: the connection broke, or a proxy or the server says 502, 503
 * or 504. Only for requests that do no harm when the server gets them twice. The pauses have decorrelated jitter, so that many clients
 * that failed together do not come back together.
 *
 * @throws what {@link HttpClient.send} throws
 */
export async function sendPatiently(http: HttpClient, request: HttpRequest): Promise<HttpReply> {
  const started = performance.now();
  let pauseMs = SHORTEST_PAUSE_MS;
  for (let attempt = 1; ; attempt++) {
    const isLast = () => attempt === ATTEMPTS || performance.now() - started > PATIENCE_MS;
    // A connection that was kept alive may be cut just when it is used again: that says nothing about the server, however late it is.
    const isStale = (code: string) => attempt === 1 && code === 'CONNECTION_LOST';
    try {
      const reply = await http.send(request);
      if (!MAY_HEAL.has(reply.status) || isLast()) return reply;
    } catch (error) {
      if (!(error instanceof UnreachableError) || !MAY_PASS.has(error.code)) throw error;
      if (isLast() && !isStale(error.code)) throw error;
    }
    pauseMs = nextPause(pauseMs, Math.random());
    await sleep(pauseMs, undefined, { signal: request.signal }).catch(() => request.signal.throwIfAborted());
  }
}

const MAY_HEAL = new Set([502, 503, 504]);
const MAY_PASS: ReadonlySet<string> = new Set([
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'CONNECTION_TIMEOUT',
  'HOST_NOT_FOUND',
  'NETWORK_UNREACHABLE',
  'SERVER_UNREACHABLE',
]);

/** Between the shortest pause and three times the last one (`random` from 0 to 1), in milliseconds. */
export function nextPause(lastMs: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, 3 * lastMs);
  return SHORTEST_PAUSE_MS + random * (longest - SHORTEST_PAUSE_MS);
}
