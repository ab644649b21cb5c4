import { empty, json, type Reply } from '../http/reply.js';
import { formOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { type Is7, requireAdmin, timeAt } from './is7.js';
import { verifiedClaims } from './signing.js';
import { authenticateClient } from './token.js';

/** Introspection, for the administrator, and revocation, for the application that owns the token. */
export function tokenStatusRoutes(is7: Is7): readonly Route[] {
  return [
    route('POST', '/oauth2/introspect', (request) => introspect(is7, request)),
    route('POST', '/oauth2/revoke', (request) => revoke(is7, request)),
  ];
}

/** The claims of a token that this server issued, that has not expired and that nobody revoked. */
export function activeClaims(is7: Is7, token: string): Record<string, unknown> | undefined {
  const { signing, database } = is7;
  const claims = is7.opaqueTokens.get(token) ?? verifiedClaims(signing, token, timeAt(is7));
  return claims && database.isTokenActive(String(claims['jti'])) ? claims : undefined;
}

function introspect(is7: Is7, request: ServerRequest): Reply {
  requireAdmin(is7, request);
  const token = formOf(request).get('token');
  if (!token) return json(400, { error: 'invalid_request', error_description: 'Missing token parameter value' });
  const claims = activeClaims(is7, token);
  return json(200, claims ? { active: true, token_type: 'Bearer', ...claims } : { active: false });
}

/** 200 whether or not there was anything to revoke (RFC 7009, 2.2). */
function revoke(is7: Is7, request: ServerRequest): Reply {
  const { consumerKey } = authenticateClient(is7, request);
  const token = formOf(request).get('token') ?? '';
  const claims = activeClaims(is7, token);
  if (claims?.['client_id'] !== consumerKey) return empty(200);
  const tokenId = String(claims['jti']);
  is7.database.revokeToken(tokenId);
  // A JWT is known by its id, an opaque token by itself.
  void is7.notifier.tell({ token: is7.opaqueTokens.has(token) ? token : tokenId, consumerKey, tenant: is7.tenant });
  return empty(200);
}
