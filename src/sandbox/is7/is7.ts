import { empty, Refusal } from '../http/reply.js';
import { basicCredentials, type ServerRequest } from '../http/request.js';
import type { IdentityDatabase } from '../identity-database.js';
import type { LoadedHome } from '../loaded-home.js';

/** What every endpoint of the IS 7 stand-in stands on. */
export interface Is7 {
  /** `https://host:port` */
  readonly url: string;
  /** What tokens and the discovery document name: `<url>/oauth2/token`. */
  readonly issuer: string;
  readonly home: LoadedHome;
  readonly database: IdentityDatabase;
}

/** Lets the administrator pass, by Basic authentication; everyone else gets 401. */
export function requireAdmin({ home }: Is7, request: ServerRequest): void {
  const sent = basicCredentials(request);
  if (sent?.username === home.admin.username && sent.password === home.admin.password.reveal()) return;
  throw new Refusal(empty(401, { 'www-authenticate': 'Basic realm="WSO2 Identity Server"' }));
}
