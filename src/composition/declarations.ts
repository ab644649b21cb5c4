import { type KeyManagerSettings, SUPER_TENANT } from '../config/key-manager.js';
import { invalidConfiguration } from '../config/parse.js';
import {
  type ConnectorLogin,
  type ConnectorValue,
  defaultKeyManager,
  type KeyManagerDeclaration,
  type KeyManagerFields,
} from '../key-manager/declaration.js';
import type { Config } from './config.js';

const DEFAULT_NAME = 'WSO2-IS-7';
const DEFAULT_DESCRIPTION = 'WSO2 Identity Server 7 as Key Manager, kept by km-bootstrap';

/** A `[[key_manager]]` with its defaults filled in, ready for its step. */
export interface DeclaredKeyManager {
  readonly declaration: KeyManagerDeclaration;
  /** `https://host:port` of its Identity Server as API Manager reaches it. */
  readonly is7Url: string;
  /** Whether that is the Identity Server which the step `health/is7` waits for. */
  readonly isMainIs7: boolean;
  /** Whether that step has looked at its issuer, too. */
  readonly isIssuerChecked: boolean;
  /** Fields of the Admin API that were declared and not filled in. */
  readonly declaredFields: ReadonlySet<string>;
}

export function nameOf({ name = DEFAULT_NAME }: KeyManagerSettings): string {
  return name;
}

export function tenantOf({ tenant = SUPER_TENANT }: KeyManagerSettings): string {
  return tenant;
}

/** `key-manager/<name>`, and in another tenant than the first `key-manager/<tenant>/<name>`. */
export function stepIdOf(settings: KeyManagerSettings): string {
  const tenant = tenantOf(settings);
  return tenant === SUPER_TENANT ? `key-manager/${nameOf(settings)}` : `key-manager/${tenant}/${nameOf(settings)}`;
}

/**
 * Fills what was not said from Identity Server's URL and account.
 *
 * @throws BootstrapError `CONFIG_INVALID` where that is not known
 */
export function declare(settings: KeyManagerSettings, config: Config): DeclaredKeyManager {
  const is7Url = settings.url ?? config.is7.url();
  const publicUrl = settings.public_url ?? settings.url ?? config.is7PublicUrl();
  const { is7_tenant: is7Tenant = tenantOf(settings), connector = {} } = settings;
  const base = defaultKeyManager({
    name: nameOf(settings),
    description: DEFAULT_DESCRIPTION,
    is7Url,
    publicUrl,
    ...(is7Tenant !== SUPER_TENANT && { tenant: is7Tenant }),
    login: loginOf(settings, config, is7Tenant),
    roleCreation: connector.role_creation ?? config.roleCreation,
  });
  const fields = declaredFields(settings);
  const declaration = { ...base, ...fields, connector: { ...base.connector, ...connectorKeys(connector) } };
  const isMainIs7 = config.is7.isKnown && is7Url === config.is7.url();
  const isIssuerChecked = isMainIs7 && declaration.issuer === `${config.is7PublicUrl()}/oauth2/token`;
  return { declaration, is7Url, isMainIs7, isIssuerChecked, declaredFields: new Set(Object.keys(fields)) };
}

/** Just enough to look for a Key Manager and delete it. */
export function declareAbsent(settings: KeyManagerSettings): KeyManagerDeclaration {
  return { name: nameOf(settings), type: 'WSO2-IS-7', connector: {} };
}

/** What nobody may declare together: two Key Managers with one issuer in one tenant, among which the gateway could not tell. */
export function refuseSharedIssuers(
  declared: readonly { readonly tenant: string; readonly id: string; readonly declaration: KeyManagerDeclaration }[],
): void {
  const seen = new Map<string, string>();
  const problems = declared.flatMap(({ tenant, id, declaration: { issuer, enabled } }) => {
    if (issuer === undefined || enabled === false) return [];
    const earlier = seen.get(`${tenant} ${issuer}`);
    seen.set(`${tenant} ${issuer}`, id);
    return earlier
      ? [`${earlier} and ${id} have the same issuer ${issuer}: a tenant can have one Key Manager of it`]
      : [];
  });
  if (problems.length > 0) throw invalidConfiguration(problems);
}

/** An account of one tenant is of no use in another. */
function loginOf(settings: KeyManagerSettings, config: Config, is7Tenant: string): ConnectorLogin {
  const { identity_user: identityUser, username, password } = settings.connector ?? {};
  if (identityUser !== undefined) return { identityUser };
  if (username !== undefined && password !== undefined) return { username, password };
  if (is7Tenant === SUPER_TENANT && username === undefined && settings.url === undefined) {
    const account = config.is7.account();
    return { ...account, ...(password !== undefined && { password }) };
  }
  throw invalidConfiguration([
    `${stepIdOf(settings)}: the account of its connector at Identity Server is not known: declare username and password (or password_file) in [key_manager.connector]`,
  ]);
}

function connectorKeys(
  connector: NonNullable<KeyManagerSettings['connector']>,
): Readonly<Record<string, ConnectorValue>> {
  const { api_resources_endpoint: apiResources, roles_endpoint: roles, properties } = connector;
  return {
    ...(apiResources !== undefined && { api_resource_management_endpoint: apiResources }),
    ...(roles !== undefined && { is7_roles_endpoint: roles }),
    ...properties,
  };
}

/** Settings by the names of the Admin API; what was not said is absent. */
function declaredFields(settings: KeyManagerSettings): KeyManagerFields {
  const { jwks, pem, permissions, validation } = settings;
  const fields: { readonly [Name in keyof KeyManagerFields]: KeyManagerFields[Name] | undefined } = {
    displayName: settings.display_name,
    description: settings.description,
    enabled: settings.enabled,
    issuer: settings.issuer,
    wellKnownEndpoint: settings.well_known_endpoint,
    clientRegistrationEndpoint: settings.client_registration_endpoint,
    introspectionEndpoint: settings.introspection_endpoint,
    tokenEndpoint: settings.token_endpoint,
    displayTokenEndpoint: settings.display_token_endpoint,
    revokeEndpoint: settings.revoke_endpoint,
    displayRevokeEndpoint: settings.display_revoke_endpoint,
    userInfoEndpoint: settings.user_info_endpoint,
    authorizeEndpoint: settings.authorize_endpoint,
    scopeManagementEndpoint: settings.scope_management_endpoint,
    certificates: jwks !== undefined ? { type: 'JWKS', value: jwks } : pem !== undefined ? pemOf(pem) : undefined,
    availableGrantTypes: settings.grant_types,
    consumerKeyClaim: settings.consumer_key_claim,
    scopesClaim: settings.scopes_claim,
    claimMapping: settings.claim_mapping?.map(({ remote = '', local = '' }) => ({
      remoteClaim: remote,
      localClaim: local,
    })),
    tokenValidation: settings.token_validation?.map(({ type = 'JWT', value, enable = true }) => ({
      type,
      enable,
      ...(value !== undefined && { value }),
    })),
    tokenType: settings.token_type,
    alias: settings.alias,
    enableTokenGeneration: settings.token_generation,
    enableTokenEncryption: settings.token_encryption,
    enableTokenHashing: settings.token_hashing,
    enableMapOAuthConsumerApps: settings.map_oauth_apps,
    enableOAuthAppCreation: settings.oauth_app_creation,
    enableSelfValidationJWT: validation === undefined ? undefined : validation === 'self',
    permissions: permissions?.type ? { permissionType: permissions.type, roles: permissions.roles ?? [] } : undefined,
    allowedOrganizations: settings.allowed_organizations,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as KeyManagerFields;
}

/** The Admin API takes the base64 of the PEM text. */
function pemOf(pem: string): { readonly type: 'PEM'; readonly value: string } {
  return { type: 'PEM', value: Buffer.from(pem).toString('base64') };
}
