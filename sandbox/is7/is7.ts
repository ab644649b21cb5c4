import type { Secret } from '../../src/secret.js';
import { empty, Refusal } from '../http/reply.js';
import { basicCredentials, type Credentials, type ServerRequest } from '../http/request.js';
import type { TenantDatabase } from '../identity-database.js';
import type { Identity, LoadedHome } from '../loaded-home.js';
import { userByCertificate } from './client-certificate.js';
import type { RevocationNotifier } from './revocation-notice.js';

/** What every endpoint of the IS 7 stand-in stands on: the server as one tenant sees it. */
export interface Is7 {
  /** `https://host:port`, and in another tenant than the first `https://host:port/t/<tenant>`. */
  readonly url: string;
  /** What tokens and the discovery document name: `<url>/oauth2/token`. */
  readonly issuer: string;
  /** `carbon.super` or the domain of another tenant. */
  readonly tenant: string;
  /** The tenant's own administrator: nobody of another tenant passes here. */
  readonly admin: { readonly username: string; readonly password: Secret };
  /** What the tenant signs its tokens with. */
  readonly signing: Identity;
  readonly home: LoadedHome;
  readonly database: TenantDatabase;
  /** Who is told of revoked tokens. */
  readonly notifier: RevocationNotifier;
  readonly conduct: Conduct;
  /** The claims behind opaque tokens, for as long as the server runs. */
  readonly opaqueTokens: Map<string, Record<string, unknown>>;
}

/** How this server behaves where a real one is set up in one way or another. */
export interface Conduct {
  /** Its clock is so much ahead of ours, milliseconds. */
  readonly clockAheadMs: number;
  readonly tokens: 'jwt' | 'opaque';
  /** What applications get of the scopes that they ask for ([oauth] authorize_all_scopes). */
  readonly authorizedScopes: 'all' | readonly string[];
  /** The administrator may register clients. */
  readonly registration: 'allowed' | 'forbidden';
}

/** What time it is for this server, milliseconds since the epoch. */
export function timeAt({ conduct }: Is7): number {
  return Date.now() + conduct.clockAheadMs;
}

/** Lets the tenant's administrator pass, by Basic authentication or by a client certificate that may act as them; everyone else gets 401. */
export function requireAdmin(is7: Is7, request: ServerRequest): void {
  if (isAdmin(is7, basicCredentials(request))) return;
  // The mapping of certificates names users of the first tenant.
  if (is7.tenant === 'carbon.super' && userByCertificate(is7.home, request) === is7.admin.username) return;
  throw new Refusal(empty(401, { 'www-authenticate': 'Basic realm="WSO2 Identity Server"' }));
}

/** The administrator may be named with the tenant or without it: `admin@example.com`, `admin`. */
export function isAdmin({ admin, tenant }: Is7, sent: Credentials | undefined): boolean {
  const plain = (username: string) => username.replace(new RegExp(`@${tenant.replaceAll('.', '\\.')}$`), '');
  return sent?.password === admin.password.reveal() && plain(sent.username) === plain(admin.username);
}
