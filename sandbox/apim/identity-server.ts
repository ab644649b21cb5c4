import { basicAuth, type HttpRequest } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import type { PeerConnection } from '../http/connect-peer.js';
import { isObject } from '../http/request.js';
import type { Apim } from './apim.js';
import type { AuthorizationServer, NewOAuthApp, OAuthApp } from './authorization-server.js';
import { FAULTS, fault, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';
import { isAtLeast } from './release.js';

/** API Manager's own HTTPS client. */
export type IdentityServer = PeerConnection;

/**
 * What the connector does at IS 7: registration over its DCR API with the Key Manager's account, or as one of IS 7's users by the
 * certificate of the primary keystore; tokens at its token endpoint, always without (apim-km-wso2is, WSO2IS7KeyManager).
 */
export function identityServerOf(
  { identityServer: server, home }: Pick<Apim, 'identityServer' | 'home'>,
  keyManager: KeyManager,
): AuthorizationServer {
  const { clientRegistrationEndpoint = '', tokenEndpoint = '', additionalProperties } = keyManager;
  const [account, send] = loginOf(server, additionalProperties);
  const appUrl = (consumerKey: string) => `${clientRegistrationEndpoint}/${encodeURIComponent(consumerKey)}`;
  return {
    async register(app) {
      const headers = { ...account, 'content-type': 'application/json' };
      const body = JSON.stringify({ ...registrationOf(app), ...(isAtLeast(home, '4.4') && OF_ORGANIZATION) });
      return oauthAppOf(await call(send, { method: 'POST', url: clientRegistrationEndpoint, headers, body }));
    },
    async read(consumerKey) {
      return oauthAppOf(await call(send, { method: 'GET', url: appUrl(consumerKey), headers: account }));
    },
    async remove(consumerKey) {
      await call(send, { method: 'DELETE', url: appUrl(consumerKey), headers: account });
    },
    async requestToken(consumerKey, consumerSecret, scopes) {
      const headers = { authorization: basicAuth(consumerKey, new Secret(consumerSecret)) };
      const body = new URLSearchParams({ grant_type: 'client_credentials' });
      if (scopes.length > 0) body.set('scope', scopes.join(' '));
      const reply = await callForToken(server.send, { method: 'POST', url: tokenEndpoint, headers, body });
      return {
        accessToken: String(reply['access_token']),
        tokenScopes: String(reply['scope'] ?? '')
          .split(' ')
          .filter(Boolean),
        validityTime: Number(reply['expires_in']),
      };
    },
  };
}

/** From connector 2.0.3 on, which 4.4 brings; IS 7.0.0 without updates refuses it. */
const OF_ORGANIZATION = { ext_allowed_audience: 'organization' };

type Send = IdentityServer['send'];

function loginOf(
  server: IdentityServer,
  { Authentication, IdentityUser, Username, Password }: KeyManager['additionalProperties'],
): readonly [account: Readonly<Record<string, string>>, send: Send] {
  if (Authentication === 'MutualTLS') {
    return [{ 'WSO2-Identity-User': String(IdentityUser) }, server.sendWithCertificate];
  }
  return [{ authorization: basicAuth(String(Username ?? ''), new Secret(String(Password ?? ''))) }, server.send];
}

function registrationOf(app: NewOAuthApp): Record<string, unknown> {
  return {
    client_name: app.clientName,
    grant_types: app.grantTypes,
    ...(app.callbackUrl && { redirect_uris: app.callbackUrl.split(',') }),
    token_type_extension: 'JWT',
    ext_application_display_name: app.displayName,
    ...app.settings,
  };
}

function oauthAppOf(reply: Record<string, unknown>): OAuthApp {
  return {
    consumerKey: String(reply['client_id']),
    consumerSecret: String(reply['client_secret']),
    grantTypes: Array.isArray(reply['grant_types']) ? reply['grant_types'].map(String) : [],
    settings: Object.fromEntries(SETTINGS.map((name) => [name, reply[name]])),
  };
}

/** What an application may be given of the connector's settings, and is told of them. */
const SETTINGS = [
  'ext_application_token_lifetime',
  'ext_user_token_lifetime',
  'ext_refresh_token_lifetime',
  'ext_id_token_lifetime',
  'ext_pkce_mandatory',
  'ext_pkce_support_plain',
  'ext_public_client',
];

/** What the token endpoint says of a refusal is passed on. */
async function callForToken(send: Send, request: Omit<HttpRequest, 'signal'>): Promise<Record<string, unknown>> {
  const reply = await send(request).catch(() => refuse(FAULTS.GENERAL));
  const why = reply.status >= 400 ? /"error_description":"([^"]*)"/.exec(reply.text)?.[1] : undefined;
  if (why !== undefined)
    return refuse(fault(400, 900967, 'Bad Request', `Error occurred while calling token endpoint - ${why}`));
  return call(async () => reply, request);
}

/** No answer, a refusal and an answer that is not JSON are all the same to the client of API Manager. */
async function call(send: Send, request: Omit<HttpRequest, 'signal'>): Promise<Record<string, unknown>> {
  const reply = await send(request).catch(() => refuse(FAULTS.GENERAL));
  if (reply.status < 200 || reply.status > 299) return refuse(FAULTS.GENERAL);
  if (reply.text === '') return {};
  try {
    const value: unknown = JSON.parse(reply.text);
    return isObject(value) ? value : refuse(FAULTS.GENERAL);
  } catch {
    return refuse(FAULTS.GENERAL);
  }
}
