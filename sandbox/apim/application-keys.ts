import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Handler, type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { type Application, withApplication } from './applications.js';
import type { IssuedToken, OAuthApp } from './authorization-server.js';
import { type Body, readBody } from './body.js';
import { badRequest, FAULTS, fault, notFound, refuse } from './faults.js';
import type { KeyManager } from './key-manager-fields.js';
import { type KeyMapping, removeOAuthApp, serverOf } from './key-mappings.js';
import { isAtLeast } from './release.js';
import { RESIDENT_NAME } from './resident.js';

const PATH = '/api/am/devportal/v3/applications/{applicationId}';

/** The keys of an application: generating them registers a client at the Key Manager's server for real. */
export function applicationKeyRoutes(apim: Apim): readonly Route[] {
  const key = `${PATH}/oauth-keys/{keyMappingId}`;
  return [
    route('POST', `${PATH}/generate-keys`, withApplication(apim, generate)),
    route('POST', `${PATH}/map-keys`, withApplication(apim, map)),
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
  grantTypesToBeSupported: { kind: 'strings' },
  callbackUrl: { kind: 'string' },
  scopes: { kind: 'strings' },
  validityTime: { kind: 'string' },
  clientId: { kind: 'string' },
  clientSecret: { kind: 'string' },
  additionalProperties: { kind: 'object' },
} as const;

const MAP_FIELDS = {
  consumerKey: { kind: 'string', required: true },
  consumerSecret: { kind: 'string' },
  keyManager: { kind: 'string' },
  keyType: { kind: 'string', required: true, oneOf: ['PRODUCTION', 'SANDBOX'] },
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
    // Only a read says so; whatever works on keys that are not there meets a null pointer.
    const missing = request.method === 'GET' ? notFound(`No keys found for id ${keyMappingId}`) : FAULTS.INTERNAL;
    return use(apim, application, mapping ?? refuse(missing), request);
  });
}

/**
 * The mapping is stored before the client is registered, and a registration that fails leaves it behind: the first try is answered with
 * 500, every further one with 409 (measured on the real server by its own test: product-apim, is7_keygen_negatives.feature).
 */
async function generate(apim: Apim, application: Application, request: ServerRequest): Promise<Reply> {
  const body = readBody(request, GENERATE_FIELDS);
  const { keyType = '', grantTypesToBeSupported: grantTypes = [], callbackUrl = '', additionalProperties } = body;
  checkRequest(body);
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
    // The name of the user as the tenant itself knows it: IS 7 takes no @ in the name of a client.
    clientName: `${application.owner.replace(/@.*$/, '')}_${application.applicationId}_${keyType}`,
    displayName: application.name,
    grantTypes,
    callbackUrl,
    ...(additionalProperties && { settings: settingsIn(additionalProperties) }),
  });
  mapping.consumerKey = oauthApp.consumerKey;
  mapping.grantTypes = oauthApp.grantTypes;
  await apim.store.save();
  const token = await firstToken(apim, keyManager, mapping, oauthApp, body);
  return json(200, keyOf(apim, body.keyManager ?? keyManager.name, mapping, oauthApp, { state: 'APPROVED', token }));
}

function checkRequest({
  grantTypesToBeSupported: grants = [],
  callbackUrl,
  additionalProperties = {},
}: Body<typeof GENERATE_FIELDS>): void {
  if (!callbackUrl && grants.some((grant) => grant === 'authorization_code' || grant === 'implicit')) {
    const why =
      'The callback url must have at least one URI value when using Authorization code or implicit grant types.';
    refuse(badRequest(why));
  }
  if (Object.values(settingsIn(additionalProperties)).some((value) => Number(value) < 0)) {
    const why = 'Invalid additional properties. Application configuration values cannot have negative values.';
    refuse(fault(400, 900970, 'Invalid application additional properties', why));
  }
}

/** Others are left out without a word. */
function settingsIn(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name.startsWith('ext_')));
}

/** Keys of a client that was made at the Key Manager's server by somebody else; one that is mapped already is refused. */
async function map(apim: Apim, application: Application, request: ServerRequest): Promise<Reply> {
  const { consumerKey = '', keyType = '', keyManager: named = RESIDENT_NAME } = readBody(request, MAP_FIELDS);
  const keyManager = usableKeyManager(apim, application, named);
  const isMapped = apim.store.state.applications.some(({ keys }) =>
    keys.some((key) => key.consumerKey === consumerKey),
  );
  if (isMapped) return FAULTS.MAPPING_EXISTS;
  const oauthApp = await serverOf(apim, { keyManagerId: keyManager.id }).read(consumerKey);
  const { grantTypes } = oauthApp;
  const ids = { keyMappingId: randomUUID(), keyManagerId: keyManager.id };
  const mapping: KeyMapping = { ...ids, keyType, callbackUrl: '', grantTypes, consumerKey };
  application.keys.push(mapping);
  await apim.store.save();
  return json(200, {
    ...keyOf(apim, named, mapping, oauthApp, { state: 'APPROVED', token: NO_TOKEN }),
    mode: 'MAPPED',
  });
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
): Promise<IssuedToken> {
  if (!keyManager.enableTokenGeneration || !grantTypes.includes('client_credentials')) return NO_TOKEN;
  const seconds = Number(validityTime) || DEFAULT_VALIDITY_SECONDS;
  const asked = serverOf(apim, mapping).requestToken(consumerKey, consumerSecret, scopes, seconds);
  return asked.catch(() => refuse(FAULTS.GENERAL));
}

const NO_TOKEN: IssuedToken = { accessToken: '', tokenScopes: ['N/A'], validityTime: 0 };

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
  const oauthApp = isReadable ? await serverOf(apim, mapping).read(consumerKey) : undefined;
  return keyOf(apim, name, mapping, oauthApp, {
    state: 'COMPLETED',
    token: { accessToken: null, tokenScopes: [], validityTime: 0 },
  });
}

/** @param shown what a generation and a look tell differently */
function keyOf(
  { home }: Apim,
  keyManager: string,
  mapping: KeyMapping,
  oauthApp: OAuthApp | undefined,
  shown: { readonly state: string; readonly token: unknown },
): Record<string, unknown> {
  return {
    keyMappingId: mapping.keyMappingId,
    keyManager,
    consumerKey: mapping.consumerKey ?? null,
    consumerSecret: oauthApp?.consumerSecret ?? null,
    ...(isAtLeast(home, '4.7') && { consumerSecrets: [] }),
    supportedGrantTypes: mapping.grantTypes.length > 0 ? mapping.grantTypes : [''],
    callbackUrl: mapping.callbackUrl,
    keyState: shown.state,
    keyType: mapping.keyType,
    mode: 'CREATED',
    groupId: null,
    token: shown.token,
    additionalProperties: oauthApp?.settings ?? {},
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
  const { consumerSecret, validityPeriod, scopes = [], grantType = 'CLIENT_CREDENTIALS' } = body;
  if (validityPeriod === undefined) return FAULTS.INTERNAL;
  if (grantType !== 'CLIENT_CREDENTIALS')
    return fault(400, 400, 'Bad Request', 'The sandbox does not play token exchange.');
  const { consumerKey } = mapping;
  if (consumerKey === undefined) return FAULTS.GENERAL;
  const server = serverOf(apim, mapping);
  const secret = consumerSecret ?? (await server.read(consumerKey)).consumerSecret;
  return json(200, await server.requestToken(consumerKey, secret, scopes, validityPeriod));
}
