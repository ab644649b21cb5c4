import type { Secret } from '../secret.js';
import type { ApiClient } from './api-client.js';
import { expectSuccess, invalidReply, objectOf, requireText } from './api-reply.js';
import { isObject, type JsonObject, objectsIn, textField } from './json.js';
import type { Payload } from './payload.js';

/** The least that reading and writing Key Managers and reading `/settings` needs. */
export const ADMIN_SCOPES = ['apim:keymanagers_manage', 'apim:admin_settings'] as const;

const ADMIN = '/api/am/admin/v4';

/** A Key Manager in the list; the list is not paged. */
export interface KeyManagerInfo {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** What deleting a Key Manager and asking who uses it needs besides. */
export const DELETE_SCOPE = 'apim:admin_operations';

/** What this server's connectors ask for. */
export async function readSettings(client: ApiClient, signal: AbortSignal): Promise<JsonObject> {
  const { reply, call } = await client.send({ method: 'GET', path: `${ADMIN}/settings` }, signal);
  const settings = objectOf(reply, call);
  if (!Array.isArray(settings['keyManagerConfiguration']))
    throw invalidReply(call, 'JSON without keyManagerConfiguration');
  return settings;
}

/** The Key Managers of the user's own tenant; global ones belong to none. */
export async function listKeyManagers(client: ApiClient, signal: AbortSignal): Promise<readonly KeyManagerInfo[]> {
  const { reply, call } = await client.send({ method: 'GET', path: `${ADMIN}/key-managers` }, signal);
  const { list } = objectOf(reply, call);
  if (!Array.isArray(list)) throw invalidReply(call, 'JSON without list');
  return objectsIn(list)
    .filter((item) => item['isGlobal'] !== true)
    .map((item) => ({
      id: requireText(item, 'id', call),
      name: requireText(item, 'name', call),
      type: textField(item, 'type') ?? '',
    }));
}

/** One Key Manager; its secrets come as `*****`. */
export async function getKeyManager(client: ApiClient, id: string, signal: AbortSignal): Promise<JsonObject> {
  const { reply, call } = await client.send({ method: 'GET', path: keyManagerPath(id) }, signal);
  const keyManager = objectOf(reply, call);
  for (const name of ['name', 'type']) requireText(keyManager, name, call);
  return keyManager;
}

/** A Key Manager as it is sent, and which of its values are secret. */
export interface KeyManagerBody {
  readonly payload: Payload;
  readonly secrets: readonly Secret[];
}

/**
 * Creates a Key Manager and gives the id that the server says, which may be one that does not exist: when two clients create the same
 * name at once, both are told 201 (carbon-apimgt, ApiMgtDAO.addKeyManagerConfiguration). Nothing else of the reply is used: it repeats
 * the password in clear.
 */
export async function createKeyManager(client: ApiClient, body: KeyManagerBody, signal: AbortSignal): Promise<string> {
  const { payload: json, secrets } = body;
  const { reply, call } = await client.send({ method: 'POST', path: `${ADMIN}/key-managers`, json, secrets }, signal);
  return requireText(objectOf(reply, call), 'id', call);
}

/** Replaces a Key Manager whole. The reply is not used: it repeats the password in clear. */
export async function updateKeyManager(
  client: ApiClient,
  id: string,
  { payload: json, secrets }: KeyManagerBody,
  signal: AbortSignal,
): Promise<void> {
  const { reply, call } = await client.send({ method: 'PUT', path: keyManagerPath(id), json, secrets }, signal);
  expectSuccess(reply, call);
}

/** Deletes a Key Manager; one that is gone already is success. @throws ApiRefusedError 412 while something uses it */
export async function deleteKeyManager(client: ApiClient, id: string, signal: AbortSignal): Promise<void> {
  const { reply, call } = await client.send({ method: 'DELETE', path: keyManagerPath(id) }, signal);
  if (reply.status !== 404) expectSuccess(reply, call);
}

/** The names of the APIs or applications that use a Key Manager. */
export async function readUsages(
  client: ApiClient,
  id: string,
  by: 'apis' | 'applications',
  signal: AbortSignal,
): Promise<readonly string[]> {
  const path = `${keyManagerPath(id)}/${by === 'apis' ? 'api-usages' : 'app-usages'}`;
  const { reply, call } = await client.send({ method: 'GET', path }, signal);
  return objectsIn(objectOf(reply, call)[by]).flatMap((user) => textField(user, 'name') ?? []);
}

/**
 * Has API Manager itself fetch an OpenID discovery document, for which it must reach that server and trust its certificate.
 *
 * @returns what it read; undefined when it says that the document is not valid
 */
export async function discover(
  client: ApiClient,
  { url, type }: { readonly url: string; readonly type: string },
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  const form = new FormData();
  form.set('url', url);
  form.set('type', type);
  const { reply, call } = await client.send({ method: 'POST', path: `${ADMIN}/key-managers/discover`, form }, signal);
  const { valid, value } = objectOf(reply, call);
  return valid === true && isObject(value) ? value : undefined;
}

function keyManagerPath(id: string): string {
  return `${ADMIN}/key-managers/${encodeURIComponent(id)}`;
}
