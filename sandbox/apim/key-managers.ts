import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { empty, json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing, type User, type UserHandler } from './authorize.js';
import { FAULTS, refuse } from './faults.js';
import { checkIdentityProvider, checkKeyManager, checkReadOnly } from './key-manager-check.js';
import type { KeyManager } from './key-manager-fields.js';
import { hidingSecrets, keepingSecrets, presented, readKeyManager } from './key-manager-text.js';
import { keyManagersOf, RESIDENT_NAME } from './resident.js';

const PATH = '/api/am/admin/v4/key-managers';

/** The scopes that may see and write Key Managers; deleting one takes more. */
export const MANAGING = ['apim:admin', 'apim:admin_operations', 'apim:keymanagers_manage'];
/** Between the check of a name and its row, milliseconds. */
const INSERT_MS = 10;
const DELETING = ['apim:admin', 'apim:admin_operations'];

/** The Key Managers of the Admin API. None of these operations calls the Key Manager: its endpoints are stored, not contacted. */
export function keyManagerRoutes(apim: Apim): readonly Route[] {
  return [
    route(
      'GET',
      PATH,
      allowing(apim, MANAGING, (_request, user) => list(apim, user)),
    ),
    route(
      'POST',
      PATH,
      allowing(apim, MANAGING, (request, user) => create(apim, user, request)),
    ),
    route('GET', `${PATH}/{id}`, allowing(apim, MANAGING, withKeyManager(apim, read))),
    route('PUT', `${PATH}/{id}`, allowing(apim, MANAGING, withKeyManager(apim, update))),
    route('GET', `${PATH}/{id}/api-usages`, allowing(apim, DELETING, withKeyManager(apim, readApis))),
    route('GET', `${PATH}/{id}/app-usages`, allowing(apim, DELETING, withKeyManager(apim, readApplications))),
    route('DELETE', `${PATH}/{id}`, allowing(apim, DELETING, withKeyManager(apim, remove))),
  ];
}

function withKeyManager(
  apim: Apim,
  use: (apim: Apim, keyManager: KeyManager, request: ServerRequest) => Reply | Promise<Reply>,
): UserHandler {
  return (request, { tenant }, { id }) => {
    const { keyManagers } = apim.store.state;
    const found = keyManagers.find((keyManager) => keyManager.id === id && keyManager.tenant === tenant);
    return use(apim, found ?? refuse(FAULTS.KEY_MANAGER_UNKNOWN), request);
  };
}

async function list(apim: Apim, user: User): Promise<Reply> {
  const infos = (await keyManagersOf(apim, user)).map((keyManager) => ({
    id: keyManager.id,
    name: keyManager.name,
    type: keyManager.type,
    description: keyManager.description ?? null,
    enabled: keyManager.enabled,
    isGlobal: false,
    isUsed: isUsed(apim, keyManager),
    tokenType: keyManager.tokenType,
  }));
  return json(200, { count: infos.length, list: infos });
}

/**
 * The answer holds the secrets in the clear, as the real one does. Of two clients that create one name at once, both pass the check, and
 * the row of the second is refused by a constraint that is only logged: 201, with an id that does not exist (ApiMgtDAO).
 */
async function create(apim: Apim, { tenant }: User, request: ServerRequest): Promise<Reply> {
  const keyManager = { ...readKeyManager(apim.home, request, randomUUID()), tenant };
  const isTaken = () =>
    apim.store.state.keyManagers.some((found) => found.name === keyManager.name && found.tenant === tenant);
  if (isTaken()) return FAULTS.NAME_TAKEN;
  checkKeyManager(apim.home, keyManager);
  checkIdentityProvider(apim, keyManager, 'add');
  await sleep(INSERT_MS);
  if (isTaken()) return json(201, presented(apim.home, keyManager), { location: locationOf(apim, keyManager) });
  apim.store.state.keyManagers.push(keyManager);
  await apim.store.save();
  apim.loaded.load(keyManager);
  return json(201, presented(apim.home, keyManager), { location: locationOf(apim, keyManager) });
}

/** Without the version of the API. */
function locationOf({ url }: Apim, { id }: KeyManager): string {
  return `${url}/api/am/admin/key-managers/${id}`;
}

function read(apim: Apim, keyManager: KeyManager): Reply {
  const { home } = apim;
  checkIdentityProvider(apim, keyManager, 'get');
  return json(200, presented(home, hidingSecrets(home, keyManager)));
}

/**
 * Replaces everything: what the body leaves out is lost, but for secrets that it sends as `*****`. One that is for no organization can be
 * made and not changed.
 */
async function update(apim: Apim, old: KeyManager, request: ServerRequest): Promise<Reply> {
  const sent = readKeyManager(apim.home, request, old.id);
  if (sent.name !== old.name) return FAULTS.NAME_IMMUTABLE;
  const keyManager = { ...keepingSecrets(apim.home, sent, old), tenant: old.tenant };
  if (keyManager.allowedOrganizations?.includes('NONE')) return FAULTS.GENERAL;
  checkKeyManager(apim.home, keyManager);
  checkReadOnly(apim, keyManager, old);
  const { keyManagers } = apim.store.state;
  keyManagers[keyManagers.indexOf(old)] = keyManager;
  await apim.store.save();
  apim.loaded.load(keyManager);
  return json(200, presented(apim.home, keyManager));
}

async function remove(apim: Apim, keyManager: KeyManager): Promise<Reply> {
  if (keyManager.name === RESIDENT_NAME || isUsed(apim, keyManager)) return FAULTS.DELETE_REFUSED;
  checkIdentityProvider(apim, keyManager, 'delete');
  const { state } = apim.store;
  state.keyManagers = state.keyManagers.filter(({ id }) => id !== keyManager.id);
  await apim.store.save();
  apim.loaded.unload(keyManager.id);
  return empty(200);
}

/** APIs name no Key Manager here: there is no Publisher. */
function readApis(): Reply {
  return json(200, { apiCount: 0, apis: [] });
}

function readApplications({ store }: Apim, { id }: KeyManager, { query }: ServerRequest): Reply {
  if (Number(query.get('offset') ?? 0) < 0) return FAULTS.INTERNAL;
  const users = store.state.applications.filter(({ keys }) => keys.some(({ keyManagerId }) => keyManagerId === id));
  const applications = users.map(({ applicationId, name, owner, tenant }) => ({
    uuid: applicationId,
    name,
    owner,
    organization: tenant ?? 'carbon.super',
  }));
  return json(200, { applicationCount: applications.length, applications });
}

function isUsed({ store }: Apim, { id }: KeyManager): boolean {
  return store.state.applications.some(({ keys }) => keys.some(({ keyManagerId }) => keyManagerId === id));
}
