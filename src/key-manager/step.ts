import { Secret } from '../config/secret.js';
import { BootstrapError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import type { PlannedChange, Step } from '../step/step.js';
import {
  ADMIN_SCOPES,
  createKeyManager,
  getKeyManager,
  getSettings,
  type KeyManagerBody,
  listKeyManagers,
  updateKeyManager,
} from './admin-api.js';
import { type ApiClient, createApiClient } from './api-client.js';
import { ApiRefusedError } from './api-reply.js';
import { differences } from './compare.js';
import { type Connector, readConnector } from './connector.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { DEVPORTAL_SCOPES } from './devportal-api.js';
import type { JsonObject } from './json.js';
import { mergeForUpdate } from './merge.js';
import { buildPayload, missingIn } from './payload.js';
import { type ProofLevel, proveKeyManager } from './proof.js';
import type { ApimAccount } from './sign-in.js';

export interface KeyManagerStepOptions {
  readonly declaration: KeyManagerDeclaration;
  readonly apim: ApimAccount;
  /** To API Manager. */
  readonly http: HttpClient;
  /** To Identity Server, for a diagnosis when the proof fails; without it that names more than one possible cause. */
  readonly is7Http?: HttpClient;
  readonly proof: ProofLevel;
  /** Send the connector's secret once although it seems unchanged. */
  readonly resendSecret: boolean;
  /** How long API Manager may take to bring up its client registration, or to load a Key Manager; milliseconds. Default 60 s. */
  readonly patienceMs?: number;
}

export interface KeyManagerState {
  readonly declaration: KeyManagerDeclaration;
  readonly connector: Connector;
  readonly apimUrl: string;
  /** As the server has it, secrets masked; absent when there is none of this name. */
  readonly actual?: { readonly id: string; readonly fields: JsonObject };
  readonly secrets: 'keep' | 'resend';
}

export interface KeyManagerChange extends PlannedChange {
  readonly state: KeyManagerState;
}

/**
 * The fact that API Manager has this Key Manager, each declared field as declared. What is not declared stays as it is found.
 *
 * Throws `CREDENTIALS_REFUSED`, `CONNECTOR_MISSING`, `KEY_MANAGER_INVALID`, `KEY_MANAGER_CONFLICT`, `API_REFUSED`, `API_REPLY_INVALID`,
 * and `PROOF_FAILED` or `ISSUER_MISMATCH` from `prove`.
 */
export function keyManagerStep(options: KeyManagerStepOptions): Step<KeyManagerState, KeyManagerChange> {
  const { declaration, http, is7Http, apim: account, proof: level, patienceMs = 60_000 } = options;
  const admin = createApiClient({ http, account, scopes: ADMIN_SCOPES, patienceMs });
  const devPortal = createApiClient({ http, account, scopes: DEVPORTAL_SCOPES, patienceMs });
  // The one thing the world cannot tell: the server shows the same mask before and after a secret was sent.
  let secrets: KeyManagerState['secrets'] = options.resendSecret ? 'resend' : 'keep';

  return {
    id: `key-manager/${declaration.name}`,
    needs: ['health/is7', 'health/apim'],
    async inspect(signal) {
      return { ...(await readState(admin, declaration, signal)), secrets };
    },
    plan: planKeyManager,
    async apply({ state }, signal) {
      await namingWhatIsMissing(admin, state, signal, () =>
        state.actual ? update(admin, state, state.actual.id, signal) : create(admin, state, signal),
      );
      secrets = 'keep';
    },
    prove(signal) {
      return proveKeyManager({ declaration, level, admin, devPortal, is7Http, patienceMs }, signal);
    },
  };
}

async function readState(
  admin: ApiClient,
  declaration: KeyManagerDeclaration,
  signal: AbortSignal,
): Promise<Omit<KeyManagerState, 'secrets'>> {
  const { url: apimUrl } = admin.account;
  const connector = readConnector(await getSettings(admin, signal), declaration.type, apimUrl);
  // Says what is missing before anything is planned.
  buildPayload(declaration, connector, 'masked');
  const found = (await listKeyManagers(admin, signal)).find(({ name }) => name === declaration.name);
  if (!found) return { declaration, connector, apimUrl };
  const fields = await getKeyManager(admin, found.id, signal);
  if (fields['type'] !== declaration.type) throw otherType(declaration, String(fields['type']), apimUrl);
  return { declaration, connector, apimUrl, actual: { id: found.id, fields } };
}

function planKeyManager(state: KeyManagerState): readonly KeyManagerChange[] {
  const { declaration, connector, apimUrl, actual, secrets } = state;
  const what = `the Key Manager ${declaration.name}`;
  if (!actual) {
    const summary = `create ${what} (${declaration.type}, issuer ${declaration.issuer ?? 'not set'}) in API Manager at ${apimUrl}`;
    return [{ action: 'add', summary, state }];
  }
  const changes = differences(buildPayload(declaration, connector, 'masked'), actual.fields).map(
    ({ field, change }) => `${field} ${change}`,
  );
  if (secrets === 'resend') changes.push('send its secret again');
  if (changes.length === 0) return [];
  return [{ action: 'update', summary: `update ${what}: ${changes.join('; ')}`, state }];
}

/** Creates, and makes sure that it is there: the server answers 201 to the loser of a race too, with an id that does not exist. */
async function create(admin: ApiClient, state: KeyManagerState, signal: AbortSignal): Promise<void> {
  try {
    await createKeyManager(admin, bodyOf(state), signal);
  } catch (error) {
    if (!isNameTaken(error)) throw error;
  }
  const { declaration } = state;
  const winner = await readState(admin, declaration, signal);
  if (!winner.actual) throw notThere(state);
  // Somebody else may have been faster, with other values.
  const [change] = planKeyManager({ ...winner, secrets: 'keep' });
  if (change) await update(admin, state, winner.actual.id, signal);
}

async function update(admin: ApiClient, state: KeyManagerState, id: string, signal: AbortSignal): Promise<void> {
  const { declaration, connector, secrets } = state;
  const { payload: declared, secrets: hidden } = bodyOf(state);
  const masked = buildPayload(declaration, connector, 'masked');
  // Read again right before it is replaced whole: what others changed meanwhile stays.
  const actual = await getKeyManager(admin, id, signal);
  const payload = mergeForUpdate(declared, masked, actual, secrets);
  await updateKeyManager(admin, id, { payload, secrets: hidden }, signal);
}

function bodyOf({ declaration, connector }: KeyManagerState): KeyManagerBody {
  const secrets = Object.values(declaration.connector).filter((value) => value instanceof Secret);
  return { payload: buildPayload(declaration, connector, 'clear'), secrets };
}

const NAME_TAKEN = 901402;
const CONFIGURATION_MISSING = 901401;

function isNameTaken(error: unknown): boolean {
  return error instanceof ApiRefusedError && (error.apiCode === NAME_TAKEN || error.status === 409);
}

/** The server says only that something is missing, so its settings are read again and compared with what we send. */
async function namingWhatIsMissing(
  admin: ApiClient,
  state: KeyManagerState,
  signal: AbortSignal,
  write: () => Promise<void>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof ApiRefusedError) || error.apiCode !== CONFIGURATION_MISSING) throw error;
    const connector = readConnector(await getSettings(admin, signal), state.declaration.type, state.apimUrl);
    const missing = missingIn(bodyOf(state).payload, connector);
    const named = missing.join('; ') || 'but everything that its settings ask for was sent';
    throw new BootstrapError(`${error.message}: ${named}`, { code: 'API_REFUSED', hint: error.hint, cause: error });
  }
}

function otherType({ name, type }: KeyManagerDeclaration, found: string, apimUrl: string): BootstrapError {
  return new BootstrapError(`API Manager at ${apimUrl} has a Key Manager ${name} of type ${found}, not ${type}`, {
    code: 'KEY_MANAGER_CONFLICT',
    hint: 'Declare another name, or delete that Key Manager in the Admin Portal if nothing uses it: its type cannot change.',
  });
}

function notThere({ declaration: { name }, apimUrl }: KeyManagerState): BootstrapError {
  return new BootstrapError(`API Manager at ${apimUrl} accepted the Key Manager ${name}, but does not list it`, {
    code: 'KEY_MANAGER_CONFLICT',
    hint: 'Look whether a global Key Manager or another tenant has this name, and run again.',
  });
}
