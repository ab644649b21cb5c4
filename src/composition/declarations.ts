import { DEFAULT_NAME, type KeyManagerSettings, SUPER_TENANT } from '../config/key-manager.js';
import { invalidConfiguration } from '../errors.js';
import {
  CONNECTOR_TYPE,
  type ConnectorLogin,
  type ConnectorValue,
  defaultKeyManager,
  type KeyManagerDeclaration,
  type KeyManagerFields,
} from '../key-manager/declaration.js';
import { issuerOf } from '../servers/addresses.js';
import type { Config } from './config.js';

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

export function keyManagerName({ name = DEFAULT_NAME }: KeyManagerSettings): string {
  return name;
}

export function tenantOf({ tenant = SUPER_TENANT }: KeyManagerSettings): string {
  return tenant;
}

/** `key-manager/<name>`, and in another tenant than the first `key-manager/<tenant>/<name>`. */
export function stepIdOf(settings: KeyManagerSettings): string {
  const tenant = tenantOf(settings);
  return tenant === SUPER_TENANT
    ? `key-manager/${keyManagerName(settings)}`
    : `key-manager/${tenant}/${keyManagerName(settings)}`;
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
    name: keyManagerName(settings),
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
  const isIssuerChecked = isMainIs7 && declaration.issuer === issuerOf(config.is7PublicUrl());
  return { declaration, is7Url, isMainIs7, isIssuerChecked, declaredFields: new Set(Object.keys(fields)) };
}

/** Just enough to look for a Key Manager and delete it. */
export function declareAbsent(settings: KeyManagerSettings): KeyManagerDeclaration {
  return { name: keyManagerName(settings), type: CONNECTOR_TYPE, connector: {} };
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
  const said = Object.entries(FIELD_OF_KEY).flatMap(([key, toField]) => {
    const value = settings[key as KeyManagerKey];
    return value === undefined || toField === NO_FIELD ? [] : [(toField as ToField<unknown>)(value)];
  });
  return Object.assign({}, ...said);
}

type KeyManagerKey = keyof KeyManagerSettings;
type ToField<Value> = (value: Value) => KeyManagerFields;

/** Of keys that are read by their names, here or where the step is built. */
const NO_FIELD = 'no field of the Admin API';

/** What each key is in the Admin API. A key that is missing here does not compile. */
const FIELD_OF_KEY: {
  readonly [Key in KeyManagerKey]-?: ToField<NonNullable<KeyManagerSettings[Key]>> | typeof NO_FIELD;
} = {
  name: NO_FIELD,
  display_name: as('displayName'),
  description: as('description'),
  state: NO_FIELD,
  tenant: NO_FIELD,
  is7_tenant: NO_FIELD,
  url: NO_FIELD,
  public_url: NO_FIELD,
  well_known: NO_FIELD,
  enabled: as('enabled'),
  issuer: as('issuer'),
  well_known_endpoint: as('wellKnownEndpoint'),
  client_registration_endpoint: as('clientRegistrationEndpoint'),
  introspection_endpoint: as('introspectionEndpoint'),
  token_endpoint: as('tokenEndpoint'),
  display_token_endpoint: as('displayTokenEndpoint'),
  revoke_endpoint: as('revokeEndpoint'),
  display_revoke_endpoint: as('displayRevokeEndpoint'),
  user_info_endpoint: as('userInfoEndpoint'),
  authorize_endpoint: as('authorizeEndpoint'),
  scope_management_endpoint: as('scopeManagementEndpoint'),
  jwks: (value) => ({ certificates: { type: 'JWKS', value } }),
  // The Admin API takes the base64 of the PEM text.
  pem: (text) => ({ certificates: { type: 'PEM', value: Buffer.from(text).toString('base64') } }),
  grant_types: as('availableGrantTypes'),
  consumer_key_claim: as('consumerKeyClaim'),
  scopes_claim: as('scopesClaim'),
  claim_mapping: (claims) => ({
    claimMapping: claims.map(({ remote = '', local = '' }) => ({ remoteClaim: remote, localClaim: local })),
  }),
  token_validation: (rules) => ({
    tokenValidation: rules.map(({ type = 'JWT', value, enable = true }) => ({
      type,
      enable,
      ...(value !== undefined && { value }),
    })),
  }),
  token_type: as('tokenType'),
  alias: as('alias'),
  token_generation: as('enableTokenGeneration'),
  token_encryption: as('enableTokenEncryption'),
  token_hashing: as('enableTokenHashing'),
  map_oauth_apps: as('enableMapOAuthConsumerApps'),
  oauth_app_creation: as('enableOAuthAppCreation'),
  validation: (by) => ({ enableSelfValidationJWT: by === 'self' }),
  permissions: ({ type, roles = [] }) => (type ? { permissions: { permissionType: type, roles } } : {}),
  allowed_organizations: as('allowedOrganizations'),
  connector: NO_FIELD,
  proof: NO_FIELD,
};

/** A key whose value is taken as it is. */
function as<Field extends keyof KeyManagerFields>(field: Field): ToField<NonNullable<KeyManagerFields[Field]>> {
  return (value) => ({ [field]: value });
}
