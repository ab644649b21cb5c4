import { empty, json, type Reply } from '../http/reply.js';
import { bearerToken, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { type Is7, requireAdmin } from './is7.js';
import { activeClaims } from './token-status.js';

/** SCIM2's own user: what API Manager's connector reads a user's claims from. */
export function userRoutes(is7: Is7): readonly Route[] {
  return [route('GET', '/scim2/Me', (request) => readMe(is7, request))];
}

/** A token of client credentials is valid and yet names no user. */
function readMe(is7: Is7, request: ServerRequest): Reply {
  const token = bearerToken(request);
  if (token === undefined) {
    requireAdmin(is7, request);
    return json(200, userOf(is7.admin.username));
  }
  const claims = activeClaims(is7, token);
  if (!claims) return empty(401, { 'www-authenticate': 'Bearer' });
  return claims['aut'] === 'APPLICATION_USER' ? json(200, userOf(String(claims['sub']))) : empty(403);
}

function userOf(userName: string): Record<string, unknown> {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
    id: userName,
    userName,
    emails: [`${userName}@wso2.com`],
    roles: [{ display: 'admin', value: 'admin' }],
    meta: { resourceType: 'User' },
  };
}
