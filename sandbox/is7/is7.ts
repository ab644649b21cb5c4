import type { Secret } from '../../src/secret.js';
import type { TenantDatabase } from '../identity-database.js';
import type { Identity, LoadedHome } from '../loaded-home.js';
import type { Dialect } from './dialect.js';
import type { Directories, Directory, User } from './directory.js';
import type { RevocationNotifier } from './revocation-notice.js';

/** What every endpoint of the IS 7 stand-in stands on: the server as one tenant sees it. */
export interface Is7 {
  /** `https://host:port` as others reach it, and in another tenant than the first `https://host:port/t/<tenant>`. */
  readonly url: string;
  /** What tokens and the discovery document name: `<url>/oauth2/token`, in legacy mode the one of the server's first start. */
  readonly issuer: string;
  /** `carbon.super` or the domain of another tenant. */
  readonly tenant: string;
  /** The tenant's own administrator: nobody of another tenant passes here. */
  readonly admin: { readonly username: string; readonly password: Secret };
  /** What the tenant signs its tokens with. */
  readonly signing: Identity;
  readonly home: LoadedHome;
  readonly dialect: Dialect;
  readonly database: TenantDatabase;
  readonly directory: Directory;
  readonly directories: Directories;
  /** Who is told of revoked tokens. */
  readonly notifier: RevocationNotifier;
  readonly conduct: Conduct;
  /** The tokens that were given out, for as long as the server runs. */
  readonly tokens: IssuedTokens;
}

export interface IssuedTokens {
  /** The claims behind opaque tokens. */
  readonly opaque: Map<string, Record<string, unknown>>;
  /** The id of the one live token of a client, an owner and scopes. */
  readonly live: Map<string, string>;
  /** What a refresh token stands for. */
  readonly refresh: Map<string, { readonly consumerKey: string; readonly user: User; readonly scope: string }>;
}

/** How this server behaves where a real one is set up in one way or another. */
export interface Conduct {
  /** Its clock is so much ahead of ours, milliseconds. */
  readonly clockAheadMs: number;
  /** What an application's tokens are: what it was registered with, or one kind whatever was registered. */
  readonly tokens: 'as-registered' | 'jwt' | 'opaque';
  /** What applications get of the scopes that they ask for: what the settings make of them, or these. */
  readonly authorizedScopes: 'by-settings' | 'all' | readonly string[];
  /** The administrator may register clients. */
  readonly registration: 'allowed' | 'forbidden';
}

/** What time it is for this server, milliseconds since the epoch. */
export function timeAt({ conduct }: Is7): number {
  return Date.now() + conduct.clockAheadMs;
}
