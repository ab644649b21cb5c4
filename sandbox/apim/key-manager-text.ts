import type { ServerRequest } from '../http/request.js';
import type { LoadedHome } from '../loaded-home.js';
import { readBody } from './body.js';
import { type Connector, connectorsOf, maskedSettings } from './connectors.js';
import { badRequest, FAULTS, refuse } from './faults.js';
import { KEY_MANAGER_FIELDS, type KeyManager, type KeyManagerBody } from './key-manager-fields.js';
import { isAtLeast } from './release.js';

const MASK = '*****';
const KNOWN_CERTIFICATES = ['PEM', 'JWKS'];
const TOKEN_TYPES = ['EXCHANGED', 'DIRECT', 'BOTH'];

/**
 * A Key Manager out of a request, with the defaults that the server fills in.
 *
 * @throws Refusal 400; 500 where the real server meets a null pointer or an unknown word: `enabled` left out, `tokenType` misspelt
 */
export function readKeyManager(home: LoadedHome, request: ServerRequest, id: string): KeyManager {
  const body = readBody(request, KEY_MANAGER_FIELDS);
  const { name = '', type = '', enabled, tokenType = 'DIRECT', additionalProperties = {} } = body;
  if (body.allowedOrganizations && !isAtLeast(home, '4.5')) {
    return refuse(badRequest("Unrecognized property 'allowedOrganizations'"));
  }
  if (name.trim() === '') return refuse(FAULTS.NAME_EMPTY);
  if (enabled === undefined || !TOKEN_TYPES.includes(tokenType)) return refuse(FAULTS.INTERNAL);
  const { permissions, certificates } = body;
  const connector = connectorOf(home, type);
  const hasCertificate = certificates === undefined || KNOWN_CERTIFICATES.includes(String(certificates['type']));
  const selfValidation = body.enableSelfValidationJWT ?? true;
  return {
    ...DEFAULTS,
    ...(hasCertificate ? body : withoutCertificates(body)),
    id,
    name,
    type,
    enabled,
    tokenType,
    enableSelfValidationJWT: selfValidation,
    consumerKeyClaim: body.consumerKeyClaim ?? connector?.defaultConsumerKeyClaim ?? '',
    scopesClaim: body.scopesClaim ?? connector?.defaultScopesClaim ?? '',
    global: false,
    permissions: { roles: [], ...permissions, permissionType: permissionTypeOf(permissions?.['permissionType']) },
    additionalProperties: {
      ...trimmed(home, additionalProperties),
      self_validate_jwt: selfValidation,
      ...(!hasCertificate && { certificate_value: certificates?.['value'] }),
    },
  };
}

/** A Key Manager as the Admin API shows it: every field of the release, `null` where nothing is set. `endpoints` are not kept: the list is empty. */
export function presented(home: LoadedHome, keyManager: KeyManager): Record<string, unknown> {
  const names = Object.keys(KEY_MANAGER_FIELDS).filter(
    (name) => name !== 'endpoints' && (name !== 'allowedOrganizations' || isAtLeast(home, '4.5')),
  );
  const values: Readonly<Record<string, unknown>> = { ...keyManager };
  return { ...Object.fromEntries(names.map((name) => [name, values[name] ?? null])), endpoints: [] };
}

/** The same Key Manager with `*****` for every secret. */
export function hidingSecrets(home: LoadedHome, keyManager: KeyManager): KeyManager {
  return mappingSecrets(home, keyManager, () => MASK);
}

/** The same Key Manager with the stored value for every secret that was sent as `*****`. */
export function keepingSecrets(home: LoadedHome, sent: KeyManager, old: KeyManager): KeyManager {
  return mappingSecrets(home, sent, (value, name) =>
    value === MASK ? (old.additionalProperties[name] ?? MASK) : value,
  );
}

/** The connector of a type, if this API Manager has it. */
export function connectorOf(home: LoadedHome, type: string): Connector | undefined {
  return connectorsOf(home).find((connector) => connector.type === type);
}

const DEFAULTS = {
  availableGrantTypes: [],
  enableTokenEncryption: false,
  enableTokenHashing: false,
  enableMapOAuthConsumerApps: false,
  enableOAuthAppCreation: false,
  claimMapping: [],
  tokenValidation: [],
  allowedOrganizations: [],
  global: false,
};

function withoutCertificates({ certificates: _, ...body }: KeyManagerBody): KeyManagerBody {
  return body;
}

/** A word that is not known means everybody. */
function permissionTypeOf(sent: unknown): string {
  return sent === 'ALLOW' || sent === 'DENY' ? sent : 'PUBLIC';
}

/** From 4.6 on every string loses the blanks around it, a password included. */
function trimmed(home: LoadedHome, properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const trim = (value: unknown) => (typeof value === 'string' && isAtLeast(home, '4.6') ? value.trim() : value);
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, trim(value)]));
}

function mappingSecrets(
  home: LoadedHome,
  keyManager: KeyManager,
  map: (value: unknown, name: string) => unknown,
): KeyManager {
  const connector = connectorOf(home, keyManager.type);
  const masked = connector ? maskedSettings(connector) : [];
  const properties = Object.entries(keyManager.additionalProperties).map(([name, value]) => [
    name,
    masked.includes(name) ? map(value, name) : value,
  ]);
  return { ...keyManager, additionalProperties: Object.fromEntries(properties) };
}
