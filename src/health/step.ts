import { BootstrapError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import { poll } from '../io/poll.js';
import type { PlannedChange, Step } from '../step/step.js';
import { probeApim } from './probe-apim.js';
import { probeIs7 } from './probe-is7.js';

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
}

const PRODUCT = { is7: 'WSO2 Identity Server 7', apim: 'WSO2 API Manager' } as const;

/** A different certificate does not come by waiting: the client reads its trust once, and the server its keystore at start. */
const FINAL = new Set(['TLS_UNTRUSTED', 'TLS_HOST_MISMATCH']);

/**
 * The fact that a server is up and is the one we mean. `inspect` probes once; `apply` probes until the server is ready.
 *
 * Throws `ISSUER_MISMATCH` from `inspect` and `apply`; from `apply` also `HEALTH_DEADLINE`, and at once what waiting cannot heal.
 */
export function healthStep({ server, target, http, timeoutMs }: HealthStepOptions): Step<HealthState, PlannedChange> {
  return {
    id: `health/${server}`,
    async inspect(signal) {
      return look(http, await target(), signal);
    },
    plan({ target: { url }, fault }) {
      if (!fault) return [];
      return [{ action: 'update', summary: `wait for ${PRODUCT[server]} at ${url}`, obstacle: fault }];
    },
    async apply(_change, signal) {
      const { url } = await target();
      const deadlineMs = timeoutMs();
      let last: BootstrapError | undefined;
      const ready = await poll(
        async (within) => {
          last = (await look(http, await target(), within)).fault;
          if (last && FINAL.has(last.code)) throw last;
          return last ? undefined : true;
        },
        { signal, deadlineMs },
      );
      if (!ready) throw deadlineError(`${PRODUCT[server]} at ${url}`, deadlineMs, last);
    },
  };
}

async function look(http: HttpClient, target: HealthTarget, signal: AbortSignal): Promise<HealthState> {
  try {
    await probe(http, target, signal);
    return { target };
  } catch (fault) {
    if (!(fault instanceof BootstrapError) || fault.code === 'ISSUER_MISMATCH') throw fault;
    return { target, fault };
  }
}

function probe(http: HttpClient, target: HealthTarget, signal: AbortSignal): Promise<void> {
  if (target.server === 'is7') return probeIs7(http, target.url, target.issuer, signal);
  return probeApim(http, target.url, signal);
}

function deadlineError(server: string, deadlineMs: number, last: BootstrapError | undefined): BootstrapError {
  const seconds = Math.round(deadlineMs / 1000);
  return new BootstrapError(`${server} is not ready after ${seconds} s: ${last?.message ?? 'it never answered'}`, {
    code: 'HEALTH_DEADLINE',
    hint: `${last?.hint ?? 'Look whether the server is starting.'} A slow server needs a longer --timeout.`,
    cause: last,
  });
}
