import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Handler, type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { type Application, withApplication } from './applications.js';
import type { IssuedToken, OAuthApp } from './authorization-server.js';
import { type Body, readBody } from './body.js';
import { FAULTS, fault, notFound, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';
import { type KeyMapping, removeOAuthApp, serverOf } from './key-mappings.js';
import { RESIDENT_NAME } from './resident.js';

const PATH = '/api/am/devportal/v3/applications/{applicationId}';

/** The keys of an application: generating them registers a client at the Key Manager's server for real. */
export function applicationKeyRoutes(apim: Apim): readonly Route[] {
  const key = `${PATH}/oauth-keys/{keyMappingId}`;
  return [
    route('POST', `${PATH}/generate-keys`, withApplication(apim, generate)),
    route('GET', `${PATH}/oauth-keys`, withApplication(apim, list)),
    route('GET', key, withMapping(apim, read)),
    route('DELETE', key, withMapping(apim, remove)),
    route('POST', `${key}/clean-up`, withMapping(apim, forget)),
    route('POST', `${key}/generate-token`, withMapping(apim, generateToken)),
  ];
}

const GENERATE_FIELDS = {
  keyType: { kind: 'string', required: true, oneOf: ['PRODUCTION', 'SANDBOX'] },
  keyManager: { kind: 'string' },
  grantTypesToBeSupported: { kind: 'strings', required: true },
  callbackUrl: { kind: 'string' },
  scopes: { kind: 'strings' },
  validityTime: { kind: 'string' },
  clientId: { kind: 'string' },
  clientSecret: { kind: 'string' },
  additionalProperties: { kind: 'object' },
} as const;

const GENERATE_TOKEN_FIELDS = {
  consumerSecret: { kind: 'string' },
  validityPeriod: { kind: 'integer' },
  scopes: { kind: 'strings' },
  revokeToken: { kind: 'string' },
  grantType: { kind: 'string', oneOf: ['CLIENT_CREDENTIALS', 'TOKEN_EXCHANGE'] },
  additionalProperties: { kind: 'object' },
} as const;

const DEFAULT_VALIDITY_SECONDS = 3600;

function withMapping(
  apim: Apim,
  use: (apim: Apim, application: Application, mapping: KeyMapping, request: ServerRequest) => Promise<Reply>,
): Handler {
  return withApplication(apim, (_, application, request, { keyMappingId = '' }) => {
    const mapping = application.keys.find((candidate) => candidate.keyMappingId === keyMappingId);
    return use(apim, application, mapping ?? refuse(notFound(`No keys found for id ${keyMappingId}`)), request);
  });
}

/**
 * The mapping is stored before the client is registered, and a registration that fails leaves it behind: the first try is answered with
 * 500, every further one with 409 (measured on the real server by its own test: product-apim, is7_keygen_negatives.feature).
 */
async function generate(apim: Apim, application: Application, request: ServerRequest): Promise<Reply> {
  const body = readBody(request, GENERATE_FIELDS);
  const { keyType = '', grantTypesToBeSupported: grantTypes = [], callbackUrl = '' } = body;
  const keyManager = usableKeyManager(apim, application, body.keyManager ?? RESIDENT_NAME);
  if (application.keys.some((key) => key.keyManagerId === keyManager.id && key.keyType === keyType)) {
    return FAULTS.MAPPING_EXISTS;
  }
  const mapping: KeyMapping = {
    keyMappingId: randomUUID(),
    keyManagerId: keyManager.id,
    keyType,
    callbackUrl,
    grantTypes,
  };
  application.keys.push(mapping);
  await apim.store.save();

  const oauthApp = await serverOf(apim, mapping).register({
    clientName: `${application.owner}_${application.applicationId}_${keyType}`,
    displayName: application.name,
    grantTypes,
    callbackUrl,
  });
  mapping.consumerKey = oauthApp.consumerKey;
  mapping.grantTypes = oauthApp.grantTypes;
  await apim.store.save();
  const token = await firstToken(apim, keyManager, mapping, oauthApp, body);
  return json(200, keyOf(keyManager.name, mapping, oauthApp, token));
}

/** By name or by id. Who may use it is looked at only when it is named by id, as on the real server. */
function usableKeyManager({ store }: Apim, { tenant }: Application, nameOrId: string): KeyManager {
  const keyManagers = store.state.keyManagers.filter((keyManager) => keyManager.tenant === tenant);
  const found = keyManagers.find(({ name }) => name === nameOrId) ?? keyManagers.find(({ id }) => id === nameOrId);
  if (!found?.enabled) return refuse(FAULTS.NOT_REGISTERED);
  if (found.id === nameOrId && isClosedToAdmin(found)) return refuse(FAULTS.NOT_PERMITTED);
  if (found.tokenType === 'EXCHANGED' || !found.enableOAuthAppCreation) return refuse(FAULTS.NO_APP_CREATION);
  return found;
}

/** The administrator holds every role, so any role that is denied, and none that is allowed, keeps them out. */
function isClosedToAdmin({ permissions = {} }: KeyManager): boolean {
  const { permissionType, roles } = permissions as { permissionType?: string; roles?: readonly string[] };
  const namesRoles = (roles ?? []).length > 0;
  return permissionType === 'DENY' ? namesRoles : permissionType === 'ALLOW' && !namesRoles;
}

async function firstToken(
  apim: Apim,
  keyManager: KeyManager,
  mapping: KeyMapping,
  { consumerKey, consumerSecret, grantTypes }: OAuthApp,
  { scopes = [], validityTime }: Body<typeof GENERATE_FIELDS>,
): Promise<IssuedToken | null> {
  if (!keyManager.enableTokenGeneration || !grantTypes.includes('client_credentials')) return null;
  const seconds = Number(validityTime) || DEFAULT_VALIDITY_SECONDS;
  return serverOf(apim, mapping).requestToken(consumerKey, consumerSecret, scopes, seconds);
}

async function list(apim: Apim, application: Application): Promise<Reply> {
  const keys = await Promise.all(application.keys.map((mapping) => presentedKey(apim, mapping)));
  return json(200, { count: keys.length, list: keys });
}

async function read(apim: Apim, _application: Application, mapping: KeyMapping): Promise<Reply> {
  return json(200, await presentedKey(apim, mapping));
}

/** The secret is not stored here but read from the Key Manager's server each time. */
async function presentedKey(apim: Apim, mapping: KeyMapping): Promise<Record<string, unknown>> {
  const { keyManagerId, consumerKey } = mapping;
  const name = apim.store.state.keyManagers.find(({ id }) => id === keyManagerId)?.name ?? keyManagerId;
  const isReadable = consumerKey !== undefined && apim.loaded.find(keyManagerId) !== undefined;
  return keyOf(name, mapping, isReadable ? await serverOf(apim, mapping).read(consumerKey) : undefined, null);
}

function keyOf(
  keyManager: string,
  mapping: KeyMapping,
  oauthApp: OAuthApp | undefined,
  token: IssuedToken | null,
): Record<string, unknown> {
  return {
    keyMappingId: mapping.keyMappingId,
    keyManager,
    consumerKey: mapping.consumerKey ?? null,
    consumerSecret: oauthApp?.consumerSecret ?? null,
    supportedGrantTypes: mapping.grantTypes,
    callbackUrl: mapping.callbackUrl,
    keyState: 'APPROVED',
    keyType: mapping.keyType,
    mode: 'CREATED',
    groupId: null,
    token,
    additionalProperties: {},
  };
}

async function remove(apim: Apim, application: Application, mapping: KeyMapping): Promise<Reply> {
  await removeOAuthApp(apim, mapping);
  return forget(apim, application, mapping);
}

/** Drops the mapping alone; a client at the Key Manager's server stays. This is what mends a mapping that was left behind. */
async function forget(apim: Apim, application: Application, mapping: KeyMapping): Promise<Reply> {
  application.keys = application.keys.filter(({ keyMappingId }) => keyMappingId !== mapping.keyMappingId);
  await apim.store.save();
  return empty(200);
}

/** A `validityPeriod` that is left out is a null pointer on the real server. */
async function generateToken(
  apim: Apim,
  _application: Application,
  mapping: KeyMapping,
  request: ServerRequest,
): Promise<Reply> {
  const body = readBody(request, GENERATE_TOKEN_FIELDS);
  const { consumerSecret = '', validityPeriod, scopes = [], grantType = 'CLIENT_CREDENTIALS' } = body;
  if (validityPeriod === undefined) return FAULTS.INTERNAL;
  if (grantType !== 'CLIENT_CREDENTIALS')
    return fault(400, 400, 'Bad Request', 'The sandbox does not play token exchange.');
  const { consumerKey } = mapping;
  if (consumerKey === undefined) return FAULTS.GENERAL;
  return json(200, await serverOf(apim, mapping).requestToken(consumerKey, consumerSecret, scopes, validityPeriod));
}
