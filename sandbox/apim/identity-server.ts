import { basicAuth, type HttpRequest } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import type { PeerConnection } from '../http/connect-peer.js';
import { isObject } from '../http/request.js';
import type { AuthorizationServer, NewOAuthApp, OAuthApp } from './authorization-server.js';
import { FAULTS, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';

/** API Manager's own HTTPS client. */
export type IdentityServer = PeerConnection;

/**
 * What the connector does at IS 7: registration over its DCR API with the Key Manager's account, or as one of IS 7's users by the
 * certificate of the primary keystore; tokens at its token endpoint, always without (apim-km-wso2is, WSO2IS7KeyManager).
 */
export function identityServerOf(server: IdentityServer, keyManager: KeyManager): AuthorizationServer {
  const { clientRegistrationEndpoint = '', tokenEndpoint = '', additionalProperties } = keyManager;
  const [account, send] = loginOf(server, additionalProperties);
  const appUrl = (consumerKey: string) => `${clientRegistrationEndpoint}/${encodeURIComponent(consumerKey)}`;
  return {
    async register(app) {
      const headers = { ...account, 'content-type': 'application/json' };
      const body = JSON.stringify(registrationOf(app));
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
      const reply = await call(server.send, { method: 'POST', url: tokenEndpoint, headers, body });
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
    ext_allowed_audience: 'organization',
  };
}

function oauthAppOf(reply: Record<string, unknown>): OAuthApp {
  return {
    consumerKey: String(reply['client_id']),
    consumerSecret: String(reply['client_secret']),
    grantTypes: Array.isArray(reply['grant_types']) ? reply['grant_types'].map(String) : [],
  };
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
