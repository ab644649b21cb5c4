import type { Notice, PlannedChange, Step } from '../step/step.js';
import { differences } from './compare.js';
import { diffKeyManager } from './diff.js';
import { MESSAGES } from './errors.js';
import { buildPayload, ignoredKeys } from './payload.js';
import { type ProofOptions, proveKeyManager } from './proof.js';
import {
  completeDeclaration,
  type KeyManagerState,
  readState,
  refuseSecondOfIssuer,
  type StateOptions,
} from './state.js';
import { create, namingWhatIsMissing, update } from './write.js';

export interface KeyManagerStepOptions extends StateOptions {
  /** `key-manager/<name>`; with the tenant before the name in another tenant than the first. */
  readonly id: string;
  /** Ids of the steps that must hold before. */
  readonly needs: readonly string[];
  readonly proof: ProofOptions;
  /** Send the connector's secret once although it seems unchanged. */
  readonly resendSecret: boolean;
}

export interface KeyManagerChange extends PlannedChange {
  readonly state: KeyManagerState;
}

/**
 * The fact that API Manager has this Key Manager, each declared field as declared. What is not declared stays as it is found.
 *
 * Throws `CREDENTIALS_REFUSED`, `CONNECTOR_MISSING`, `KEY_MANAGER_INVALID`, `KEY_MANAGER_CONFLICT`, `ISSUER_MISMATCH`, `API_REFUSED`,
 * `API_REPLY_INVALID`, and from `prove` what {@link proveKeyManager} throws.
 */
export function keyManagerStep(options: KeyManagerStepOptions): Step<KeyManagerState, KeyManagerChange> {
  const { id, needs, tenant, proof } = options;
  // The one thing the world cannot tell: the server shows the same mask before and after a secret was sent.
  let resend = options.resendSecret;

  async function read(signal: AbortSignal): Promise<KeyManagerState> {
    const state = await readState(options, signal);
    return resend && state.actual ? { ...state, secret: 'differs' } : state;
  }

  return {
    id,
    needs,
    lane: 'key-manager',
    inspect: read,
    plan: planKeyManager,
    diff: diffKeyManager,
    notices: ({ declaration, connector, notices }) => [
      ...notices,
      ...ignoredKeys(declaration, connector).map((key) => ignoredNotice(declaration.name, key)),
      ...(declaration.connector['MutualTLSOptions'] === 'TenantWide'
        ? [tenantCertificateNotice(declaration.name)]
        : []),
    ],
    async apply({ state }, signal) {
      await namingWhatIsMissing(tenant, state, signal, () => write(state, signal));
      resend = false;
    },
    async prove(signal, say) {
      return proveKeyManager(await completeDeclaration(options, signal), { ...proof, say }, signal);
    },
  };

  async function write(state: KeyManagerState, signal: AbortSignal): Promise<void> {
    if (state.actual) {
      await update(tenant, state, state.actual.id, signal);
      return;
    }
    // One that is declared absent and could not be deleted is still in the way.
    await refuseSecondOfIssuer(tenant, state.declaration, NONE, signal);
    if ((await create(tenant, state, signal)) === 'ours') return;
    // Somebody else was faster, perhaps with other values.
    const winner = await readState(options, signal);
    if (winner.actual && planKeyManager(winner).length > 0) await update(tenant, winner, winner.actual.id, signal);
  }
}

const NONE: ReadonlySet<string> = new Set();

function planKeyManager(state: KeyManagerState): readonly KeyManagerChange[] {
  const { declaration, connector, apimUrl, actual, secret } = state;
  const what = `the Key Manager ${declaration.name}`;
  if (!actual) {
    const summary = `create ${what} (${declaration.type}, issuer ${declaration.issuer ?? 'not set'}) in API Manager at ${apimUrl}`;
    return [{ action: 'add', summary, state }];
  }
  const fields = differences(buildPayload(declaration, connector, 'masked'), actual.fields).map(({ field }) => field);
  const changes = [fields.join(', '), secret === 'differs' ? 'send its secret again' : ''].filter(Boolean);
  if (changes.length === 0) return [];
  return [{ action: 'update', summary: `update ${what}: ${changes.join('; ')}`, state }];
}

function ignoredNotice(name: string, key: string): Notice {
  return MESSAGES.CONNECTOR_KEY_IGNORED(key, name);
}

/** apim-km-wso2is 2.1.2, WSO2IS7KeyManager.loadConfiguration compares the option with another word than the one it offers. */
function tenantCertificateNotice(name: string): Notice {
  return MESSAGES.CONNECTOR_CERTIFICATE_UNUSED(name);
}
