import { json, type Reply } from '../http/reply.js';
import { formOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import { requireAdmin } from './access.js';
import { activeClaims } from './active-claims.js';
import type { Is7 } from './is7.js';
import { authenticateClient } from './token.js';

/** Introspection, for the administrator alone, and revocation, for the application that owns the token. */
export function tokenStatusRoutes(is7: Is7): readonly Route[] {
  return [
    route('POST', '/oauth2/introspect', (request) => introspect(is7, request)),
    route('POST', '/oauth2/revoke', (request) => revoke(is7, request)),
  ];
}

function introspect(is7: Is7, request: ServerRequest): Reply {
  requireAdmin(is7, request);
  const token = formOf(request).get('token');
  if (!token) return json(400, { error: 'Invalid input' });
  const claims = isForeignToLegacy(is7) ? undefined : activeClaims(is7, token);
  if (!claims) return json(200, { active: false });
  const { azp: _azp, org_id: _id, org_name: _name, org_handle: _handle, ...told } = claims;
  if (!is7.tokens.opaque.has(token)) return json(200, { ...told, active: true, token_type: 'JWT' });
  const { sub: _sub, iss: _iss, jti: _jti, ...ofOpaque } = told;
  return json(200, { ...ofOpaque, active: true, token_type: 'Bearer' });
}

/** Where URLs name no tenant, no token of another tenant than the first is known. */
function isForeignToLegacy({ dialect, tenant }: Is7): boolean {
  return dialect.isLegacy && tenant !== 'carbon.super';
}

const BASIC = { 'www-authenticate': 'Basic realm=localhost' };
const UNAUTHENTICATED = 'Client Authentication failed.';

/** 200 whether or not there was anything to revoke (RFC 7009, 2.2). */
function revoke(is7: Is7, request: ServerRequest): Reply {
  const fields = formOf(request);
  const app = clientOf(is7, request, fields);
  const failure = { error_description: UNAUTHENTICATED };
  if (!app) return json(401, { ...failure, error: 'invalid_client' }, { ...BASIC, 'content-type': 'text/html' });
  const token = fields.get('token');
  if (!token) return json(400, { error_description: 'Invalid revocation request', error: 'invalid_request' });
  const claims = activeClaims(is7, token);
  if (claims && claims['client_id'] !== app.consumerKey)
    return json(401, { ...failure, error: 'unauthorized_client' }, BASIC);
  if (claims) {
    const tokenId = String(claims['jti']);
    is7.database.revokeToken(tokenId);
    // A JWT is known by its id, an opaque token by itself.
    const known = is7.tokens.opaque.has(token) ? token : tokenId;
    void is7.notifier.tell({ token: known, consumerKey: app.consumerKey, tenant: is7.tenant });
  }
  return { status: 200, headers: { 'content-type': 'application/json' } };
}

/** The endpoint has words of its own for a client that is not who it says. */
function clientOf(is7: Is7, request: ServerRequest, fields: URLSearchParams) {
  try {
    return authenticateClient(is7, request, fields);
  } catch {
    return undefined;
  }
}
