import { empty, json } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import type { Is7 } from './is7.js';
import { PLAYED_GRANTS } from './token.js';

/**
 * OIDC discovery below the issuer. The same document at the root of the server is behind a login, as on the real one; and the user info
 * endpoint it names is not the one API Manager must use (`/scim2/Me`).
 */
export function discoveryRoutes(is7: Is7): readonly Route[] {
  return [
    route('GET', '/oauth2/token/.well-known/openid-configuration', () => json(200, discoveryDocument(is7))),
    route('GET', '/.well-known/openid-configuration', () => empty(401)),
  ];
}

function discoveryDocument({ url, issuer }: Is7): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${url}/oauth2/authorize`,
    token_endpoint: `${url}/oauth2/token`,
    introspection_endpoint: `${url}/oauth2/introspect`,
    revocation_endpoint: `${url}/oauth2/revoke`,
    userinfo_endpoint: `${url}/oauth2/userinfo`,
    jwks_uri: `${url}/oauth2/jwks`,
    registration_endpoint: `${url}/api/identity/oauth2/dcr/v1.1/register`,
    end_session_endpoint: `${url}/oidc/logout`,
    grant_types_supported: [...PLAYED_GRANTS, ...GRANTS_NOT_PLAYED],
    response_types_supported: ['code', 'id_token', 'token', 'id_token token'],
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    scopes_supported: ['openid', 'profile', 'email'],
  };
}

/** Announced as the real server does; the stand-in answers `unsupported_grant_type` to them. */
const GRANTS_NOT_PLAYED = [
  'refresh_token',
  'authorization_code',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
];
