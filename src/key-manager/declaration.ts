import type { Secret } from '../secret.js';
import { issuerOf } from '../servers/addresses.js';

/**
 * A Key Manager as somebody wants it. Names of fields are those of the Admin API's KeyManager (`admin-api` v4); a field that is absent
 * is not managed: the server's value stays as it is found.
 */
export interface KeyManagerDeclaration extends KeyManagerFields {
  /** 1 to 100 characters; cannot change afterwards. */
  readonly name: string;
  /** The connector that serves it: {@link CONNECTOR_TYPE}. */
  readonly type: string;
  /** The connector's own settings by their keys; one that this server's connector does not know is left out. */
  readonly connector: Readonly<Record<string, ConnectorValue>>;
}

export type ConnectorValue = string | boolean | Secret;

/** What may be declared besides name, type and connector settings. URLs are as API Manager reaches them unless said otherwise. */
export interface KeyManagerFields {
  readonly displayName?: string;
  readonly description?: string;
  readonly enabled?: boolean;
  /** Equals the `iss` of the tokens. */
  readonly issuer?: string;
  readonly wellKnownEndpoint?: string;
  readonly clientRegistrationEndpoint?: string;
  readonly introspectionEndpoint?: string;
  readonly tokenEndpoint?: string;
  /** As API consumers reach it. */
  readonly displayTokenEndpoint?: string;
  readonly revokeEndpoint?: string;
  /** As API consumers reach it. */
  readonly displayRevokeEndpoint?: string;
  readonly userInfoEndpoint?: string;
  /** As browsers reach it. */
  readonly authorizeEndpoint?: string;
  readonly scopeManagementEndpoint?: string;
  readonly certificates?: { readonly type: 'JWKS' | 'PEM'; readonly value: string };
  readonly availableGrantTypes?: readonly string[];
  readonly consumerKeyClaim?: string;
  readonly scopesClaim?: string;
  readonly claimMapping?: readonly { readonly remoteClaim: string; readonly localClaim: string }[];
  /** How a token is recognised as one of this Key Manager's. */
  readonly tokenValidation?: readonly TokenRule[];
  readonly tokenType?: 'DIRECT' | 'EXCHANGED' | 'BOTH';
  /** Used with EXCHANGED and BOTH only. */
  readonly alias?: string;
  readonly enableTokenGeneration?: boolean;
  readonly enableTokenEncryption?: boolean;
  readonly enableTokenHashing?: boolean;
  readonly enableMapOAuthConsumerApps?: boolean;
  readonly enableOAuthAppCreation?: boolean;
  /** True: the gateway checks JWTs itself; false: it asks the introspection endpoint. */
  readonly enableSelfValidationJWT?: boolean;
  readonly permissions?: { readonly permissionType: 'PUBLIC' | 'ALLOW' | 'DENY'; readonly roles?: readonly string[] };
  /** API Manager 4.5 and later. */
  readonly allowedOrganizations?: readonly string[];
}

export interface TokenRule {
  readonly type: 'REFERENCE' | 'JWT' | 'CUSTOM';
  /** A regular expression for REFERENCE; for JWT claims and what each must match. */
  readonly value?: string | Readonly<Record<string, string>>;
  readonly enable: boolean;
}

/** What the connector of Identity Server 7 is called in API Manager. */
export const CONNECTOR_TYPE = 'WSO2-IS-7';

export interface DefaultKeyManagerOptions {
  /** Default `WSO2-IS-7`. */
  readonly name?: string;
  /** Default `WSO2 Identity Server 7`. */
  readonly displayName?: string;
  /** Default: none is declared, and the server's stays. */
  readonly description?: string;
  /** `https://host:port` of Identity Server as API Manager reaches it. */
  readonly is7Url: string;
  /** The same as API consumers and browsers reach it: the issuer begins with it. */
  readonly publicUrl: string;
  /** Tenant of Identity Server whose URLs begin with `/t/<tenant>`; default: the first tenant, without such a prefix. */
  readonly tenant?: string;
  /** How the connector logs in to Identity Server: with an account, or by mutual TLS as one of its users. */
  readonly login: ConnectorLogin;
  /** Whether API Manager creates roles in Identity Server. */
  readonly roleCreation: boolean;
}

export type ConnectorLogin =
  | { readonly username: string; readonly password: Secret }
  /** The certificate is API Manager's own: the server never loads one that is uploaded for a tenant. */
  | { readonly identityUser: string };

/**
 * The Key Manager of WSO2's guide, with two corrections: Authorize is `/oauth2/authorize` (the guide's `/scim2/Me` is a slip), and the
 * endpoints that connectors since API Manager 4.4 require are there.
 */
export function defaultKeyManager(options: DefaultKeyManagerOptions): KeyManagerDeclaration {
  const { name = 'WSO2-IS-7', displayName = 'WSO2 Identity Server 7', description } = options;
  const prefix = options.tenant === undefined ? '' : `/t/${options.tenant}`;
  const [is7Url, publicUrl] = [options.is7Url + prefix, options.publicUrl + prefix];
  return {
    name,
    displayName,
    ...(description === undefined ? {} : { description }),
    type: CONNECTOR_TYPE,
    enabled: true,
    issuer: issuerOf(publicUrl),
    wellKnownEndpoint: `${is7Url}/oauth2/token/.well-known/openid-configuration`,
    clientRegistrationEndpoint: `${is7Url}/api/identity/oauth2/dcr/v1.1/register`,
    introspectionEndpoint: `${is7Url}/oauth2/introspect`,
    tokenEndpoint: issuerOf(is7Url),
    displayTokenEndpoint: issuerOf(publicUrl),
    revokeEndpoint: `${is7Url}/oauth2/revoke`,
    displayRevokeEndpoint: `${publicUrl}/oauth2/revoke`,
    // Not /oauth2/userinfo, which discovery gives: the connector reads a user's claims by SCIM.
    userInfoEndpoint: `${is7Url}/scim2/Me`,
    authorizeEndpoint: `${publicUrl}/oauth2/authorize`,
    scopeManagementEndpoint: `${is7Url}/api/identity/oauth2/v1.0/scopes`,
    certificates: { type: 'JWKS', value: `${is7Url}/oauth2/jwks` },
    availableGrantTypes: GRANT_TYPES,
    consumerKeyClaim: 'azp',
    scopesClaim: 'scope',
    tokenType: 'DIRECT',
    enableTokenGeneration: true,
    enableMapOAuthConsumerApps: true,
    enableOAuthAppCreation: true,
    enableSelfValidationJWT: true,
    connector: {
      ...loginKeys(options.login),
      api_resource_management_endpoint: `${is7Url}/api/server/v1/api-resources`,
      is7_roles_endpoint: `${is7Url}/scim2/v2/Roles`,
      enable_roles_creation: options.roleCreation,
    },
  };
}

function loginKeys(login: ConnectorLogin): KeyManagerDeclaration['connector'] {
  if ('username' in login) return { Authentication: 'BasicAuth', Username: login.username, Password: login.password };
  return { Authentication: 'MutualTLS', MutualTLSOptions: 'ServerWide', IdentityUser: login.identityUser };
}

const GRANT_TYPES = [
  'password',
  'client_credentials',
  'refresh_token',
  'authorization_code',
  'iwa:ntlm',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:token-exchange',
] as const;
