import { randomUUID } from 'node:crypto';
import { empty, type Reply } from '../http/reply.js';
import { isObject, jsonObjectOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { TenantAccount } from '../tenants.js';
import { requireAdmin } from './access.js';
import type { Is7 } from './is7.js';

const PATH = '/api/server/v1/tenants';

/** Tenants made over the API are there until the server stops; those that its home was given stay. */
export function tenantRoutes(is7: Is7, tenants: TenantAccount[]): readonly Route[] {
  return [route('POST', PATH, (request) => create(is7, tenants, request))];
}

function create(is7: Is7, tenants: TenantAccount[], request: ServerRequest): Reply {
  requireAdmin(is7, request);
  const { domain, owners } = jsonObjectOf(request) ?? {};
  const owner = Array.isArray(owners) ? owners.find(isObject) : undefined;
  if (typeof domain !== 'string' || !owner) return empty(400);
  if (tenants.some((tenant) => tenant.domain === domain)) return empty(409);
  const username = `${owner['username']}@${domain}`;
  tenants.push({ domain, username, password: String(owner['password']) });
  return empty(201, { location: `${is7.url}${PATH}/${randomUUID()}` });
}
