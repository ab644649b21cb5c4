import { empty, json } from '../http/reply.js';
import { type Handler, type Route, route } from '../http/router.js';
import { denied } from './access.js';
import type { Is7 } from './is7.js';

/**
 * OIDC discovery below the issuer. The same document at the root of the server is behind a login, as on the real one, and leads elsewhere in
 * legacy mode; the user info endpoint that it names is not the one API Manager must use (`/scim2/Me`).
 */
export function discoveryRoutes(is7: Is7): readonly Route[] {
  const document: Handler = () => json(200, discoveryDocument(is7));
  return [
    route('GET', '/oauth2/token/.well-known/openid-configuration', document),
    route('GET', '/oauth2/oidcdiscovery/.well-known/openid-configuration', document),
    route('GET', '/.well-known/openid-configuration', (request) => {
      if (is7.dialect.isLegacy || is7.dialect.release === '7.0') return empty(302, { location: `${is7.url}/console` });
      throw denied(request, 401);
    }),
  ];
}

/** In the order in which the real servers give them, which is that of a hash table. */
function discoveryDocument({ url, issuer, dialect }: Is7): Record<string, unknown> {
  const isFirst = dialect.release === '7.0';
  const endpoint = (path: string) => `${dialect.isLegacy ? url.replace(/\/t\/.*/, '') : url}${path}`;
  return {
    request_parameter_supported: true,
    pushed_authorization_request_endpoint: endpoint('/oauth2/par'),
    claims_parameter_supported: true,
    introspection_endpoint: endpoint('/oauth2/introspect'),
    issuer,
    authorization_endpoint: endpoint('/oauth2/authorize'),
    introspection_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
    claims_supported: isFirst ? CLAIMS_7_0 : CLAIMS,
    token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION.toReversed(),
    tls_client_certificate_bound_access_tokens: true,
    response_modes_supported: ['fragment', 'jwt', 'fragment.jwt', 'query', 'form_post', 'query.jwt', 'form_post.jwt'],
    backchannel_logout_session_supported: true,
    ...(Number(dialect.release) >= 7.3 && {
      frontchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
    }),
    token_endpoint: endpoint('/oauth2/token'),
    response_types_supported: [
      ...['id_token token', 'code', 'code id_token token', 'code id_token', 'id_token', 'code token', 'none', 'device'],
      ...(isFirst ? [] : ['subject_token', 'id_token subject_token']),
      'token',
    ],
    revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
    webfinger_endpoint: endpoint('/.well-known/webfinger'),
    grant_types_supported: [
      ...['refresh_token', 'urn:ietf:params:oauth:grant-type:saml2-bearer', 'password', 'client_credentials'],
      ...(isFirst || Number(dialect.release) >= 7.3 ? ['iwa:ntlm'] : []),
      ...['urn:ietf:params:oauth:grant-type:device_code', 'authorization_code'],
    ],
    userinfo_endpoint: endpoint('/oauth2/userinfo'),
    code_challenge_methods_supported: ['S256', 'plain'],
    request_object_signing_alg_values_supported: ['RS256', 'RS384', 'RS512', 'PS256', 'none'],
    scopes_supported: isFirst ? SCOPES_7_0 : SCOPES,
    check_session_iframe: endpoint('/oidc/checksession'),
    backchannel_logout_supported: true,
    device_authorization_endpoint: endpoint('/oauth2/device_authorize'),
    userinfo_signing_alg_values_supported: ['RS256'],
    end_session_endpoint: endpoint('/oidc/logout'),
    revocation_endpoint: endpoint('/oauth2/revoke'),
    token_endpoint_auth_signing_alg_values_supported: isFirst
      ? ['PS256', 'ES256', 'RS256']
      : ['PS256', 'ES256', 'ES384', 'RS384', 'RS256'],
    jwks_uri: endpoint('/oauth2/jwks'),
    subject_types_supported: ['public', 'pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    registration_endpoint: endpoint('/api/identity/oauth2/dcr/v1.1/register'),
  };
}

const CLIENT_AUTHENTICATION = ['client_secret_basic', 'client_secret_post'];
const SCOPES = ['openid', 'email', 'profile', 'phone', 'address', 'groups', 'roles'];
const SCOPES_7_0 = ['address', 'phone', 'openid', 'profile', 'roles', 'groups', 'email'];
const CLAIMS = [
  ...['gender', 'email_verified', 'zoneinfo', 'picture', 'preferred_username', 'middle_name', 'nickname', 'userid'],
  ...['profile', 'phone_number_verified', 'roles', 'postal_code', 'groups', 'address', 'country', 'preferredMFAOption'],
  ...['formatted', 'email', 'upn', 'given_name', 'locality', 'region', 'family_name', 'name', 'locale'],
  ...['street_address', 'website', 'phone_number', 'username', 'birthdate', 'updated_at', 'iss', 'acr'],
];
const CLAIMS_7_0 = [
  ...['email_verified', 'profile', 'phone_number_verified', 'zoneinfo', 'name', 'roles', 'locale', 'postal_code'],
  ...['groups', 'picture', 'address', 'street_address', 'website', 'phone_number', 'country', 'preferred_username'],
  ...['username', 'middle_name', 'preferredMFAOption', 'formatted', 'birthdate', 'email', 'updated_at', 'upn'],
  ...['nickname', 'gender', 'given_name', 'locality', 'userid', 'region', 'family_name', 'iss', 'acr'],
];
