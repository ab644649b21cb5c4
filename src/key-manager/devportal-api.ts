import { Secret } from '../secret.js';
import type { ApiClient } from './api-client.js';
import { expectSuccess, objectOf, requireText } from './api-reply.js';
import { objectsIn, textField } from './json.js';

/** The least that making, using and removing an application needs. */
export const DEVPORTAL_SCOPES = ['apim:subscribe', 'apim:app_manage'] as const;

const DEVPORTAL = '/api/am/devportal/v3';

/** Keys of an application at one Key Manager. */
export interface ApplicationKeys {
  readonly keyMappingId: string;
  readonly consumerKey: string;
  readonly consumerSecret: Secret;
}

/** Creates an application and gives its id. */
export async function createApplication(client: ApiClient, name: string, signal: AbortSignal): Promise<string> {
  const description = 'Made by km-bootstrap verify, and removed by it at once.';
  const json = { name, throttlingPolicy: 'Unlimited', description, tokenType: 'JWT' };
  const { reply, call } = await client.send({ method: 'POST', path: `${DEVPORTAL}/applications`, json }, signal);
  return requireText(objectOf(reply, call), 'applicationId', call);
}

/** An application of the user's own. */
export interface ApplicationInfo {
  readonly id: string;
  readonly name: string;
}

const PAGE = 100;

/** The user's own applications whose names begin like this; at most the first hundred that match. */
export async function findApplications(
  client: ApiClient,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly ApplicationInfo[]> {
  const path = `${DEVPORTAL}/applications?query=${encodeURIComponent(prefix)}&limit=${PAGE}`;
  const { reply, call } = await client.send({ method: 'GET', path }, signal);
  return objectsIn(objectOf(reply, call)['list'])
    .map((found) => ({ id: requireText(found, 'applicationId', call), name: requireText(found, 'name', call) }))
    .filter(({ name }) => name.startsWith(prefix));
}

/** Removes an application, and with it its clients at their Key Managers. One that is gone already is success. */
export async function deleteApplication(client: ApiClient, id: string, signal: AbortSignal): Promise<void> {
  const { reply, call } = await client.send({ method: 'DELETE', path: applicationPath(id) }, signal);
  if (reply.status !== 404) expectSuccess(reply, call);
}

/** Has API Manager register a client for the application at the Key Manager. */
export async function generateKeys(
  client: ApiClient,
  { applicationId, keyManager }: { readonly applicationId: string; readonly keyManager: string },
  signal: AbortSignal,
): Promise<ApplicationKeys> {
  const json = { keyType: 'PRODUCTION', keyManager, grantTypesToBeSupported: ['client_credentials'] };
  const path = `${applicationPath(applicationId)}/generate-keys`;
  const { reply, call } = await client.send({ method: 'POST', path, json }, signal);
  const keys = objectOf(reply, call);
  return {
    keyMappingId: requireText(keys, 'keyMappingId', call),
    consumerKey: requireText(keys, 'consumerKey', call),
    consumerSecret: new Secret(requireText(keys, 'consumerSecret', call)),
  };
}

/** An access token, and what API Manager's own clock showed when it gave it (milliseconds; undefined when it does not say). */
export interface GeneratedToken {
  readonly token: Secret;
  readonly scopes: readonly string[];
  readonly apimClockMs: number | undefined;
}

export interface TokenRequest {
  readonly applicationId: string;
  readonly keys: ApplicationKeys;
  readonly scopes: readonly string[];
}

/** Has API Manager get an access token from the Key Manager with these keys. */
export async function generateToken(
  client: ApiClient,
  { applicationId, keys, scopes }: TokenRequest,
  signal: AbortSignal,
): Promise<GeneratedToken> {
  const consumerSecret = keys.consumerSecret.reveal();
  // Without validityPeriod the server fails with a null pointer.
  const json = { consumerSecret, validityPeriod: 3600, scopes, grantType: 'CLIENT_CREDENTIALS' };
  const path = `${keysPath(applicationId, keys)}/generate-token`;
  const { reply, call } = await client.send({ method: 'POST', path, json, secrets: [keys.consumerSecret] }, signal);
  const body = objectOf(reply, call);
  const clock = Date.parse(reply.headers['date'] ?? '');
  return {
    token: new Secret(requireText(body, 'accessToken', call)),
    scopes: Array.isArray(body['tokenScopes']) ? body['tokenScopes'].map(String) : [],
    apimClockMs: Number.isNaN(clock) ? undefined : clock,
  };
}

/** Subscribes an application to an API, with the first policy that the API offers. */
export async function subscribe(
  client: ApiClient,
  { applicationId, apiId }: { readonly applicationId: string; readonly apiId: string },
  signal: AbortSignal,
): Promise<void> {
  const api = await client.send({ method: 'GET', path: `${DEVPORTAL}/apis/${encodeURIComponent(apiId)}` }, signal);
  const [tier] = objectsIn(objectOf(api.reply, api.call)['tiers']);
  const throttlingPolicy = (tier && textField(tier, 'tierName')) ?? 'Unlimited';
  const json = { applicationId, apiId, throttlingPolicy };
  const { reply, call } = await client.send({ method: 'POST', path: `${DEVPORTAL}/subscriptions`, json }, signal);
  expectSuccess(reply, call);
}

/** Removes keys, and with them the client at the Key Manager. */
export async function deleteKeys(
  client: ApiClient,
  applicationId: string,
  keys: ApplicationKeys,
  signal: AbortSignal,
): Promise<void> {
  const { reply, call } = await client.send({ method: 'DELETE', path: keysPath(applicationId, keys) }, signal);
  expectSuccess(reply, call);
}

function keysPath(applicationId: string, { keyMappingId }: ApplicationKeys): string {
  return `${applicationPath(applicationId)}/oauth-keys/${encodeURIComponent(keyMappingId)}`;
}

function applicationPath(id: string): string {
  return `${DEVPORTAL}/applications/${encodeURIComponent(id)}`;
}
