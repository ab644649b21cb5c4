import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import { isObject, jsonObjectOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { adminHandlers } from './access.js';
import type { OlderScope } from './directory.js';
import type { Is7 } from './is7.js';

const PATH = '/api/identity/oauth2/v1.0/scopes';

/** Scopes that are bound to roles: the API from before there were API resources. */
export function olderScopeRoutes(is7: Is7): readonly Route[] {
  const forAdmin = adminHandlers(is7);
  const one = `${PATH}/name/{name}`;
  return [
    route(
      'GET',
      PATH,
      forAdmin(() => json(200, is7.directory.olderScopes.map(presented))),
    ),
    route(
      'POST',
      PATH,
      forAdmin((request) => create(is7, request)),
    ),
    route(
      'GET',
      one,
      forAdmin((_request, _id, name) => read(is7, name)),
    ),
    route(
      'HEAD',
      one,
      forAdmin((_request, _id, name) => ({ ...read(is7, name), body: '' })),
    ),
    route(
      'DELETE',
      one,
      forAdmin((_request, _id, name) => remove(is7, name)),
    ),
  ];
}

/** A binding with a field that is not known ends in an error inside, without a word. */
function create(is7: Is7, request: ServerRequest): Reply {
  const { name, displayName, description, bindings = [] } = jsonObjectOf(request) ?? {};
  if (typeof name !== 'string' || name === '')
    return refusal(400, '41001', 'Bad Request', 'Scope Name is not specified.');
  const roles = Array.isArray(bindings) ? bindings.map(rolesIn) : [undefined];
  if (roles.includes(undefined)) return empty(500);
  const scope: OlderScope = {
    name,
    displayName: String(displayName ?? name),
    description: String(description ?? ''),
    roles: roles.flatMap((some) => some ?? []),
  };
  if (is7.directory.olderScopes.some((known) => known.name === name))
    return refusal(
      409,
      '41002',
      'Conflict',
      `Scope with the name ${name} already exists in the system. Please use a different scope name.`,
    );
  is7.directory.olderScopes.push(scope);
  void is7.directories.save();
  return json(201, presented(scope), { location: `${is7.url}${PATH}/name/${name}` });
}

function rolesIn(binding: unknown): readonly string[] | undefined {
  if (typeof binding === 'string') return [binding];
  if (!isObject(binding) || !Object.keys(binding).every((key) => key === 'bindingType' || key === 'bindings'))
    return undefined;
  return Array.isArray(binding['bindings']) ? binding['bindings'].map(String) : [];
}

function read({ directory }: Is7, name: string): Reply {
  const scope = directory.olderScopes.find((candidate) => candidate.name === name);
  return scope ? json(200, presented(scope)) : unknown(name);
}

function remove({ directory, directories }: Is7, name: string): Reply {
  if (!directory.olderScopes.some((scope) => scope.name === name)) return unknown(name);
  directory.olderScopes = directory.olderScopes.filter((scope) => scope.name !== name);
  void directories.save();
  return empty(200);
}

function unknown(name: string): Reply {
  return refusal(404, '41003', 'Not Found', `Scope ${name} is not found.`);
}

function refusal(status: number, code: string, message: string, description: string): Reply {
  return json(status, { code, message, description, traceId: randomUUID() });
}

function presented({ name, displayName, description, roles }: OlderScope): Record<string, unknown> {
  return {
    name,
    displayName,
    description,
    bindings: roles,
    scopeBindings: [{ bindingType: 'DEFAULT', binding: roles }],
  };
}
