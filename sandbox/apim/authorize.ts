import type { Reply } from '../http/reply.js';
import { basicCredentials, bearerToken, type Credentials, type ServerRequest } from '../http/request.js';
import type { Handler, PathParameters } from '../http/router.js';
import type { Apim } from './apim.js';
import { FAULTS, refuse } from './faults.js';

/** The administrator of a tenant: the only kind of user there is here. */
export interface User {
  readonly username: string;
  /** Absent in the first tenant. */
  readonly tenant: string | undefined;
}

/** Answers a request of a user. */
export type UserHandler = (request: ServerRequest, user: User, parameters: PathParameters) => Reply | Promise<Reply>;

/**
 * Lets a request to a REST API pass when its token holds any of the scopes, or when it is an administrator's by Basic authentication,
 * which the real server accepts as well. Everything else is the same 401, a missing scope included.
 */
export function allowing(apim: Apim, scopes: readonly string[], handle: UserHandler): Handler {
  return (request, parameters) => {
    const user = userOf(apim, basicCredentials(request)) ?? ownerOfToken(apim, request, scopes);
    return handle(request, user ?? refuse(FAULTS.UNAUTHENTICATED), parameters);
  };
}

/**
 * Lets only an administrator pass, by Basic authentication.
 *
 * @throws Refusal 401
 */
export function requireUser(apim: Apim, request: ServerRequest): User {
  return userOf(apim, basicCredentials(request)) ?? refuse(FAULTS.UNAUTHENTICATED);
}

/** The administrator with this password. The one of the first tenant may name it as well: `admin@carbon.super`. */
export function userOf({ home: { admin }, store }: Apim, sent: Credentials | undefined): User | undefined {
  if (!sent) return undefined;
  const username = sent.username.replace(/@carbon\.super$/, '');
  if (username === admin.username) {
    return sent.password === admin.password.reveal() ? { username, tenant: undefined } : undefined;
  }
  const tenant = store.state.tenants.find((candidate) => candidate.username === username);
  return tenant?.password === sent.password ? { username, tenant: tenant.domain } : undefined;
}

function ownerOfToken({ store }: Apim, request: ServerRequest, scopes: readonly string[]): User | undefined {
  const value = bearerToken(request);
  const token = store.state.tokens.find((candidate) => candidate.value === value);
  if (!token || token.expiresAtMs <= Date.now()) return undefined;
  return scopes.some((scope) => token.scopes.includes(scope)) ? token.user : undefined;
}
