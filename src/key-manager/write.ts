import { BootstrapError, UnreachableError } from '../errors.js';
import {
  createKeyManager,
  deleteKeyManager,
  getKeyManager,
  type KeyManagerBody,
  readUsages,
  updateKeyManager,
} from './admin-api.js';
import { ApiRefusedError } from './api-reply.js';
import { mergeForUpdate } from './compare.js';
import { readConnector } from './connector.js';
import { MESSAGES } from './errors.js';
import { FINGERPRINT_KEY } from './fingerprint.js';
import { buildPayload, missingIn, secretToSend } from './payload.js';
import type { ActualKeyManager, KeyManagerState } from './state.js';
import type { Tenant } from './tenant.js';
import { removeLeftovers } from './throwaway-application.js';

/** What came of creating: ours is there, or one of this name that may be somebody else's. */
export type Creation = 'ours' | 'to-be-read';

const NAME_TAKEN = 901402;
const CONFIGURATION_MISSING = 901401;
const DELETE_REFUSED = 902015;
const ATTEMPTS = 3;

/**
 * Creates a Key Manager and makes sure that it is there. A request whose answer was lost is repeated only after a look.
 *
 * @throws BootstrapError `KEY_MANAGER_CONFLICT`, `API_REFUSED`, and those of the client
 */
export async function create(tenant: Tenant, state: KeyManagerState, signal: AbortSignal): Promise<Creation> {
  const { name } = state.declaration;
  const body = bodyOf(tenant, state);
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryToCreate(tenant, body, signal);
    tenant.forgetList();
    const existing = await tenant.find(name, signal);
    if (existing) return existing.id === outcome ? 'ours' : 'to-be-read';
    if (!(outcome instanceof UnreachableError)) throw notThere(state);
    if (attempt === ATTEMPTS) throw outcome;
  }
}

/** @returns the id that the server says, `taken`, or what kept its answer from us */
async function tryToCreate(
  tenant: Tenant,
  body: KeyManagerBody,
  signal: AbortSignal,
): Promise<string | 'taken' | UnreachableError> {
  try {
    return await createKeyManager(tenant.client, body, signal);
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    if (error instanceof ApiRefusedError && (error.apiCode === NAME_TAKEN || error.status === 409)) return 'taken';
    throw error;
  }
}

/** Replaces a Key Manager with what is declared over what is there, its secret included. */
export async function update(tenant: Tenant, state: KeyManagerState, id: string, signal: AbortSignal): Promise<void> {
  const { payload: declared, secrets } = bodyOf(tenant, state);
  // Read again right before it is replaced whole: what others changed meanwhile stays.
  const payload = mergeForUpdate(declared, await getKeyManager(tenant.client, id, signal));
  await updateKeyManager(tenant.client, id, { payload, secrets }, signal);
}

/**
 * Deletes a Key Manager that nothing uses.
 *
 * @throws BootstrapError `KEY_MANAGER_IN_USE` names what uses it
 */
export async function remove(
  tenant: Tenant,
  name: string,
  { id }: ActualKeyManager,
  signal: AbortSignal,
): Promise<void> {
  if (await refusedDeletion(tenant, id, signal)) {
    // What a killed proof left behind uses it, too.
    await removeLeftovers(tenant.client, signal);
    const refusal = await refusedDeletion(tenant, id, signal);
    if (refusal) throw await inUse(tenant, name, id, refusal, signal);
  }
  tenant.forgetList();
}

/** The refusal of a Key Manager that is used; undefined when it is deleted. */
async function refusedDeletion(
  { client }: Tenant,
  id: string,
  signal: AbortSignal,
): Promise<ApiRefusedError | undefined> {
  try {
    await deleteKeyManager(client, id, signal);
    return undefined;
  } catch (error) {
    if (error instanceof ApiRefusedError && (error.apiCode === DELETE_REFUSED || error.status === 412)) return error;
    throw error;
  }
}

/** The server says only that something is missing, so its settings are compared with what we send. */
export async function namingWhatIsMissing<T>(
  tenant: Tenant,
  state: KeyManagerState,
  signal: AbortSignal,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof ApiRefusedError) || error.apiCode !== CONFIGURATION_MISSING) throw error;
    tenant.forgetSettings();
    const { declaration } = state;
    const connector = readConnector(await tenant.settings(signal), declaration.type, tenant.apim);
    const missing = missingIn(bodyOf(tenant, state).payload, connector);
    const named = missing.join('; ') || 'but everything that its settings ask for was sent';
    throw new BootstrapError(MESSAGES.API_REFUSED.roles(error.message, named, error.hint), {
      cause: error,
    });
  }
}

function bodyOf({ fingerprints }: Tenant, { declaration, connector }: KeyManagerState): KeyManagerBody {
  const payload = buildPayload(declaration, connector, 'clear');
  const secret = secretToSend(declaration, connector);
  if (!secret) return { payload, secrets: [] };
  const fingerprint = { [FINGERPRINT_KEY]: fingerprints.make(secret) };
  const additionalProperties = { ...payload.additionalProperties, ...fingerprint };
  return { payload: { ...payload, additionalProperties }, secrets: [secret] };
}

async function inUse(
  { client }: Tenant,
  name: string,
  id: string,
  cause: unknown,
  signal: AbortSignal,
): Promise<BootstrapError> {
  const users = await Promise.all(
    (['applications', 'apis'] as const).map(async (by) => {
      const names = await readUsages(client, id, by, signal).catch(() => []);
      return names.length === 0 ? [] : [`${by === 'apis' ? 'APIs' : by} ${shortened(names)}`];
    }),
  );
  const by = users.flat().join(' and ') || 'something that API Manager does not name';
  return new BootstrapError(MESSAGES.KEY_MANAGER_IN_USE(name, by), { cause });
}

const SHOWN = 5;

function shortened(names: readonly string[]): string {
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function notThere({ declaration: { name }, apimUrl }: KeyManagerState): BootstrapError {
  return new BootstrapError(MESSAGES.KEY_MANAGER_CONFLICT.notThere(apimUrl, name));
}
