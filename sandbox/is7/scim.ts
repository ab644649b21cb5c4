import { json, Refusal, type Reply } from '../http/reply.js';
import { jsonObjectOf, type ServerRequest } from '../http/request.js';
import type { Is7 } from './is7.js';

const TYPE = 'application/scim+json';

export function scim(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return json(status, value, { 'content-type': TYPE, ...headers });
}

export function scimError(status: number, detail: string, scimType?: string): Reply {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return scim(status, { schemas, ...(scimType !== undefined && { scimType }), detail, status: String(status) });
}

/** @param resources of one page; `total` counts all of them */
export function scimList(resources: readonly unknown[], total = resources.length): Reply {
  return scim(200, {
    totalResults: total,
    startIndex: 1,
    itemsPerPage: resources.length,
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    ...(resources.length > 0 && { Resources: resources }),
  });
}

export function scimBody(request: ServerRequest): Record<string, unknown> {
  const body = jsonObjectOf(request);
  if (body) return body;
  throw new Refusal(
    scimError(400, 'Request is unparsable, syntactically incorrect, or violates schema.', 'invalidSyntax'),
  );
}

/** `displayName eq x`, as far as it is played: one comparison. */
export function filterOf(
  text: string | null | undefined,
): { readonly attribute: string; readonly value: string } | undefined {
  const [, attribute, value] = /^(\w+)\s+eq\s+"?(.*?)"?$/i.exec(text ?? '') ?? [];
  return attribute === undefined || value === undefined ? undefined : { attribute, value };
}

/** Where a resource is, in the URLs of the tenant. */
export function locationOf({ url }: Pick<Is7, 'url'>, ...path: readonly string[]): string {
  return [`${url}/scim2`, ...path].join('/');
}
