import { randomUUID } from 'node:crypto';
import { empty, type Reply } from '../http/reply.js';
import { isObject, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { adminHandlers } from './access.js';
import { type Role, scopesOf } from './directory.js';
import type { Is7 } from './is7.js';
import { filterOf, locationOf, scim, scimBody, scimError, scimList } from './scim.js';
import { organizationName } from './token.js';

const PATH = '/scim2/v2/Roles';
const SYSTEM_PREFIX = 'system_';

/** SCIM2's roles, which the connector makes for the scopes of an API, and the older list of them. */
export function roleRoutes(is7: Is7): readonly Route[] {
  const forAdmin = adminHandlers(is7);
  return [
    route(
      'POST',
      PATH,
      forAdmin((request) => create(is7, request)),
    ),
    route(
      'GET',
      PATH,
      forAdmin((request) => search(is7, request.query.get('filter'))),
    ),
    route(
      'POST',
      `${PATH}/.search`,
      forAdmin((request) => search(is7, String(scimBody(request)['filter'] ?? ''))),
    ),
    route(
      'GET',
      `${PATH}/{id}`,
      forAdmin((_request, id) => read(is7, id)),
    ),
    route(
      'PATCH',
      `${PATH}/{id}`,
      forAdmin((request, id) => patch(is7, request, id)),
    ),
    route(
      'DELETE',
      `${PATH}/{id}`,
      forAdmin((_request, id) => remove(is7, id)),
    ),
    route(
      'GET',
      '/scim2/Roles',
      forAdmin((request) => olderList(is7, request)),
    ),
  ];
}

function create(is7: Is7, request: ServerRequest): Reply {
  const { displayName: given, permissions, users } = scimBody(request);
  const displayName = String(given ?? '');
  if (displayName.startsWith(SYSTEM_PREFIX) && !is7.dialect.allowsSystemRoles) {
    const why = `Invalid role name: ${displayName}. Role names with the prefix: ${SYSTEM_PREFIX}, is not allowed to be created from externally in the system.`;
    return scimError(400, 'Request is unparsable, syntactically incorrect, or violates schema.', why);
  }
  const { directory } = is7;
  if (directory.roles.some((role) => role.displayName === displayName)) {
    const audience = `audience: organization audienceId: ${directory.organizationId}`;
    return scimError(409, `Role already exist for the role name: ${displayName} ${audience}`);
  }
  const named = valuesOf(permissions);
  const unknown = unknownPermission(is7, named);
  if (unknown) return unknown;
  const role: Role = { id: randomUUID(), displayName, permissions: named, users: valuesOf(users) };
  directory.roles.push(role);
  void is7.directories.save();
  return scim(
    201,
    {
      audience: audienceOf(is7),
      meta: { location: locationOf(is7, 'v2', 'Roles', role.id) },
      displayName,
      schemas: ['urn:ietf:params:scim:schemas:extension:2.0:Role'],
      id: role.id,
    },
    { location: locationOf(is7, 'v2', 'Roles', role.id) },
  );
}

function unknownPermission({ directory }: Is7, named: readonly string[]): Reply | undefined {
  const known = scopesOf(directory).map(({ scope }) => scope.name);
  const unknown = named.find((name) => !known.includes(name));
  return unknown === undefined ? undefined : scimError(400, `Permission: ${unknown} not found`, 'invalidValue');
}

/** In legacy mode later releases find the role of everybody only among the groups. */
function search(is7: Is7, text: string | null): Reply {
  const filter = filterOf(text);
  const { dialect, directory } = is7;
  const isHidden = (role: Role) => dialect.isLegacy && dialect.release !== '7.0' && role.displayName === 'everyone';
  const found = directory.roles.filter((role) => !filter || (role.displayName === filter.value && !isHidden(role)));
  return scimList(found.map((role) => listed(is7, role)));
}

function read(is7: Is7, id: string): Reply {
  const role = is7.directory.roles.find((candidate) => candidate.id === id);
  return role ? scim(200, presented(is7, role)) : scimError(404, `Role not found by the ID: ${id}`);
}

/** Legacy mode of later releases fails where a user is given a role. */
function patch(is7: Is7, request: ServerRequest, id: string): Reply {
  const role = is7.directory.roles.find((candidate) => candidate.id === id);
  if (!role) return scimError(404, `Role not found by the ID: ${id}`);
  const operations = scimBody(request)['Operations'];
  for (const operation of Array.isArray(operations) ? operations.filter(isObject) : []) {
    const value = isObject(operation['value']) ? operation['value'] : {};
    const users = valuesOf(value['users']);
    if (users.length > 0 && is7.dialect.isLegacy && is7.dialect.release !== '7.0')
      return scimError(500, 'Error occurred while retrieving the role list of user.');
    const permissions = valuesOf(value['permissions']);
    const unknown = unknownPermission(is7, permissions);
    if (unknown) return unknown;
    const isAdded = operation['op'] === 'add';
    if ('users' in value) role.users = isAdded ? [...new Set([...role.users, ...users])] : users;
    if ('permissions' in value)
      role.permissions = isAdded ? [...new Set([...role.permissions, ...permissions])] : permissions;
  }
  void is7.directories.save();
  return scim(200, presented(is7, { ...role, users: [] }), { location: locationOf(is7, 'v2', 'Roles', id) });
}

function remove(is7: Is7, id: string): Reply {
  const { directory, tenant, dialect } = is7;
  if (!directory.roles.some((role) => role.id === id)) {
    return dialect.release === '7.0'
      ? scimError(500, `Error occurred while deleting the role: ${id}`)
      : scimError(404, `Error occurred while deleting role : ${id} and tenant domain : ${tenant}`);
  }
  directory.roles = directory.roles.filter((role) => role.id !== id);
  void is7.directories.save();
  return empty(204);
}

function olderList(is7: Is7, request: ServerRequest): Reply {
  const first = is7.dialect.release === '7.0' ? 'subscriber' : 'system';
  const all = [
    { id: randomUUID(), displayName: first },
    ...is7.directory.roles.filter(({ displayName }) => SHIPPED.includes(displayName)),
  ];
  const count = Number(request.query.get('count') ?? all.length);
  const list = all.slice(0, count).map(({ id, displayName }) => ({
    displayName,
    meta: { location: locationOf(is7, 'Roles', id) },
    id,
  }));
  return scimList(list, all.length);
}

const SHIPPED = ['admin', 'everyone'];

function audienceOf(is7: Is7): Record<string, unknown> {
  return { display: organizationName(is7), type: 'organization', value: is7.directory.organizationId };
}

/** With its schema, as a role by itself is told. */
function presented(is7: Is7, role: Role): Record<string, unknown> {
  return { ...listed(is7, role), schemas: ['urn:ietf:params:scim:schemas:extension:2.0:Role'] };
}

function listed(is7: Is7, role: Role): Record<string, unknown> {
  const { directory, url, dialect } = is7;
  const members = role.displayName === 'everyone' ? directory.users.map(({ id }) => id) : role.users;
  const users = directory.users.filter(({ id }) => members.includes(id));
  return {
    audience: audienceOf(is7),
    displayName: role.displayName,
    meta: { location: locationOf(is7, 'v2', 'Roles', role.id) },
    permissions: scopesOf(directory)
      .filter(({ scope }) => role.permissions.includes(scope.name))
      .map(({ scope: { displayName, name }, resource }) => ({
        display: displayName,
        value: name,
        $ref: `${url}/api/server/v1/api-resources/${resource.id}/scopes/${name}`,
      })),
    id: role.id,
    ...(users.length > 0 && {
      users: users.map(({ id, userName }) => ({ display: userName, value: id, $ref: locationOf(is7, 'Users', id) })),
    }),
    ...(dialect.release !== '7.0' && { properties: [{ name: 'isSharedRole', value: 'false' }] }),
  };
}

/** `[{"value": "x"}]` */
function valuesOf(list: unknown): readonly string[] {
  return (Array.isArray(list) ? list : []).filter(isObject).map(({ value }) => String(value));
}
