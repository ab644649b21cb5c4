import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import { bearerToken, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { denied, requireAdmin, requireCaller } from './access.js';
import { activeClaims } from './active-claims.js';
import { rolesOf, type User } from './directory.js';
import type { Is7 } from './is7.js';
import { filterOf, locationOf, scim, scimBody, scimError, scimList } from './scim.js';
import { organizationName } from './token.js';

/** SCIM2's users: the own one, which API Manager's connector reads a user's claims from, and all, for the administrator. */
export function userRoutes(is7: Is7): readonly Route[] {
  return [
    route('GET', '/scim2/Me', (request) => readMe(is7, request)),
    route('PATCH', '/scim2/Me', (request) => patchMe(is7, request)),
    route('GET', '/scim2/Users', (request) => list(is7, request)),
    route('POST', '/scim2/Users', (request) => create(is7, request)),
    route('GET', '/scim2/Users/{id}', (request, { id = '' }) => read(is7, request, id)),
    route('DELETE', '/scim2/Users/{id}', (request, { id = '' }) => remove(is7, request, id)),
    route('GET', '/scim2/Schemas', (request) => schemas(is7, request)),
    route('GET', '/oauth2/userinfo', (request) => userInfo(is7, request)),
  ];
}

/** A token needs the scope of a login, unless deployment.toml opens this to every token; a user with a password needs nothing. */
function readMe(is7: Is7, request: ServerRequest): Reply {
  const { user, scopes } = requireCaller(is7, request);
  if (scopes && !is7.dialect.opensMe && !scopes.includes('internal_login')) throw denied(request, 403);
  return scim(200, presented(is7, user), { location: locationOf(is7, 'Users', user.id) });
}

function patchMe(is7: Is7, request: ServerRequest): Reply {
  const { user, scopes } = requireCaller(is7, request);
  if (scopes && !scopes.includes('internal_login')) throw denied(request, 403);
  return scim(200, presented(is7, user), { location: locationOf(is7, 'Users', user.id) });
}

function list(is7: Is7, request: ServerRequest): Reply {
  requireAdmin(is7, request);
  const filter = filterOf(request.query.get('filter'));
  const { users } = is7.directory;
  const found = filter
    ? users.filter((user) => filter.attribute === 'userName' && user.userName === filter.value)
    : users;
  const attributes = request.query.get('attributes')?.split(',');
  return scimList(found.map((user) => only(presented(is7, user), attributes)));
}

function only(user: Record<string, unknown>, attributes: readonly string[] | undefined): Record<string, unknown> {
  if (!attributes) return user;
  return Object.fromEntries(Object.entries(user).filter(([name]) => name === 'id' || attributes.includes(name)));
}

function create(is7: Is7, request: ServerRequest): Reply {
  requireAdmin(is7, request);
  const { userName, password } = scimBody(request);
  if (typeof userName !== 'string' || userName === '')
    return scimError(400, 'Required attribute userName is missing in the SCIM Object.', 'invalidValue');
  if (is7.directory.users.some((user) => user.userName === userName))
    return scimError(409, `User with the name: ${masked(is7, userName)} already exists in the system.`);
  const user = { id: randomUUID(), userName, password: String(password ?? ''), created: new Date().toISOString() };
  is7.directory.users.push(user);
  void is7.directories.save();
  return scim(201, presented(is7, user), { location: locationOf(is7, 'Users', user.id) });
}

/** Later releases say no more of a name than its ends. */
function masked({ dialect }: Is7, name: string): string {
  return dialect.release === '7.0' ? name : name.replace(/(?<=^.).*(?=.$)/, (middle) => '*'.repeat(middle.length));
}

function read(is7: Is7, request: ServerRequest, id: string): Reply {
  requireAdmin(is7, request);
  const user = is7.directory.users.find((candidate) => candidate.id === id);
  return user ? scim(200, presented(is7, user)) : unknownUser(id);
}

function remove(is7: Is7, request: ServerRequest, id: string): Reply {
  requireAdmin(is7, request);
  const { directory } = is7;
  if (!directory.users.some((user) => user.id === id)) return unknownUser(id);
  directory.users = directory.users.filter((user) => user.id !== id);
  for (const role of directory.roles) role.users = role.users.filter((user) => user !== id);
  void is7.directories.save();
  return empty(204);
}

function unknownUser(id: string): Reply {
  return scimError(404, `User ${id} does not exist in: PRIMARY`);
}

function presented(is7: Is7, { id, userName, created }: User): Record<string, unknown> {
  const { directory, tenant, dialect } = is7;
  const location = locationOf(is7, 'Users', id);
  const roles = rolesOf(directory, id).map((role) => roleOf(is7, role));
  const isAdministrator = created === undefined && tenant === 'carbon.super';
  return {
    meta: { ...(created !== undefined && { created, lastModified: created }), location, resourceType: 'User' },
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
      'urn:scim:wso2:schema',
      ...(dialect.release === '7.0' ? [] : ['urn:scim:schemas:extension:custom:User']),
    ],
    roles,
    ...(isAdministrator && {
      groups: [{ display: 'admin', value: groupOf(id), $ref: locationOf(is7, 'Groups', groupOf(id)) }],
    }),
    id,
    userName,
  };
}

/** The group of administrators has an id of its own, which nobody can ask for here. */
function groupOf(userId: string): string {
  return userId.replace(/^.{8}/, '00000000');
}

function roleOf(
  is7: Is7,
  { id, displayName }: { readonly id: string; readonly displayName: string },
): Record<string, unknown> {
  const { directory, dialect } = is7;
  if (dialect.isLegacy) {
    // Groups are roles there, and the role of everybody has no id in later releases.
    if (displayName === 'everyone' && dialect.release !== '7.0') return { display: displayName };
    return { display: displayName, value: id, $ref: locationOf(is7, 'Roles', id) };
  }
  return {
    audienceValue: directory.organizationId,
    display: displayName,
    audienceType: 'organization',
    value: id,
    $ref: locationOf(is7, 'v2', 'Roles', id),
    audienceDisplay: organizationName(is7),
  };
}

/** The names of the schemas; their attributes, many pages on the real server, are left out. */
function schemas(is7: Is7, request: ServerRequest): Reply {
  requireCaller(is7, request);
  const list = SCHEMAS.map(([name, id]) => ({ name, description: name, attributes: [], id }));
  return scim(200, list, is7.dialect.isLegacy ? {} : { location: locationOf(is7, 'Schemas') });
}

const SCHEMAS: readonly (readonly [name: string, id: string])[] = [
  ['Core', 'urn:ietf:params:scim:schemas:core:2.0'],
  ['User', 'urn:ietf:params:scim:schemas:core:2.0:User'],
  ['EnterpriseUser', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  ['SystemUser', 'urn:scim:wso2:schema'],
  ['Agent', 'urn:scim:wso2:agent:schema'],
  ['CustomUser', 'urn:scim:schemas:extension:custom:User'],
];

/** OpenID Connect's own user info: for a token with the scope `openid`. */
function userInfo(is7: Is7, request: ServerRequest): Reply {
  const token = bearerToken(request);
  const refuse = (status: number, error: string, description: string) =>
    json(status, { error_description: description, error }, { 'www-authenticate': `Bearer error="${error}"` });
  if (token === undefined) {
    const isFirst = is7.dialect.release === '7.0';
    return refuse(
      400,
      'invalid_request',
      isFirst ? 'Bearer token missing' : 'Authorization or Content-Type header is missing',
    );
  }
  const claims = activeClaims(is7, token);
  if (!claims) return refuse(401, 'invalid_token', 'Access token validation failed');
  if (
    !String(claims['scope'] ?? '')
      .split(' ')
      .includes('openid')
  )
    return refuse(403, 'insufficient_scope', 'Access token does not have the openid scope');
  return json(200, { sub: claims['sub'] });
}
