import type { NamesOfPeers } from '../http/connect-peer.js';
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
  /** From a subscription or a revocation until the gateway knows of it. */
  readonly gatewaySyncMs: number;
}

/** How this server is set up where the real one can be set up in one way or another. */
export interface ApimConduct {
  /** Connector settings that cannot change once a Key Manager has them, from 4.6 on. */
  readonly readOnlySettings: readonly string[];
  /** Key Managers of EXCHANGED and BOTH need an identity provider, which may be refused. */
  readonly identityProviders: 'work' | 'fail';
  /** Of the certificates of other servers: api-manager.sh allows any (`-Dhttpclient.hostnameVerifier=AllowAll`). */
  readonly hostNames: NamesOfPeers;
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
  readonly conduct: ApimConduct;
  /** Ids of revoked JWTs and revoked opaque tokens, and when the gateway gets to know; milliseconds since the epoch. */
  readonly revokedTokens: Map<string, number>;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
}
