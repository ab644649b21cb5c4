import { BootstrapError } from '../errors.js';
import { Secret } from '../secret.js';
import { type Connector, type ConnectorKey, FIELDS_SINCE } from './connector.js';
import type { ConnectorValue, KeyManagerDeclaration } from './declaration.js';
import { MESSAGES } from './errors.js';
import type { JsonObject } from './json.js';

/** What the server shows instead of a secret, and what it takes for "keep the one you have" in an update. */
export const MASK = '*****';

/** The body of a request about a Key Manager, or what can be compared with the server's answer. */
export type Payload = JsonObject & { readonly additionalProperties: JsonObject };

/**
 * What is declared, in the shape this server takes: only fields and connector keys that it knows (an unknown field is refused whole).
 *
 * @param secrets `clear` to send them, `masked` to compare or to let the server keep its own
 * @throws BootstrapError `KEY_MANAGER_INVALID` names everything that the server or its connector needs and nobody declared
 */
export function buildPayload(
  declaration: KeyManagerDeclaration,
  connector: Connector,
  secrets: 'clear' | 'masked',
): Payload {
  const { connector: properties, ...fields } = declaration;
  const known = keysToSend(declaration, connector);
  const payload = {
    ...fields,
    additionalProperties: Object.fromEntries(known.map((key) => [key.name, valueToSend(key, properties, secrets)])),
  };
  const unknown = unknownIn(declaration, connector);
  // What an unknown kind of login lacks is not worth saying beside it.
  const problems = [
    ...(unknown.length > 0 ? unknown : missingIn(payload, connector)),
    ...blanksIn(properties),
    ...textsIn(known, properties),
  ];
  if (problems.length > 0) throw invalid(declaration.name, problems);
  return payload;
}

/** The secret that the connector is given, if it is given one. */
export function secretToSend(declaration: KeyManagerDeclaration, connector: Connector): Secret | undefined {
  return keysToSend(declaration, connector)
    .map(({ name }) => declaration.connector[name])
    .find((value) => value instanceof Secret);
}

/** Declared keys that this server's connector does not list and that are therefore not sent, though they would mean something. */
export function ignoredKeys({ connector: declared }: KeyManagerDeclaration, connector: Connector): readonly string[] {
  return Object.entries(declared)
    .filter(([name, value]) => !connector.keys.some((key) => key.name === name) && !isImplied(name, value))
    .map(([name]) => name);
}

/** What a connector that does not ask for it does anyhow, or learns in another way. */
function isImplied(name: string, value: ConnectorValue): boolean {
  if (name === 'api_resource_management_endpoint' || name === 'is7_roles_endpoint') return true;
  return value === false || (name === 'Authentication' && value === 'BasicAuth');
}

function keysToSend({ connector: declared }: KeyManagerDeclaration, connector: Connector): readonly ConnectorKey[] {
  return connector.keys.filter((key) => declared[key.name] !== undefined && applies(key, declared));
}

/** Names what a body lacks, since the server's own refusal (901401) does not. */
export function missingIn(payload: Payload, connector: Connector): readonly string[] {
  const properties = payload.additionalProperties;
  // With exchanged tokens the server registers no clients, and checks none of this.
  if (payload['tokenType'] === 'EXCHANGED') return [];
  const keys = connector.keys.filter(
    (key) => key.required && applies(key, properties) && isUnset(properties[key.name]),
  );
  const endpoints = neededEndpoints(connector).filter((field) => isUnset(payload[field]));
  return [
    ...endpoints.map((field) => `${field} is not set`),
    ...keys.map((key) => `the connector's ${key.name} is not set`),
  ];
}

/**
 * The server accepts a Key Manager without these two and then never loads it: UserInfo is read at load by every connector, scope
 * management by those before 4.4 (they have no roles endpoint).
 */
function neededEndpoints(connector: Connector): readonly string[] {
  const required = connector.requiredEndpoints.map((stored) => FIELD_OF_ENDPOINT[stored] ?? stored);
  const old = !connector.keys.some((key) => key.name === 'is7_roles_endpoint');
  return [...new Set([...required, 'userInfoEndpoint', ...(old ? ['scopeManagementEndpoint'] : [])])];
}

const FIELD_OF_ENDPOINT: Readonly<Record<string, string>> = {
  client_registration_endpoint: 'clientRegistrationEndpoint',
  introspection_endpoint: 'introspectionEndpoint',
  token_endpoint: 'tokenEndpoint',
  revoke_endpoint: 'revokeEndpoint',
  userinfo_endpoint: 'userInfoEndpoint',
  authorize_endpoint: 'authorizeEndpoint',
  display_token_endpoint: 'displayTokenEndpoint',
  display_revoke_endpoint: 'displayRevokeEndpoint',
  scope_management_endpoint: 'scopeManagementEndpoint',
};

function isUnset(value: unknown): boolean {
  return value === undefined || value === '';
}

function applies(key: ConnectorKey, properties: Readonly<Record<string, unknown>>): boolean {
  return key.when.every((choice) => (properties[choice.key] ?? choice.fallback) === choice.option);
}

function valueToSend(
  key: ConnectorKey,
  properties: KeyManagerDeclaration['connector'],
  secrets: 'clear' | 'masked',
): string | boolean {
  const value = properties[key.name] as ConnectorValue;
  const isSecret = value instanceof Secret;
  if (secrets === 'masked' && (isSecret || key.masked)) return MASK;
  return isSecret ? value.reveal() : value;
}

function unknownIn(declaration: KeyManagerDeclaration, connector: Connector): readonly string[] {
  const hasChoice = connector.keys.some(({ name }) => name === 'Authentication');
  return [
    ...Object.entries(FIELDS_SINCE)
      .filter(([field]) => field in declaration && connector.unknownFields.includes(field))
      .map(([field, since]) => `${field} is declared, but this API Manager does not have it (${since} and later do)`),
    ...(declaration.connector['Authentication'] === 'MutualTLS' && !hasChoice
      ? ['mutual TLS is declared, but the connector of this API Manager does not have it (4.6 and later do)']
      : []),
  ];
}

/** A switch that is a text is off, whatever the text says. */
function textsIn(keys: readonly ConnectorKey[], properties: KeyManagerDeclaration['connector']): readonly string[] {
  return keys
    .filter(({ name, isSwitch }) => isSwitch && typeof properties[name] === 'string')
    .map(({ name }) => `the connector's ${name} must be true or false, without quotes`);
}

/** From 4.6 the server trims what the connector is told: a password with a blank at an end would silently become another. */
function blanksIn(properties: KeyManagerDeclaration['connector']): readonly string[] {
  return Object.entries(properties)
    .filter(([, value]) => {
      const text = value instanceof Secret ? value.reveal() : value;
      return typeof text === 'string' && text !== text.trim();
    })
    .map(([name]) => `the connector's ${name} begins or ends with a blank, which API Manager 4.6 and later would drop`);
}

function invalid(name: string, problems: readonly string[]): BootstrapError {
  return new BootstrapError(MESSAGES.KEY_MANAGER_INVALID.unsendable(name, problems));
}
