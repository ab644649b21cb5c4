import { isObject } from '../http/request.js';
import type { LoadedHome } from '../loaded-home.js';
import type { Apim } from './apim.js';
import { type Connector, type ConnectorSetting, maskedSettings } from './connectors.js';
import { FAULTS, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';
import { connectorOf } from './key-manager-text.js';
import { isAtLeast } from './release.js';
import { checkUrls } from './trusted-urls.js';

/** Every role there is, and the administrator holds them all. */
const ADMIN_ROLES = ['admin', 'Internal/everyone', 'Internal/subscriber', 'Internal/creator', 'Internal/publisher'];

/**
 * The checks before a Key Manager is stored, in the order of the real server (carbon-apimgt, APIAdminImpl). One that only exchanges
 * tokens needs no configuration. What is missing is never named.
 *
 * @throws Refusal 400, 404 or, where the real server meets a null pointer or a wrong cast, 500
 */
export function checkKeyManager(home: LoadedHome, keyManager: KeyManager): void {
  checkRoles(keyManager);
  checkUrls(home, keyManager);
  if (keyManager.tokenType === 'EXCHANGED') return;
  const connector = connectorOf(home, keyManager.type) ?? refuse(FAULTS.TYPE_UNKNOWN);
  for (const setting of connector.configurations) {
    if (setting.required && !Object.hasOwn(keyManager.additionalProperties, setting.name)) {
      refuse(FAULTS.CONFIGURATION_MISSING);
    }
  }
  if (connector.authConfigurations) checkAuthentication(keyManager.additionalProperties);
  checkEndpoints(connector, keyManager);
  checkSecretKinds(connector, keyManager.additionalProperties);
}

/**
 * Refuses a change of what cannot change, from 4.6 on.
 *
 * @throws Refusal 400 901412
 */
export function checkReadOnly(
  { home, conduct }: Pick<Apim, 'home' | 'conduct'>,
  sent: KeyManager,
  old: KeyManager,
): void {
  if (!isAtLeast(home, '4.6')) return;
  const valueIn = ({ additionalProperties }: KeyManager, name: string) => additionalProperties[name];
  if (conduct.readOnlySettings.some((name) => valueIn(sent, name) !== valueIn(old, name))) refuse(FAULTS.READ_ONLY);
}

/**
 * A Key Manager whose tokens are exchanged has an identity provider in API Manager itself.
 *
 * @throws Refusal 400 with the code of what was to be done with it
 */
export function checkIdentityProvider(
  { conduct }: Pick<Apim, 'conduct'>,
  { tokenType }: KeyManager,
  purpose: keyof typeof IDENTITY_PROVIDER_FAULTS,
): void {
  if (tokenType !== 'DIRECT' && conduct.identityProviders === 'fail') refuse(IDENTITY_PROVIDER_FAULTS[purpose]);
}

const IDENTITY_PROVIDER_FAULTS = {
  add: FAULTS.IDENTITY_PROVIDER_NOT_ADDED,
  get: FAULTS.IDENTITY_PROVIDER_NOT_READ,
  delete: FAULTS.IDENTITY_PROVIDER_NOT_DELETED,
} as const;

function checkRoles({ permissions = {} }: KeyManager): void {
  const { permissionType = 'PUBLIC', roles } = permissions as { permissionType?: unknown; roles?: unknown };
  if (permissionType === 'PUBLIC') return;
  const named: readonly unknown[] = Array.isArray(roles) ? roles : [];
  if (!named.every((role) => ADMIN_ROLES.some((known) => known === role))) refuse(FAULTS.ROLE_UNKNOWN);
}

/** Without the `Authentication` key, or with a word that is not known, nothing is asked for. */
function checkAuthentication(properties: Readonly<Record<string, unknown>>): void {
  const kind = properties['Authentication'];
  if (kind !== 'BasicAuth' && kind !== 'MutualTLS') return;
  const needed = kind === 'BasicAuth' ? ['Username', 'Password'] : ['IdentityUser', 'MutualTLSOptions'];
  for (const name of needed) {
    const value = properties[name] ?? '';
    if (kind === 'BasicAuth' && !Object.hasOwn(properties, name)) refuse(FAULTS.INTERNAL);
    if (value === '') refuse(FAULTS.CONFIGURATION_MISSING);
  }
}

/** An endpoint in the `endpoints` list passes this check, although that list is not stored. */
function checkEndpoints({ endpointConfigurations }: Connector, keyManager: KeyManager): void {
  const listed = (keyManager.endpoints ?? []).filter(isObject).map((endpoint) => endpoint['name']);
  for (const { name, required } of endpointConfigurations) {
    if (required && !endpointOf(keyManager, name) && !listed.includes(name)) refuse(FAULTS.CONFIGURATION_MISSING);
  }
}

function endpointOf(keyManager: KeyManager, name: ConnectorSetting['name']): string | undefined {
  const endpoints: Readonly<Record<string, string | undefined>> = {
    client_registration_endpoint: keyManager.clientRegistrationEndpoint,
    introspection_endpoint: keyManager.introspectionEndpoint,
    token_endpoint: keyManager.tokenEndpoint,
    revoke_endpoint: keyManager.revokeEndpoint,
  };
  return endpoints[name];
}

/** A secret is cast to a string before it is encrypted. */
function checkSecretKinds(connector: Connector, properties: Readonly<Record<string, unknown>>): void {
  for (const name of maskedSettings(connector)) {
    if (properties[name] !== undefined && typeof properties[name] !== 'string') refuse(FAULTS.INTERNAL);
  }
}
