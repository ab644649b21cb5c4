import { BootstrapError } from '../errors.js';
import type { Notice } from '../step/step.js';
import { getKeyManager, type KeyManagerInfo } from './admin-api.js';
import { differences } from './compare.js';
import { type Connector, readConnector } from './connector.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { type Discovery, type DiscoveryUse, withDiscovered } from './discovery.js';
import { MESSAGES } from './errors.js';
import { FINGERPRINT_KEY, type SecretVerdict } from './fingerprint.js';
import { isObject, type JsonObject, textField } from './json.js';
import { buildPayload, secretToSend } from './payload.js';
import { issuerDiffers } from './proof-failure.js';
import type { Tenant } from './tenant.js';

/** What a step knows of its Key Manager: how it should be, and how API Manager has it. */
export interface KeyManagerState {
  readonly declaration: KeyManagerDeclaration;
  readonly connector: Connector;
  readonly apimUrl: string;
  /** As the server has it, secrets masked; absent when there is none of this name. */
  readonly actual?: ActualKeyManager;
  /** Whether the server was last sent the secret that is declared. */
  readonly secret: SecretVerdict;
  readonly notices: readonly Notice[];
}

export interface ActualKeyManager {
  readonly id: string;
  readonly fields: JsonObject;
}

export interface StateOptions {
  readonly tenant: Tenant;
  readonly declaration: KeyManagerDeclaration;
  /** Identity Server's discovery documents; absent: the issuer is not compared with them here. */
  readonly discovery?: Discovery | undefined;
  /** The declaration takes from its discovery document what is not declared. */
  readonly wellKnown?: DiscoveryUse | undefined;
  /** Names of all Key Managers that this run knows in this tenant. */
  readonly declaredHere: ReadonlySet<string>;
}

/**
 * Reads how things are.
 *
 * @throws BootstrapError `KEY_MANAGER_INVALID`, `KEY_MANAGER_CONFLICT`, `ISSUER_MISMATCH`, `CONNECTOR_MISSING`, and those of the client
 */
export async function readState(options: StateOptions, signal: AbortSignal): Promise<KeyManagerState> {
  const { tenant } = options;
  const { url: apimUrl } = tenant.client.account;
  const connector = readConnector(await tenant.settings(signal), options.declaration.type, tenant.apim);
  const declaration = await completeDeclaration(options, signal);
  // Says what is missing before anything is planned.
  const payload = buildPayload(declaration, connector, 'masked');
  const actual = await readActual(tenant, declaration, signal);
  const state = { declaration, connector, apimUrl };
  if (!actual) {
    await refuseSecondOfIssuer(tenant, declaration, options.declaredHere, signal);
    return { ...state, secret: 'unknown', notices: await checkIssuer(options, declaration, signal) };
  }
  const secret = judgeSecret(tenant, declaration, connector, actual);
  const isInSync = secret !== 'differs' && differences(payload, actual.fields).length === 0;
  // Identity Server is asked only before something is sent: what is in sync needs no more than one request.
  return { ...state, actual, secret, notices: isInSync ? [] : await checkIssuer(options, declaration, signal) };
}

/** The declaration with what its discovery document adds, if it takes anything from there. */
export async function completeDeclaration(
  { declaration, discovery, wellKnown }: StateOptions,
  signal: AbortSignal,
): Promise<KeyManagerDeclaration> {
  const { wellKnownEndpoint: url } = declaration;
  if (!wellKnown || !discovery || url === undefined) return declaration;
  const document = await discovery.read(url, signal);
  if (!document) throw discoveryNeeded(declaration.name, url);
  return withDiscovered(declaration, document, wellKnown);
}

/** The Key Manager of the declared name. @throws BootstrapError `KEY_MANAGER_CONFLICT` when it is of another type */
export async function readActual(
  tenant: Tenant,
  { name, type }: KeyManagerDeclaration,
  signal: AbortSignal,
): Promise<ActualKeyManager | undefined> {
  const existing = await tenant.find(name, signal);
  if (!existing) return undefined;
  const fields = await getKeyManager(tenant.client, existing.id, signal);
  if (fields['type'] !== type) throw otherType(name, type, String(fields['type']), tenant.client.account.url);
  return { id: existing.id, fields };
}

/**
 * Refuses a second Key Manager with one issuer in a tenant: the gateway finds the Key Manager of a token by its issuer. One that nobody
 * declared here is most likely the same under the name it had, and a name cannot change.
 *
 * @param ignored names that are not looked at
 */
export async function refuseSecondOfIssuer(
  tenant: Tenant,
  { name, issuer }: KeyManagerDeclaration,
  ignored: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  if (issuer === undefined) return;
  const others = (await tenant.list(signal)).filter((other) => isRival(other, name) && !ignored.has(other.name));
  for (const other of others) {
    const fields = await getKeyManager(tenant.client, other.id, signal);
    if (fields['issuer'] === issuer) throw sameIssuer(name, other.name, issuer, tenant.client.account.url);
  }
}

/** The resident one issues tokens of its own. */
function isRival({ name, type }: KeyManagerInfo, ownName: string): boolean {
  return name !== ownName && type !== 'default';
}

function judgeSecret(
  { fingerprints }: Tenant,
  declaration: KeyManagerDeclaration,
  connector: Connector,
  { fields }: ActualKeyManager,
): SecretVerdict {
  const secret = secretToSend(declaration, connector);
  const properties = fields['additionalProperties'];
  if (!secret || !isObject(properties)) return 'unknown';
  return fingerprints.compare(properties[FINGERPRINT_KEY], secret);
}

/** Compares the issuer with the one that Identity Server says, if it can be asked from here. */
async function checkIssuer(
  { discovery }: StateOptions,
  declaration: KeyManagerDeclaration,
  signal: AbortSignal,
): Promise<readonly Notice[]> {
  const { name, wellKnownEndpoint: url, issuer } = declaration;
  if (!discovery || url === undefined || issuer === undefined) return [];
  const document = await discovery.read(url, signal);
  if (!document) return [issuerUnchecked(name, url)];
  const said = textField(document, 'issuer');
  if (said !== issuer) throw issuerDiffers(`${url} says ${said}`, declaration);
  return [];
}

function otherType(name: string, type: string, found: string, apimUrl: string): BootstrapError {
  return new BootstrapError(MESSAGES.KEY_MANAGER_CONFLICT.otherType(apimUrl, name, found, type));
}

function sameIssuer(name: string, other: string, issuer: string, apimUrl: string): BootstrapError {
  return new BootstrapError(MESSAGES.KEY_MANAGER_CONFLICT.sameIssuer(apimUrl, other, issuer, name));
}

function discoveryNeeded(name: string, url: string): BootstrapError {
  return new BootstrapError(MESSAGES.KEY_MANAGER_INVALID.noDiscovery(name, url));
}

function issuerUnchecked(name: string, url: string): Notice {
  return MESSAGES.ISSUER_UNCHECKED(name, url);
}
