import { randomUUID } from 'node:crypto';
import { empty, json, type Reply } from '../http/reply.js';
import type { ServerRequest } from '../http/request.js';
import { type Handler, type Route, route } from '../http/router.js';
import type { Apim } from './apim.js';
import { allowing } from './authorize.js';
import { FAULTS, refuse } from './faults.js';
import { checkKeyManager } from './key-manager-check.js';
import type { KeyManager } from './key-manager-fields.js';
import { hidingSecrets, keepingSecrets, presented, readKeyManager } from './key-manager-text.js';
import { ensureResident, RESIDENT_NAME } from './resident.js';

const PATH = '/api/am/admin/v4/key-managers';

/** The scopes that may see and write Key Managers; deleting one takes more. */
export const MANAGING = ['apim:admin', 'apim:admin_operations', 'apim:keymanagers_manage'];
const DELETING = ['apim:admin', 'apim:admin_operations'];

/** The Key Managers of the Admin API. None of these operations calls the Key Manager: its endpoints are stored, not contacted. */
export function keyManagerRoutes(apim: Apim): readonly Route[] {
  return [
    route(
      'GET',
      PATH,
      allowing(apim, MANAGING, () => list(apim)),
    ),
    route(
      'POST',
      PATH,
      allowing(apim, MANAGING, (request) => create(apim, request)),
    ),
    route('GET', `${PATH}/{id}`, allowing(apim, MANAGING, withKeyManager(apim, read))),
    route('PUT', `${PATH}/{id}`, allowing(apim, MANAGING, withKeyManager(apim, update))),
    route('DELETE', `${PATH}/{id}`, allowing(apim, DELETING, withKeyManager(apim, remove))),
  ];
}

function withKeyManager(
  apim: Apim,
  use: (apim: Apim, keyManager: KeyManager, request: ServerRequest) => Reply | Promise<Reply>,
): Handler {
  return (request, { id }) => {
    const found = apim.store.state.keyManagers.find((keyManager) => keyManager.id === id);
    return use(apim, found ?? refuse(FAULTS.KEY_MANAGER_UNKNOWN), request);
  };
}

async function list(apim: Apim): Promise<Reply> {
  await ensureResident(apim);
  const infos = apim.store.state.keyManagers.map((keyManager) => ({
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

/** The answer holds the secrets in the clear, as the real one does. */
async function create(apim: Apim, request: ServerRequest): Promise<Reply> {
  const { keyManagers } = apim.store.state;
  const keyManager = readKeyManager(apim.home, request, randomUUID());
  if (keyManagers.some(({ name }) => name === keyManager.name)) return FAULTS.NAME_TAKEN;
  checkKeyManager(apim.home, keyManager);
  keyManagers.push(keyManager);
  await apim.store.save();
  apim.loaded.load(keyManager);
  return json(201, presented(apim.home, keyManager), { location: `${PATH}/${keyManager.id}` });
}

function read({ home }: Apim, keyManager: KeyManager): Reply {
  return json(200, presented(home, hidingSecrets(home, keyManager)));
}

/** Replaces everything: what the body leaves out is lost, but for secrets that it sends as `*****`. */
async function update(apim: Apim, old: KeyManager, request: ServerRequest): Promise<Reply> {
  const sent = readKeyManager(apim.home, request, old.id);
  if (sent.name !== old.name) return FAULTS.NAME_IMMUTABLE;
  const keyManager = keepingSecrets(apim.home, sent, old);
  checkKeyManager(apim.home, keyManager);
  const { keyManagers } = apim.store.state;
  keyManagers[keyManagers.indexOf(old)] = keyManager;
  await apim.store.save();
  apim.loaded.load(keyManager);
  return json(200, presented(apim.home, keyManager));
}

async function remove(apim: Apim, keyManager: KeyManager): Promise<Reply> {
  if (keyManager.name === RESIDENT_NAME || isUsed(apim, keyManager)) return FAULTS.DELETE_REFUSED;
  const { state } = apim.store;
  state.keyManagers = state.keyManagers.filter(({ id }) => id !== keyManager.id);
  await apim.store.save();
  apim.loaded.unload(keyManager.id);
  return empty(200);
}

function isUsed({ store }: Apim, { id }: KeyManager): boolean {
  return store.state.applications.some(({ keys }) => keys.some(({ keyManagerId }) => keyManagerId === id));
}
