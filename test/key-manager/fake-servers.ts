import { createPublicKey, randomUUID, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createHttpClient, type HttpClient } from '../../src/http/client.js';
import { defaultKeyManager, type KeyManagerDeclaration } from '../../src/key-manager/declaration.js';
import type { ApimAccount } from '../../src/key-manager/sign-in.js';
import { Secret } from '../../src/secret.js';
import { makeCertificate } from '../support/certificates.js';
import { type ApimVersion, settingsOf } from './connector-settings.js';

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
}

/** What the servers are and do; a test changes it before or while it talks to them. */
export interface World {
  readonly url: string;
  version: ApimVersion;
  /** Answers a call instead of the server: `POST /oauth2/token`. */
  override: Record<string, (() => Answer | undefined) | undefined>;
  registrationsRefused: number;
  grantedScopes: string | undefined;
  /** The password that Identity Server takes from the connector, and the one it has stored for it. */
  is7Password: string;
  discoveredIssuer: string;
  tokenIssuer: string;
  /** Tokens of Identity Server that are active. */
  readonly tokens: Set<string>;
  /** Key generations that fail before the Key Manager is loaded, counted down. */
  loadingFailures: Answer[];
  readonly keyManagers: Map<string, KeyManagerBody>;
  readonly applications: Map<string, { name: string; keys: Set<string> }>;
  /** Every call, in order: `GET /api/am/admin/v4/settings`. */
  readonly calls: string[];
  readonly bodies: Map<string, unknown>;
}

type KeyManagerBody = Record<string, unknown> & { additionalProperties: Record<string, unknown> };

export const APIM_PASSWORD = 'apim-p4ss"word';
export const IS7_PASSWORD = 'is7-s3cret"word';
const TOP_LEVEL = new Set(
  (
    'id name displayName type description wellKnownEndpoint introspectionEndpoint clientRegistrationEndpoint tokenEndpoint displayTokenEndpoint ' +
    'revokeEndpoint displayRevokeEndpoint userInfoEndpoint authorizeEndpoint endpoints certificates issuer alias scopeManagementEndpoint ' +
    'availableGrantTypes enableTokenGeneration enableTokenEncryption enableTokenHashing enableMapOAuthConsumerApps enableOAuthAppCreation ' +
    'enableSelfValidationJWT claimMapping consumerKeyClaim scopesClaim tokenValidation enabled global additionalProperties permissions tokenType'
  ).split(' '),
);

const INTERNAL_ERROR = refusal(500, 500, 'Internal server error', 'The server encountered an internal error.');

const certificate = await makeCertificate('localhost');
const PUBLIC_KEY = { ...createPublicKey(certificate.cert).export({ format: 'jwk' }), kid: 'signing' };

/** Lends both servers on one loopback port, answering as API Manager and Identity Server do, and a client that trusts them. */
export async function withServers<T>(
  use: (
    world: World,
    http: HttpClient,
    client: { account: ApimAccount; declaration: KeyManagerDeclaration },
  ) => Promise<T>,
): Promise<T> {
  const server = createServer({ key: certificate.key, cert: certificate.cert });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const world = newWorld(url);
  server.on('request', (request, response) => void answer(world, request, response));
  const http = createHttpClient({ trust: async () => ({ ca: [certificate.cert], pinnedSha256: [] }) });
  const account = { url, username: 'admin', password: new Secret(APIM_PASSWORD) };
  const password = new Secret(IS7_PASSWORD);
  const declaration = defaultKeyManager({
    is7Url: url,
    publicUrl: url,
    login: { username: 'is7-admin', password },
    roleCreation: false,
  });
  try {
    return await use(world, http, { account, declaration });
  } finally {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function newWorld(url: string): World {
  return {
    url,
    version: '4.5',
    override: {},
    registrationsRefused: 0,
    grantedScopes: undefined,
    is7Password: IS7_PASSWORD,
    discoveredIssuer: `${url}/oauth2/token`,
    tokenIssuer: `${url}/oauth2/token`,
    tokens: new Set(),
    loadingFailures: [],
    keyManagers: new Map(),
    applications: new Map(),
    calls: [],
    bodies: new Map(),
  };
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').replace(/\?.*/, '');
  const call = `${request.method} ${path}`;
  world.calls.push(call);
  const body = await text(request);
  world.bodies.set(call, body);
  const { status, body: answered } = world.override[call]?.() ?? route(world, call, body, request);
  const json = typeof answered === 'string' ? answered : JSON.stringify(answered ?? '');
  response.writeHead(status, { 'content-type': 'application/json' }).end(answered === undefined ? '' : json);
}

function route(world: World, call: string, body: string, request: IncomingMessage): Answer {
  const [method, path = ''] = call.split(' ');
  const authorization = request.headers.authorization ?? '';
  if (call === 'POST /client-registration/v0.17/register') return register(world, authorization);
  if (call === 'POST /oauth2/token') return token(world, new URLSearchParams(body));
  if (call === 'POST /oauth2/introspect') return introspect(world, authorization, new URLSearchParams(body));
  if (call === 'POST /oauth2/revoke') return revoke(world, new URLSearchParams(body));
  if (call === 'GET /oauth2/jwks') return { status: 200, body: { keys: [PUBLIC_KEY] } };
  if (call === 'POST /api/identity/oauth2/dcr/v1.1/register') return registerAtIs7(world, authorization);
  if (!authorization.startsWith('Bearer token-')) return refusal(401, 401, '', 'Unauthenticated request');
  if (path.startsWith('/api/am/admin/v4/')) return admin(world, `${method} ${path.slice(16)}`, body);
  if (path.startsWith('/api/am/devportal/v3/')) return devPortal(world, `${method} ${path.slice(20)}`, body);
  return { status: 404, body: '<!DOCTYPE html>' };
}

function register(world: World, authorization: string): Answer {
  if (authorization !== basic('admin', APIM_PASSWORD)) return refusal(401, 401, 'Unauthorized', '');
  if (world.registrationsRefused-- > 0) {
    return refusal(500, 500, 'Dynamic Client Registration Service not available.', '');
  }
  return { status: 200, body: { clientId: 'client', clientSecret: 'client-secret', clientName: 'km-bootstrap' } };
}

function token(world: World, form: URLSearchParams): Answer {
  if (form.get('password') !== APIM_PASSWORD) return { status: 400, body: { error: 'invalid_grant' } };
  const scope = world.grantedScopes ?? form.get('scope');
  return { status: 200, body: { access_token: `token-${randomUUID()}`, scope, expires_in: 3600 } };
}

function introspect(world: World, authorization: string, form: URLSearchParams): Answer {
  if (authorization !== basic('is7-admin', world.is7Password)) return { status: 401 };
  return { status: 200, body: { active: world.tokens.has(form.get('token') ?? '') } };
}

function revoke(world: World, form: URLSearchParams): Answer {
  world.tokens.delete(form.get('token') ?? '');
  return { status: 200 };
}

/** Nothing is ever registered here for real: the one body that comes is the empty one of the diagnosis. */
function registerAtIs7(world: World, authorization: string): Answer {
  if (authorization !== basic('is7-admin', world.is7Password)) return { status: 401 };
  return { status: 400, body: { error: 'invalid_client_metadata' } };
}

function admin(world: World, call: string, body: string): Answer {
  if (call === 'GET /settings') return { status: 200, body: settingsOf(world.version) };
  if (call === 'GET /key-managers') {
    const list = [...world.keyManagers].map(([id, { name, type }]) => ({ id, name, type, isGlobal: false }));
    return { status: 200, body: { count: list.length, list } };
  }
  if (call === 'POST /key-managers') return create(world, JSON.parse(body) as KeyManagerBody);
  if (call === 'POST /key-managers/discover') {
    return { status: 200, body: { valid: true, value: { issuer: world.discoveredIssuer } } };
  }
  const [method, id = ''] = call.split(' /key-managers/');
  const found = world.keyManagers.get(id);
  if (!found) return refusal(404, 901411, 'Key Manager not found', '');
  if (method === 'GET') return { status: 200, body: mask(found, id) };
  return replace(world, id, found, JSON.parse(body) as KeyManagerBody);
}

function create(world: World, body: KeyManagerBody): Answer {
  const problem = problemOf(world, body);
  if (problem) return problem;
  const taken = [...world.keyManagers.values()].some(({ name }) => name === body['name']);
  if (taken) return refusal(409, 901402, 'Key Manager Already Exists', '');
  const id = randomUUID();
  world.keyManagers.set(id, body);
  return { status: 201, body: { ...body, id } };
}

function replace(world: World, id: string, old: KeyManagerBody, body: KeyManagerBody): Answer {
  const problem = problemOf(world, body);
  if (problem) return problem;
  const properties = Object.entries(body.additionalProperties).map(([name, value]) => [
    name,
    value === '*****' && old.additionalProperties[name] !== undefined ? old.additionalProperties[name] : value,
  ]);
  const stored = { ...body, additionalProperties: Object.fromEntries(properties) };
  world.keyManagers.set(id, stored);
  return { status: 200, body: { ...stored, id } };
}

function problemOf(world: World, body: KeyManagerBody): Answer | undefined {
  const known = new Set([...TOP_LEVEL, ...(Number(world.version) >= 4.5 ? ['allowedOrganizations'] : [])]);
  if (Object.keys(body).some((field) => !known.has(field)))
    return refusal(400, 400, 'Bad Request', 'Unrecognized property');
  const needed = ['clientRegistrationEndpoint', 'introspectionEndpoint', 'tokenEndpoint', 'revokeEndpoint'];
  const properties =
    world.version === '4.3' ? ['Username', 'Password'] : ['Username', 'Password', 'is7_roles_endpoint'];
  if (needed.every((field) => body[field]) && properties.every((key) => key in body.additionalProperties))
    return undefined;
  return refusal(400, 901401, 'Required Key Manager configuration missing', 'Missing required configuration');
}

function mask(body: KeyManagerBody, id: string): unknown {
  const { Password, ...rest } = body.additionalProperties;
  const masked = Password === undefined ? {} : { Password: '*****' };
  return {
    ...body,
    id,
    description: body['description'] ?? null,
    permissions: { permissionType: 'PUBLIC', roles: [] },
    additionalProperties: { ...rest, ...masked, self_validate_jwt: true },
  };
}

function devPortal(world: World, call: string, body: string): Answer {
  if (call === 'POST /applications') {
    const applicationId = randomUUID();
    const { name } = JSON.parse(body) as { name: string };
    world.applications.set(applicationId, { name, keys: new Set() });
    return { status: 201, body: { applicationId, name } };
  }
  if (call === 'GET /applications') {
    const list = [...world.applications].map(([applicationId, { name }]) => ({ applicationId, name }));
    return { status: 200, body: { count: list.length, list } };
  }
  const [, method, id = '', rest = ''] = /^(\w+) \/applications\/([^/]+)(.*)$/.exec(call) ?? [];
  const application = world.applications.get(id);
  if (!application) return refusal(404, 404, 'Not Found', '');
  if (rest === '/generate-keys') return keysFor(world, application);
  if (rest.endsWith('/generate-token')) return tokenFor(world, body);
  if (method === 'DELETE' && rest === '') world.applications.delete(id);
  return { status: 200 };
}

/** As the real server: what fails inside leaves a row behind, which blocks a second try on the same application. */
function keysFor(world: World, application: { keys: Set<string> }): Answer {
  if (application.keys.size > 0) return refusal(409, 901409, 'Key Mappings already exists', '');
  const keyMappingId = randomUUID();
  application.keys.add(keyMappingId);
  const failure = world.loadingFailures.shift();
  if (failure) return failure;
  const [keyManager] = [...world.keyManagers.values()];
  if (keyManager?.additionalProperties['Password'] !== world.is7Password) return INTERNAL_ERROR;
  return { status: 200, body: { keyMappingId, consumerKey: 'key', consumerSecret: 'secret', keyState: 'APPROVED' } };
}

function tokenFor(world: World, body: string): Answer {
  if ((JSON.parse(body) as { validityPeriod?: number }).validityPeriod === undefined) return INTERNAL_ERROR;
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: world.tokenIssuer, azp: 'key', iat: now, exp: now + 3600 };
  const signed = [{ alg: 'RS256', kid: PUBLIC_KEY.kid }, claims].map(base64Url).join('.');
  const signature = sign('sha256', Buffer.from(signed), certificate.key).toString('base64url');
  const accessToken = `${signed}.${signature}`;
  world.tokens.add(accessToken);
  return { status: 200, body: { accessToken, validityTime: 3600 } };
}

function base64Url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** An error as API Manager words it. */
export function refusal(status: number, code: number, message: string, description: string): Answer {
  return { status, body: { code, message, description, moreInfo: '', error: [] } };
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
