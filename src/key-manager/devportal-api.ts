import { Secret } from '../config/secret.js';
import type { ApiClient } from './api-client.js';
import { expectSuccess, objectOf, requireText } from './api-reply.js';
import { objectsIn } from './json.js';

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

/** The ids of the user's own applications of exactly this name. */
export async function findApplications(
  client: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `${DEVPORTAL}/applications?query=${encodeURIComponent(name)}`;
  const { reply, call } = await client.send({ method: 'GET', path }, signal);
  return objectsIn(objectOf(reply, call)['list'])
    .filter((application) => application['name'] === name)
    .map((application) => requireText(application, 'applicationId', call));
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

/** Has API Manager get an access token from the Key Manager with these keys. */
export async function generateToken(
  client: ApiClient,
  applicationId: string,
  keys: ApplicationKeys,
  signal: AbortSignal,
): Promise<Secret> {
  const consumerSecret = keys.consumerSecret.reveal();
  // Without validityPeriod the server fails with a null pointer.
  const json = { consumerSecret, validityPeriod: 3600, scopes: [], grantType: 'CLIENT_CREDENTIALS' };
  const path = `${keysPath(applicationId, keys)}/generate-token`;
  const { reply, call } = await client.send({ method: 'POST', path, json }, signal);
  return new Secret(requireText(objectOf(reply, call), 'accessToken', call));
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
