import { BootstrapError } from '../errors.js';
import type { HttpClient, HttpReply } from '../http/client.js';
import { poll } from '../io/poll.js';
import { sayingWhatIsWaitedFor } from '../io/waiting.js';
import { PRODUCTS } from '../servers/server.js';
import type { Notice, PlannedChange, Step } from '../step/step.js';
import { MESSAGES } from './errors.js';
import { probeApim, probeIs7 } from './probe.js';

/** A server to wait for: where it is, and for Identity Server the issuer it must say it is. */
export type HealthTarget =
  | { readonly server: 'is7'; readonly url: string; readonly issuer: string }
  | { readonly server: 'apim'; readonly url: string };

export interface HealthStepOptions {
  readonly server: HealthTarget['server'];
  /** Called whenever it is needed, so let it remember. The URL is `https://host:port`, without a slash at its end. */
  readonly target: () => HealthTarget | Promise<HealthTarget>;
  readonly http: HttpClient;
  /** How long `apply` may wait, milliseconds; asked when it begins to wait. */
  readonly timeoutMs: () => number;
}

export interface HealthState {
  readonly target: HealthTarget;
  /** Why the server is not ready; absent when it is. */
  readonly fault?: BootstrapError;
  /** How much its clock is ahead of ours, milliseconds; absent when it did not say. */
  readonly aheadMs?: number;
}

/** A different certificate does not come by waiting: the client reads its trust once, and the server its keystore at start. */
const FINAL: ReadonlySet<string> = new Set(['TLS_UNTRUSTED', 'TLS_HOST_MISMATCH', 'TLS_EXPIRED']);

/** A server that is starting is looked at often, so that nobody waits for us; what seldom heals, and name services, are left in peace. */
const STARTING: ReadonlySet<string> = new Set(['CONNECTION_REFUSED', 'CONNECTION_LOST', 'SERVER_STARTING']);
const PAUSE_WHILE_STARTING_MS = 75;
const PAUSE_MS = 1_000;

/** Tokens carry times to the second, and servers allow each other some; a minute is no accident. */
const TOLERATED_SKEW_MS = 60_000;

/**
 * The fact that a server is up and is the one we mean. `inspect` probes once; `apply` probes until the server is ready.
 *
 * Throws `ISSUER_MISMATCH` from `inspect` and `apply`; from `apply` also `HEALTH_DEADLINE`, whose cause is the last diagnosis, and at once
 * what waiting cannot heal.
 */
export function healthStep({ server, target, http, timeoutMs }: HealthStepOptions): Step<HealthState, PlannedChange> {
  return {
    id: `health/${server}`,
    async inspect(signal) {
      return look(http, await target(), signal);
    },
    plan({ target: { url }, fault }) {
      if (!fault) return [];
      return [{ action: 'update', summary: `wait for ${PRODUCTS[server].title} at ${url}`, obstacle: fault }];
    },
    notices: (state) => skewNotices(PRODUCTS[server].title, state),
    async apply(_change, signal, { say = () => {} } = {}) {
      const { url } = await target();
      const name = `${PRODUCTS[server].title} at ${url}`;
      const deadlineMs = timeoutMs();
      let last: BootstrapError | undefined;
      const pauseMs = () => (last && STARTING.has(last.code) ? PAUSE_WHILE_STARTING_MS : PAUSE_MS);
      const ready = await sayingWhatIsWaitedFor({ name, deadlineMs, say }, (tell) =>
        poll(
          async (within) => {
            last = (await look(http, await target(), within)).fault;
            if (last && FINAL.has(last.code)) throw last;
            if (last) tell(last);
            return last ? undefined : true;
          },
          { signal, deadlineMs, pauseMs },
        ),
      );
      if (!ready) throw deadlineError(name, deadlineMs, last ?? silence(url));
    },
  };
}

async function look(http: HttpClient, target: HealthTarget, signal: AbortSignal): Promise<HealthState> {
  try {
    const { headers } = await probe(http, target, signal);
    const theirs = Date.parse(headers['date'] ?? '');
    return Number.isNaN(theirs) ? { target } : { target, aheadMs: theirs - Date.now() };
  } catch (fault) {
    signal.throwIfAborted();
    if (!(fault instanceof BootstrapError) || fault.code === 'ISSUER_MISMATCH') throw fault;
    return { target, fault };
  }
}

function probe(http: HttpClient, target: HealthTarget, signal: AbortSignal): Promise<HttpReply> {
  if (target.server === 'is7') return probeIs7(http, target.url, target.issuer, signal);
  return probeApim(http, target.url, signal);
}

function deadlineError(name: string, deadlineMs: number, last: BootstrapError): BootstrapError {
  const time = deadlineMs > 0 ? `after ${seconds(deadlineMs)}` : 'and no time was left to wait for it';
  return new BootstrapError(MESSAGES.HEALTH_DEADLINE(name, time, last.message, last.hint), { cause: last });
}

/** The time was over before the first look was. */
function silence(url: string): BootstrapError {
  return new BootstrapError(MESSAGES.CONNECTION_TIMEOUT(url));
}

function skewNotices(name: string, { aheadMs = 0 }: HealthState): readonly Notice[] {
  if (Math.abs(aheadMs) <= TOLERATED_SKEW_MS) return [];
  return [MESSAGES.CLOCK_SKEW(name, seconds(Math.abs(aheadMs)), aheadMs)];
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
