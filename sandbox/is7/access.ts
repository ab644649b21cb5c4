import { randomUUID } from 'node:crypto';
import { json, Refusal, type Reply } from '../http/reply.js';
import { basicCredentials, bearerToken, type Credentials, type ServerRequest } from '../http/request.js';
import type { Handler } from '../http/router.js';
import { activeClaims } from './active-claims.js';
import { userByCertificate } from './client-certificate.js';
import type { User } from './directory.js';
import type { Is7 } from './is7.js';

const NO_CREDENTIALS = 'AuthenticationHandler not found.';
const WRONG_CREDENTIALS = 'Authorization failure. Authorization information was invalid or missing from your request.';
const NO_PERMISSION = 'Operation is not permitted. You do not have permissions to make this request.';
const TITLES = { 401: 'Unauthorized', 403: 'Forbidden' } as const;

/**
 * Lets the tenant's administrator pass, by Basic authentication or by a client certificate that may act as them.
 *
 * @throws Refusal 401; 403 for another user, and for a token, none of which has the scopes of an administrator here
 */
export function requireAdmin(is7: Is7, request: ServerRequest): void {
  const { name } = requireCaller(is7, request);
  if (name !== is7.admin.username) throw denied(request, 403);
}

/** What answers the tenant's administrator: `id` and `name` are what the path names so, or empty. */
type ForAdmin = (request: ServerRequest, id: string, name: string) => Reply;

/** Makes handlers that let nobody but the tenant's administrator pass. They throw like {@link requireAdmin}. */
export function adminHandlers(is7: Is7): (use: ForAdmin) => Handler {
  return (use) =>
    (request, { id = '', name = '' }) => {
      requireAdmin(is7, request);
      return use(request, id, name);
    };
}

/** Who calls, and the scopes of their token, if it is by one. */
export interface Caller {
  readonly name: string;
  readonly user: User;
  readonly scopes?: readonly string[];
}

/**
 * Who calls. A token of an application acts for the application's owner.
 *
 * @throws Refusal 401
 */
export function requireCaller(is7: Is7, request: ServerRequest): Caller {
  const token = bearerToken(request);
  if (token !== undefined) {
    const claims = activeClaims(is7, token) ?? refuse(request);
    const user = ownerOf(is7, claims) ?? refuse(request);
    return { name: user.userName, user, scopes: String(claims['scope'] ?? '').split(' ') };
  }
  // The mapping of certificates names users of the first tenant.
  const certified = is7.tenant === 'carbon.super' ? userByCertificate(is7.home, request) : undefined;
  if (request.headers.authorization === undefined && certified === undefined)
    throw denied(request, 401, NO_CREDENTIALS);
  const user = userNamed(is7, certified) ?? authenticated(is7, basicCredentials(request)) ?? refuse(request);
  return { name: user.userName, user };
}

/** The user behind a name and a password. In another tenant than the first the name carries the tenant: `admin@example.com`. */
export function authenticated(is7: Is7, sent: Credentials | undefined): User | undefined {
  const user = userNamed(is7, sent?.username);
  return user && user.password === sent?.password ? user : undefined;
}

function userNamed({ directory, tenant }: Is7, sent: string | undefined): User | undefined {
  const name = tenant === 'carbon.super' ? sent?.replace(/@carbon\.super$/, '') : sent;
  return directory.users.find(({ userName }) => userName === name);
}

function ownerOf(is7: Is7, claims: Record<string, unknown>): User | undefined {
  const { users } = is7.directory;
  if (claims['aut'] === 'APPLICATION_USER') return users.find(({ id }) => id === claims['sub']);
  const owner = is7.database.findApp(String(claims['client_id']))?.owner;
  return users.find(({ userName }) => userName === owner);
}

function refuse(request: ServerRequest): never {
  throw denied(request, 401);
}

/** The body is that of the API whose path it is. */
export function denied(request: ServerRequest, status: 401 | 403, why?: string): Refusal {
  const detail = why ?? (status === 401 ? WRONG_CREDENTIALS : NO_PERMISSION);
  const { path } = request;
  const realm = path.startsWith('/api/identity/oauth2/dcr/') ? '' : ' realm=localhost';
  const headers = {
    'content-type': 'application/json;charset=UTF-8',
    ...(status === 401 && { 'www-authenticate': `Bearer${realm}` }),
  };
  const body = path.startsWith('/scim2/')
    ? { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], detail, status }
    : { traceId: randomUUID(), code: status, description: detail, message: TITLES[status] };
  return new Refusal(json(status, body, headers));
}

/** What a path that nothing is at answers: most of the server wants to know first who asks. */
export function nothingThere(is7: Is7, request: ServerRequest): Reply {
  if (!request.path.startsWith('/api/server/v1/')) throw denied(request, 401);
  requireAdmin(is7, request);
  if (is7.dialect.release === '7.0' && !is7.dialect.isLegacy) throw denied(request, 403);
  return { status: 404 };
}
