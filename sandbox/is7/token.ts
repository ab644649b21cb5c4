import { randomUUID } from 'node:crypto';
import { refuseOAuth, requireGrant, userCredentials } from '../http/oauth.js';
import { json, type Reply } from '../http/reply.js';
import { basicCredentials, type Credentials, formOf, jsonObjectOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { ConsumerApp } from '../identity-database.js';
import { authenticated } from './access.js';
import { rolesOf, scopesOf, type User } from './directory.js';
import { type Is7, timeAt } from './is7.js';
import { issueJwt } from './signing.js';

const BASIC = { 'www-authenticate': 'Basic realm=localhost' };
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };
const GRANTS = ['client_credentials', 'password', 'refresh_token'] as const;
/** Of any IS 7: those whose claims a login fills. */
const OIDC_SCOPES = ['openid', 'profile', 'email', 'phone', 'address', 'groups', 'roles'];

/** The token endpoint. It takes a form, and JSON as well. */
export function tokenRoutes(is7: Is7): readonly Route[] {
  return [route('POST', '/oauth2/token', (request) => issue(is7, request))];
}

/**
 * The application whose id and secret the request carries, in the header or else in the form.
 *
 * @throws Refusal 401 `invalid_client`
 */
export function authenticateClient(
  { database, dialect }: Is7,
  request: ServerRequest,
  fields: URLSearchParams,
): ConsumerApp {
  const sent = basicCredentials(request) ?? credentialsIn(fields);
  if (!sent) return refuseOAuth(401, 'invalid_client', 'Client ID not found in the request.', BASIC);
  const app = database.findApp(sent.username);
  if (!app && dialect.isUnpatched) {
    return refuseOAuth(
      401,
      'invalid_client',
      `A valid OAuth client could not be found for client_id: ${sent.username}`,
      BASIC,
    );
  }
  // A client without a secret is a public one, which cannot authenticate.
  if (!app || app.consumerSecret === '' || app.consumerSecret !== sent.password)
    return refuseOAuth(401, 'invalid_client', 'Client credentials are invalid.', BASIC);
  return app;
}

function credentialsIn(fields: URLSearchParams): Credentials | undefined {
  const [username, password] = [fields.get('client_id'), fields.get('client_secret')];
  return username === null || password === null ? undefined : { username, password };
}

function fieldsOf(request: ServerRequest): URLSearchParams {
  const body = jsonObjectOf(request);
  return body
    ? new URLSearchParams(Object.fromEntries(Object.entries(body).map(([key, value]) => [key, String(value)])))
    : formOf(request);
}

function issue(is7: Is7, request: ServerRequest): Reply {
  const fields = fieldsOf(request);
  if (is7.dialect.isLegacy && is7.tenant !== 'carbon.super')
    return refuseOAuth(401, 'invalid_client', 'Invalid Client', BASIC);
  const app = authenticateClient(is7, request, fields);
  const asked = fields.get('grant_type');
  if (!asked) return refuseOAuth(400, 'invalid_request', 'Missing grant_type parameter value');
  const grant = GRANTS.find((candidate) => candidate === asked);
  if (!grant) return refuseOAuth(400, 'invalid_request', 'Unsupported grant_type value');
  requireGrant(app.grantTypes, grant);
  const scope = (fields.get('scope') ?? '').split(' ').filter(Boolean);
  switch (grant) {
    case 'client_credentials':
      return grantToken(is7, app, undefined, scope);
    case 'password':
      return grantToken(is7, app, authenticateUser(is7, request), scope);
    case 'refresh_token':
      return refresh(is7, app, fields.get('refresh_token') ?? '');
  }
}

function authenticateUser(is7: Is7, request: ServerRequest): User {
  const sent = userCredentials(request);
  return authenticated(is7, sent) ?? refuseOAuth(400, 'invalid_grant', `Authentication failed for ${sent.username}`);
}

function refresh(is7: Is7, app: ConsumerApp, token: string): Reply {
  const known = is7.tokens.refresh.get(token);
  if (known?.consumerKey !== app.consumerKey)
    return refuseOAuth(400, 'invalid_grant', 'Persisted access token data not found');
  is7.tokens.refresh.delete(token);
  return answer(is7, app, known.user, known.scope);
}

function grantToken(is7: Is7, app: ConsumerApp, user: User | undefined, asked: readonly string[]): Reply {
  const granted = asked.filter((name) => isGranted(is7, app, user, name)).sort();
  // The validator by roles leaves the name of no scope at all where it took away what was asked for.
  const isEmptied = granted.length === 0 && asked.some((name) => isTakenByRole(is7, user, name));
  return answer(is7, app, user, isEmptied ? 'default' : granted.join(' '));
}

/** What is not granted is left out without a word. */
function isGranted(is7: Is7, app: ConsumerApp, user: User | undefined, name: string): boolean {
  const { conduct, dialect, directory } = is7;
  if (conduct.authorizedScopes !== 'by-settings')
    return conduct.authorizedScopes === 'all' || conduct.authorizedScopes.includes(name);
  if (OIDC_SCOPES.includes(name)) return user !== undefined && isOpenId(is7);
  if (name.startsWith('device_')) return !dialect.isLegacy;
  if (name === 'internal_login') return user !== undefined;
  if (directory.olderScopes.some((scope) => scope.name === name)) return !isTakenByRole(is7, user, name);
  if (!scopesOf(directory).some(({ scope }) => scope.name === name)) return false;
  if (!dialect.authorizesAllScopes || dialect.isLegacy) return false;
  return user === undefined || isOfRole(is7, app, user, name);
}

/** In legacy mode 7.3 drops the scopes of OpenID Connect that no application registered. */
function isOpenId({ dialect }: Is7): boolean {
  return !(dialect.isLegacy && Number(dialect.release) >= 7.3);
}

/** A user needs a role that has the scope, and the application an audience of the organization. */
function isOfRole({ directory }: Is7, app: ConsumerApp, user: User, name: string): boolean {
  const isOrganizations = app.registered['ext_allowed_audience'] === 'organization';
  return isOrganizations && rolesOf(directory, user.id).some(({ permissions }) => permissions.includes(name));
}

function isTakenByRole({ directory, dialect }: Is7, user: User | undefined, name: string): boolean {
  const scope = directory.olderScopes.find((candidate) => candidate.name === name);
  if (!scope || !user || !dialect.restrictsByRole || scope.roles.length === 0) return false;
  return !rolesOf(directory, user.id).some(({ displayName }) => scope.roles.includes(displayName));
}

/** A second token for the same client, owner and scopes makes the first inactive. */
function answer(is7: Is7, app: ConsumerApp, user: User | undefined, scope: string): Reply {
  const { tokens, database } = is7;
  const jti = randomUUID();
  const owner = user?.userName ?? app.owner;
  const key = JSON.stringify([app.consumerKey, owner, scope]);
  const before = tokens.live.get(key);
  if (before !== undefined) database.revokeToken(before);
  tokens.live.set(key, jti);
  database.addToken(jti, app.consumerKey);
  const seconds = user === undefined ? app.applicationTokenSeconds : app.userTokenSeconds;
  const claims = claimsOf(is7, app, user, { jti, seconds, scope });
  const isOpenIdConnect = user !== undefined && scope.split(' ').includes('openid');
  const body = {
    access_token: isJwt(is7, app) ? issueJwt(is7, claims) : opaqueToken(is7, claims),
    ...(user && app.grantTypes.includes('refresh_token') && { refresh_token: refreshToken(is7, app, user, scope) }),
    ...(scope && { scope }),
    ...(isOpenIdConnect && { id_token: issueJwt(is7, idClaims(claims)) }),
    token_type: 'Bearer',
    expires_in: seconds,
  };
  return json(200, body, NO_STORE);
}

function claimsOf(
  is7: Is7,
  app: ConsumerApp,
  user: User | undefined,
  { jti, seconds, scope }: { readonly jti: string; readonly seconds: number; readonly scope: string },
): Record<string, unknown> {
  const now = Math.floor(timeAt(is7) / 1000);
  return {
    sub: user?.id ?? app.consumerKey,
    aut: user === undefined ? 'APPLICATION' : 'APPLICATION_USER',
    iss: is7.issuer,
    client_id: app.consumerKey,
    aud: app.consumerKey,
    nbf: now,
    azp: app.consumerKey,
    org_id: is7.directory.organizationId,
    ...(scope && { scope }),
    exp: now + seconds,
    org_name: organizationName(is7),
    iat: now,
    jti,
    org_handle: is7.tenant,
  };
}

/** What the first tenant's organization is called; any other has its domain. */
export function organizationName({ tenant }: Is7): string {
  return tenant === 'carbon.super' ? 'Super' : tenant;
}

function idClaims({ scope: _, ...claims }: Record<string, unknown>): Record<string, unknown> {
  return { ...claims, jti: randomUUID() };
}

function isJwt({ conduct }: Is7, { registered }: ConsumerApp): boolean {
  return conduct.tokens === 'as-registered' ? registered['token_type_extension'] === 'JWT' : conduct.tokens === 'jwt';
}

function opaqueToken({ tokens }: Is7, claims: Record<string, unknown>): string {
  const token = randomUUID();
  tokens.opaque.set(token, claims);
  return token;
}

function refreshToken({ tokens }: Is7, { consumerKey }: ConsumerApp, user: User, scope: string): string {
  const token = randomUUID();
  tokens.refresh.set(token, { consumerKey, user, scope });
  return token;
}
