import { empty, Refusal } from '../http/reply.js';
import { basicCredentials, type ServerRequest } from '../http/request.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { LoadedHome } from '../loaded-home.js';
import { userByCertificate } from './client-certificate.js';
import type { RevocationNotifier } from './revocation-notice.js';

/** What every endpoint of the IS 7 stand-in stands on. */
export interface Is7 {
  /** `https://host:port` */
  readonly url: string;
  /** What tokens and the discovery document name: `<url>/oauth2/token`. */
  readonly issuer: string;
  readonly home: LoadedHome;
  readonly database: IdentityDatabase;
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

/** Lets the administrator pass, by Basic authentication or by a client certificate that may act as them; everyone else gets 401. */
export function requireAdmin({ home }: Is7, request: ServerRequest): void {
  const sent = basicCredentials(request);
  if (sent?.username === home.admin.username && sent.password === home.admin.password.reveal()) return;
  if (userByCertificate(home, request) === home.admin.username) return;
  throw new Refusal(empty(401, { 'www-authenticate': 'Basic realm="WSO2 Identity Server"' }));
}
