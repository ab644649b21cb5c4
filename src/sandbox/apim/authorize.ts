import { basicCredentials, bearerToken, type Credentials, type ServerRequest } from '../http/request.js';
import type { Handler } from '../http/router.js';
import type { Apim } from './apim.js';
import { FAULTS, refuse } from './faults.js';

/**
 * Lets a request to a REST API pass when its token holds any of the scopes, or when it is the administrator's by Basic authentication,
 * which the real server accepts as well. Everything else is the same 401, a missing scope included.
 */
export function allowing(apim: Apim, scopes: readonly string[], handle: Handler): Handler {
  return (request, parameters) => {
    if (!isAdmin(apim, basicCredentials(request)) && !holdsAny(apim, request, scopes)) refuse(FAULTS.UNAUTHENTICATED);
    return handle(request, parameters);
  };
}

/**
 * Lets only the administrator pass, by Basic authentication.
 *
 * @throws Refusal 401
 */
export function requireAdmin(apim: Apim, request: ServerRequest): void {
  if (!isAdmin(apim, basicCredentials(request))) refuse(FAULTS.UNAUTHENTICATED);
}

/** The administrator may name the tenant as well: `admin@carbon.super`. */
export function isAdmin({ home: { admin } }: Apim, sent: Credentials | undefined): boolean {
  const username = sent?.username.replace(/@carbon\.super$/, '');
  return username === admin.username && sent?.password === admin.password.reveal();
}

function holdsAny({ store }: Apim, request: ServerRequest, scopes: readonly string[]): boolean {
  const value = bearerToken(request);
  const token = store.state.tokens.find((candidate) => candidate.value === value);
  if (!token || token.expiresAtMs <= Date.now()) return false;
  return scopes.some((scope) => token.scopes.includes(scope));
}
