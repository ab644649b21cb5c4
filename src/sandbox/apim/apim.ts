import type { LoadedHome } from '../loaded-home.js';
import type { IdentityServer } from './identity-server.js';
import type { LoadedKeyManagers } from './loaded-key-managers.js';
import type { ApimStore } from './store.js';

/** How long the stand-in takes for what the real server does in its own time. */
export interface Pace {
  /** From the start until the health check says 200. */
  readonly startupMs: number;
  /** How much longer until clients can be registered. */
  readonly registrationLagMs: number;
  /** From writing a Key Manager until it is loaded. */
  readonly keyManagerLoadMs: number;
}

/** What every endpoint of the API Manager stand-in stands on. */
export interface Apim {
  /** `https://host:port` */
  readonly url: string;
  readonly home: LoadedHome;
  readonly store: ApimStore;
  readonly loaded: LoadedKeyManagers;
  readonly identityServer: IdentityServer;
  readonly pace: Pace;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
}
