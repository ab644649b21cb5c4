import { randomUUID } from 'node:crypto';
import {
  clientCredentials,
  refuseOAuth,
  requestedGrant,
  requireGrant,
  requireSecret,
  userCredentials,
} from '../http/oauth.js';
import { json, type Reply } from '../http/reply.js';
import { formOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { ConsumerApp } from '../identity-database.js';
import { type Is7, isAdmin, timeAt } from './is7.js';
import { issueJwt } from './signing.js';

/** The grants that the stand-in plays. */
export const PLAYED_GRANTS = ['client_credentials', 'password'] as const;

/** The token endpoint. */
export function tokenRoutes(is7: Is7): readonly Route[] {
  return [route('POST', '/oauth2/token', (request) => issue(is7, request))];
}

/**
 * The application whose id and secret the request carries.
 *
 * @throws Refusal 401 `invalid_client`
 */
export function authenticateClient({ database }: Is7, request: ServerRequest): ConsumerApp {
  const sent = clientCredentials(request);
  const app = database.findApp(sent.username);
  requireSecret(sent, app?.consumerSecret);
  return app as ConsumerApp;
}

function issue(is7: Is7, request: ServerRequest): Reply {
  const grant = requestedGrant(request, PLAYED_GRANTS);
  const app = authenticateClient(is7, request);
  requireGrant(app.grantTypes, grant);
  const user = grant === 'password' ? authenticateUser(is7, request) : undefined;
  return grantToken(is7, app, user, (formOf(request).get('scope') ?? '').split(' ').filter(Boolean));
}

function authenticateUser(is7: Is7, request: ServerRequest): string {
  const sent = userCredentials(request);
  return isAdmin(is7, sent)
    ? sent.username
    : refuseOAuth(400, 'invalid_grant', `Authentication failed for ${sent.username}`);
}

/** Scopes that are not authorized are left out without a word. */
function grantToken(is7: Is7, app: ConsumerApp, user: string | undefined, asked: readonly string[]): Reply {
  const { authorizedScopes, tokens } = is7.conduct;
  const scope = asked.filter((name) => authorizedScopes === 'all' || authorizedScopes.includes(name)).join(' ');
  const seconds = user === undefined ? app.applicationTokenSeconds : app.userTokenSeconds;
  const now = Math.floor(timeAt(is7) / 1000);
  const jti = randomUUID();
  const claims = {
    sub: user ?? app.consumerKey,
    aut: user === undefined ? 'APPLICATION' : 'APPLICATION_USER',
    iss: is7.issuer,
    client_id: app.consumerKey,
    aud: app.consumerKey,
    azp: app.consumerKey,
    nbf: now,
    iat: now,
    exp: now + seconds,
    jti,
    ...(scope && { scope }),
  };
  is7.database.addToken(jti, app.consumerKey);
  const token = tokens === 'jwt' ? issueJwt(is7.signing, claims) : opaqueToken(is7, claims);
  const body = { access_token: token, token_type: 'Bearer', expires_in: seconds, ...(scope && { scope }) };
  return json(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

function opaqueToken({ opaqueTokens }: Is7, claims: Record<string, unknown>): string {
  const token = randomUUID();
  opaqueTokens.set(token, claims);
  return token;
}
