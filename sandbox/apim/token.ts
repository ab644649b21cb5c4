import { randomUUID } from 'node:crypto';
import {
  clientCredentials,
  refuseOAuth,
  requestedGrant,
  requireGrant,
  requireSecret,
  userCredentials,
} from '../http/oauth.js';
import { empty, json, type Reply } from '../http/reply.js';
import { formOf, type ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { type User, userOf } from './authorize.js';
import type { Client } from './clients.js';

const TOKEN_SECONDS = 3600;

/** An opaque access token of API Manager's own authorization server. */
export interface AccessToken {
  readonly value: string;
  readonly clientId: string;
  /** Absent for a token of client credentials. */
  readonly user?: User | undefined;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** API Manager's own token and revocation endpoints. */
export function tokenRoutes(apim: Apim): readonly Route[] {
  return [
    route('POST', '/oauth2/token', (request) => issue(apim, request)),
    route('POST', '/oauth2/revoke', (request) => revoke(apim, request)),
  ];
}

/** A new token for a client. */
export async function issueToken(
  { store }: Apim,
  { seconds = TOKEN_SECONDS, ...grant }: Pick<AccessToken, 'clientId' | 'scopes' | 'user'> & { seconds?: number },
): Promise<AccessToken> {
  const token = { ...grant, value: randomUUID(), expiresAtMs: Date.now() + seconds * 1000 };
  store.state.tokens.push(token);
  await store.save();
  return token;
}

async function issue(apim: Apim, request: ServerRequest): Promise<Reply> {
  const grant = requestedGrant(request, ['password', 'client_credentials']);
  const client = authenticateClient(apim, request);
  requireGrant(client.grantTypes, grant);
  const user = grant === 'password' ? authenticateUser(apim, request) : undefined;
  const granted = grantedScopes(formOf(request));
  const { value, scopes } = await issueToken(apim, { clientId: client.clientId, scopes: granted, user });
  const body = { access_token: value, scope: scopes.join(' '), token_type: 'Bearer', expires_in: TOKEN_SECONDS };
  return json(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

/** The administrator holds every scope of the product; a scope that the product does not know is left out without a word. */
function grantedScopes(form: URLSearchParams): readonly string[] {
  const asked = (form.get('scope') ?? '').split(' ').filter((scope) => /^(apim:.+|openid)$/.test(scope));
  return asked.length > 0 ? [...new Set(asked)] : ['default'];
}

/** 200 whether or not there was anything to revoke (RFC 7009, 2.2). */
async function revoke(apim: Apim, request: ServerRequest): Promise<Reply> {
  const { clientId } = authenticateClient(apim, request);
  const value = formOf(request).get('token');
  const { state } = apim.store;
  state.tokens = state.tokens.filter((token) => token.value !== value || token.clientId !== clientId);
  await apim.store.save();
  return empty(200);
}

function authenticateClient({ store }: Apim, request: ServerRequest): Client {
  const sent = clientCredentials(request);
  const client = store.state.clients.find((candidate) => candidate.clientId === sent.username);
  requireSecret(sent, client?.clientSecret);
  return client as Client;
}

function authenticateUser(apim: Apim, request: ServerRequest): User {
  const sent = userCredentials(request);
  return userOf(apim, sent) ?? refuseOAuth(400, 'invalid_grant', `Authentication failed for ${sent.username}`);
}
