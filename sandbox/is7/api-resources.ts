import { randomUUID } from 'node:crypto';
import { empty, json, Refusal, type Reply } from '../http/reply.js';
import { isObject, jsonObjectOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { adminHandlers } from './access.js';
import { type ApiResource, type Scope, scopesOf } from './directory.js';
import type { Is7 } from './is7.js';
import { filterOf } from './scim.js';

const PATH = '/api/server/v1/api-resources';
const FIELDS = ['name', 'identifier', 'description', 'requiresAuthorization', 'scopes', 'authorizationDetailsTypes'];
const CODE = { unknown: 'API-RESOURCE-60002', taken: 'API-RESOURCE-60003', scopeTaken: 'API-RESOURCE-60004' } as const;

/** API resources and their scopes: where the connector writes down the scopes of API Manager's APIs. */
export function apiResourceRoutes(is7: Is7): readonly Route[] {
  const forAdmin = adminHandlers(is7);
  const scope = `${PATH}/{id}/scopes/{name}`;
  return [
    route(
      'GET',
      PATH,
      forAdmin((request) => list(is7, request)),
    ),
    route(
      'POST',
      PATH,
      forAdmin((request) => create(is7, request)),
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
      `${PATH}/{id}/scopes`,
      forAdmin((_request, id) => json(200, existing(is7, id).scopes)),
    ),
    route(
      'PATCH',
      scope,
      forAdmin((request, id, name) => patchScope(is7, request, id, name)),
    ),
    route(
      'DELETE',
      scope,
      forAdmin((_request, id, name) => removeScope(is7, id, name)),
    ),
    route('PUT', scope, () => empty(405)),
    route(
      'GET',
      '/api/server/v1/scopes',
      forAdmin((request) => listScopes(is7, request)),
    ),
  ];
}

function list(is7: Is7, request: ServerRequest): Reply {
  const filter = filterOf(request.query.get('filter'));
  const { resources } = is7.directory;
  const found = filter ? resources.filter(({ identifier }) => identifier === filter.value) : resources;
  const apiResources = found.map(({ id, name, identifier, requiresAuthorization }) => {
    const self = `${prefixOf(is7)}${PATH}/${id}`;
    return { id, name, identifier, type: 'BUSINESS', requiresAuthorization, self };
  });
  return json(200, { totalResults: found.length, links: [], apiResources });
}

/** Relative links name the first tenant, too, where 7.0 is in legacy mode. */
function prefixOf({ dialect, tenant }: Is7): string {
  if (tenant !== 'carbon.super') return `/t/${tenant}`;
  return dialect.release === '7.0' && dialect.isLegacy ? '/t/carbon.super' : '';
}

function create(is7: Is7, request: ServerRequest): Reply {
  const body = bodyOf(request);
  if (Object.keys(body).some((key) => !FIELDS.includes(key)))
    return badRequest('Invalid Request.', 'Provided request body content is not in the expected format.');
  const missing = ['name', 'identifier'].filter((key) => typeof body[key] !== 'string');
  if (missing.length > 0)
    return badRequest('Invalid Request', missing.map((key) => `Property ${key} cannot be null.`).join(' '));
  const { directory, tenant } = is7;
  const identifier = String(body['identifier']);
  if (directory.resources.some((resource) => resource.identifier === identifier))
    return problem(
      409,
      CODE.taken,
      'Unable to add API resource.',
      `API resource already exists for the tenant: ${tenant}.`,
    );
  const resource: ApiResource = {
    id: randomUUID(),
    name: String(body['name']),
    identifier,
    description: String(body['description'] ?? ''),
    requiresAuthorization: body['requiresAuthorization'] !== false,
    scopes: scopesIn(is7, body['scopes']),
  };
  directory.resources.push(resource);
  void is7.directories.save();
  return json(201, presented(is7, resource), { location: `${is7.url}${PATH}/${resource.id}` });
}

function read(is7: Is7, id: string): Reply {
  return json(200, presented(is7, existing(is7, id)));
}

function patch(is7: Is7, request: ServerRequest, id: string): Reply {
  const resource = existing(is7, id);
  resource.scopes = [...resource.scopes, ...scopesIn(is7, bodyOf(request)['addedScopes'])];
  void is7.directories.save();
  return empty(204);
}

/** 204 whether or not it was there. */
function remove(is7: Is7, id: string): Reply {
  const { directory } = is7;
  const gone = directory.resources.find((resource) => resource.id === id)?.scopes ?? [];
  directory.resources = directory.resources.filter((resource) => resource.id !== id);
  forgetInRoles(
    is7,
    gone.map(({ name }) => name),
  );
  void is7.directories.save();
  return empty(204);
}

/** 7.0 has no such operation. */
function patchScope(is7: Is7, request: ServerRequest, id: string, name: string): Reply {
  if (is7.dialect.isUnpatched) return empty(405);
  const scope = existing(is7, id).scopes.find((candidate) => candidate.name === name);
  if (!scope)
    return problem(404, CODE.unknown, 'Unable to find the scope.', `Unable to find the scope with the name: ${name}.`);
  const { displayName = scope.displayName, description = scope.description } = bodyOf(request);
  Object.assign(scope, { displayName: String(displayName), description: String(description) });
  void is7.directories.save();
  return empty(204);
}

function removeScope(is7: Is7, id: string, name: string): Reply {
  const resource = existing(is7, id);
  resource.scopes = resource.scopes.filter((scope) => scope.name !== name);
  forgetInRoles(is7, [name]);
  void is7.directories.save();
  return empty(204);
}

function forgetInRoles({ directory }: Is7, names: readonly string[]): void {
  for (const role of directory.roles) role.permissions = role.permissions.filter((name) => !names.includes(name));
}

function listScopes({ directory }: Is7, request: ServerRequest): Reply {
  const filter = filterOf(request.query.get('filter'));
  const found = scopesOf(directory).filter(({ scope }) => !filter || scope.name === filter.value);
  return json(
    200,
    found.map(({ scope, resource }) => ({ ...scope, apiID: resource.id, orgID: FIRST_TENANT })),
  );
}

const FIRST_TENANT = '-1234';

/** @throws Refusal 409 for one that is there already, in whatever resource */
function scopesIn({ directory }: Is7, given: unknown): readonly Scope[] {
  const known = scopesOf(directory).map(({ scope }) => scope.name);
  return (Array.isArray(given) ? given : []).filter(isObject).map(({ name, displayName, description }) => {
    if (known.includes(String(name)))
      throw new Refusal(
        problem(409, CODE.scopeTaken, 'Unable to add scope.', `Scope already exists for the tenant: ${FIRST_TENANT}.`),
      );
    return {
      id: randomUUID(),
      name: String(name),
      displayName: String(displayName ?? name),
      description: String(description ?? ''),
    };
  });
}

function existing({ directory }: Is7, id: string): ApiResource {
  const resource = directory.resources.find((candidate) => candidate.id === id);
  if (resource) return resource;
  const why = `Unable to find the API resource with the id: ${id} in the tenant domain.`;
  throw new Refusal(problem(404, CODE.unknown, 'Unable to find the API resource.', why));
}

function presented({ dialect }: Is7, resource: ApiResource): Record<string, unknown> {
  const { id, name, description, identifier, requiresAuthorization, scopes } = resource;
  return {
    ...{ id, name, description, identifier, type: 'BUSINESS', requiresAuthorization, scopes },
    ...(dialect.release !== '7.0' && { authorizationDetailsTypes: [] }),
    properties: [],
  };
}

function bodyOf(request: ServerRequest): Record<string, unknown> {
  const body = jsonObjectOf(request);
  if (body) return body;
  throw new Refusal(badRequest('Invalid Request.', 'Provided request body content is not in the expected format.'));
}

function badRequest(message: string, description: string): Reply {
  return json(400, { code: 'UE-10000', message, description, traceId: randomUUID() });
}

function problem(status: number, code: string, message: string, description: string): Reply {
  return json(status, { code, message, description });
}
