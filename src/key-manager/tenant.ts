import { type KeyManagerInfo, listKeyManagers, readSettings } from './admin-api.js';
import { type ApiClient, type ApiClientOptions, createApiClient } from './api-client.js';
import type { ApimRelease } from './connector.js';
import { createFingerprints, type Fingerprints } from './fingerprint.js';
import type { JsonObject } from './json.js';

/** One tenant of API Manager as one run sees it: its steps share one sign-in, and what none of them changes is read once. */
export interface Tenant {
  readonly client: ApiClient;
  readonly apim: ApimRelease;
  readonly fingerprints: Fingerprints;
  /** How long API Manager may take to bring up its client registration, or to load a Key Manager; milliseconds. */
  readonly patienceMs: number;
  /** What this server's connectors ask for. */
  settings(signal: AbortSignal): Promise<JsonObject>;
  forgetSettings(): void;
  /**
   * The Key Manager of this name. A list that is at hand is believed only when it has the name: what others created since is found too.
   */
  find(name: string, signal: AbortSignal): Promise<KeyManagerInfo | undefined>;
  /** All of them, as far as known. */
  list(signal: AbortSignal): Promise<readonly KeyManagerInfo[]>;
  /** Forgets the list, after one was created or deleted. */
  forgetList(): void;
}

export interface TenantOptions extends ApiClientOptions {
  /** Of API Manager, as far as it is known. */
  readonly apimVersion?: string | undefined;
}

export function createTenant(options: TenantOptions): Tenant {
  const client = createApiClient(options);
  const settings = remembered((signal) => readSettings(client, signal));
  const list = remembered((signal) => listKeyManagers(client, signal));
  return {
    client,
    apim: { url: options.account.url, version: options.apimVersion },
    fingerprints: createFingerprints(),
    patienceMs: options.patienceMs,
    settings: settings.get,
    forgetSettings: settings.forget,
    async find(name, signal) {
      const isFresh = !list.isKnown();
      const named = (all: readonly KeyManagerInfo[]) => all.find((keyManager) => keyManager.name === name);
      const listed = named(await list.get(signal));
      if (listed || isFresh) return listed;
      list.forget();
      return named(await list.get(signal));
    },
    list: list.get,
    forgetList: list.forget,
  };
}

/** Reads once, for all who ask at the same time or later; a failure is not remembered. */
function remembered<T>(read: (signal: AbortSignal) => Promise<T>) {
  let reading: Promise<T> | undefined;
  return {
    get(signal: AbortSignal): Promise<T> {
      if (reading) return reading;
      const mine = read(signal).catch((error: unknown) => {
        if (reading === mine) reading = undefined;
        throw error;
      });
      reading = mine;
      return mine;
    },
    isKnown: () => reading !== undefined,
    forget() {
      reading = undefined;
    },
  };
}
