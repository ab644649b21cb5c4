import type { Apim } from './apim.js';
import { identityServerOf } from './identity-server.js';
import type { KeyManager } from './key-manager-fields.js';
import { residentServer } from './resident.js';

/** What API Manager asks its authorization server to register for an application. */
export interface NewOAuthApp {
  /** Unique at the authorization server: `<user>_<application id>_<key type>`. */
  readonly clientName: string;
  readonly displayName: string;
  readonly grantTypes: readonly string[];
  readonly callbackUrl: string;
  /** Settings of the connector's, by the names of the fields of registration: `ext_application_token_lifetime`. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A client as the authorization server registered it. */
export interface OAuthApp {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly grantTypes: readonly string[];
  /** What the server tells of the connector's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** A token, in the words of the Developer Portal API. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly tokenScopes: readonly string[];
  /** Seconds. */
  readonly validityTime: number;
}

/** What a connector does for API Manager at an authorization server. Everything that fails there is the general 500 here. */
export interface AuthorizationServer {
  register(app: NewOAuthApp): Promise<OAuthApp>;
  read(consumerKey: string): Promise<OAuthApp>;
  remove(consumerKey: string): Promise<void>;
  requestToken(
    consumerKey: string,
    consumerSecret: string,
    scopes: readonly string[],
    validitySeconds: number,
  ): Promise<IssuedToken>;
}

/** The server behind a Key Manager that is loaded. */
export function authorizationServerOf(apim: Apim, keyManager: KeyManager): AuthorizationServer {
  return keyManager.type === 'default' ? residentServer(apim) : identityServerOf(apim, keyManager);
}
