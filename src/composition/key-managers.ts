import type { StepCommand } from '../cli/command.js';
import { type KeyManagerSettings, SUPER_TENANT } from '../config/key-manager.js';
import type { BootstrapError } from '../errors.js';
import { invalidConfiguration } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import type { Say } from '../io/waiting.js';
import { absentKeyManagerStep } from '../key-manager/absent-step.js';
import { ADMIN_SCOPES, DELETE_SCOPE } from '../key-manager/admin-api.js';
import { DEVPORTAL_SCOPES } from '../key-manager/devportal-api.js';
import { createDiscovery, type Discovery } from '../key-manager/discovery.js';
import type { ProofOptions } from '../key-manager/proof.js';
import { keyManagerStep } from '../key-manager/step.js';
import { createTenant, type Tenant } from '../key-manager/tenant.js';
import { removeLeftovers } from '../key-manager/throwaway-application.js';
import { anyStep, type Step } from '../step/step.js';
import { readPeerCertificate } from '../trust/certificate.js';
import { readClientIdentity } from '../trust/client-certificate.js';
import { readStore } from '../trust/keystore/keystore.js';
import type { Config } from './config.js';
import type { Connections } from './connections.js';
import { declare, declareAbsent, keyManagerName, refuseSharedIssuers, stepIdOf, tenantOf } from './declarations.js';

export interface KeyManagerContext {
  readonly connections: Connections;
  /** Told what is waited for by all Key Managers of a tenant together. */
  readonly say?: Say | undefined;
  readonly command: Pick<StepCommand, 'name' | 'proof' | 'resend'>;
}

/** A Key Manager that is declared, and how its step is built once it is selected. */
export interface KeyManagerEntry {
  readonly id: string;
  build(): Step;
}

/** How long API Manager may take to bring up its client registration, or to load a Key Manager. */
const PATIENCE_MS = 60_000;
const NEEDS = ['health/is7', 'health/apim'];

/** One step a declared Key Manager. Those to be deleted come first: one that takes their place may have the same issuer. */
export function keyManagerEntries(config: Config, context: KeyManagerContext): readonly KeyManagerEntry[] {
  const { keyManagers } = config;
  const shared = createShared(config, context);
  const absent = keyManagers.filter(({ state }) => state === 'absent');
  const present = keyManagers.filter(({ state }) => state !== 'absent');
  return [
    ...absent.map((settings) => ({ id: stepIdOf(settings), build: () => buildAbsent(settings, shared) })),
    ...present.map((settings) => ({ id: stepIdOf(settings), build: () => buildPresent(settings, shared) })),
  ];
}

/** What the steps of one run share. */
interface Shared {
  readonly config: Config;
  readonly context: KeyManagerContext;
  readonly discovery: Discovery;
  /** A tenant of API Manager, signed in to once. */
  tenant(name: string): TenantOfRun;
  /** @throws BootstrapError `CONFIG_INVALID` */
  refuseSharedIssuers(): void;
}

interface TenantOfRun {
  readonly tenant: Tenant;
  readonly declaredHere: ReadonlySet<string>;
  /** Once a run. */
  readonly removeLeftovers: ProofOptions['removeLeftovers'];
}

function createShared(config: Config, context: KeyManagerContext): Shared {
  const tenants = new Map<string, TenantOfRun>();
  let isChecked = false;
  return {
    config,
    context,
    discovery: createDiscovery(context.connections.to(config.is7)),
    tenant(name) {
      const known = tenants.get(name) ?? createTenantOfRun(name, config, context);
      tenants.set(name, known);
      return known;
    },
    refuseSharedIssuers() {
      if (isChecked) return;
      isChecked = true;
      const present = config.keyManagers.filter(({ state }) => state !== 'absent');
      refuseSharedIssuers(
        present.map((settings) => ({
          tenant: tenantOf(settings),
          id: stepIdOf(settings),
          declaration: declare(settings, config).declaration,
        })),
      );
    },
  };
}

function createTenantOfRun(
  name: string,
  config: Config,
  { connections, command, say }: KeyManagerContext,
): TenantOfRun {
  const own = config.keyManagers.filter((settings) => tenantOf(settings) === name);
  const proves = command.name === 'verify' && command.proof !== 'off';
  const deletes = own.some(({ state }) => state === 'absent');
  const tenant = createTenant({
    http: connections.to(config.apim),
    account: { url: config.apim.url(), ...config.apimAccount(name) },
    authentication: config.apimAuthentication,
    apimVersion: config.apim.version(),
    scopes: [
      ...ADMIN_SCOPES,
      ...(deletes ? [DELETE_SCOPE] : []),
      // Deleting removes what a killed proof left.
      ...(proves || deletes ? DEVPORTAL_SCOPES : []),
    ],
    patienceMs: PATIENCE_MS,
    say,
  });
  let removing: Promise<readonly string[]> | undefined;
  return {
    tenant,
    declaredHere: new Set(own.map(keyManagerName)),
    async removeLeftovers(signal) {
      const isFirst = removing === undefined;
      removing ??= removeLeftovers(tenant.client, signal);
      const kept = await removing;
      return isFirst ? kept : [];
    },
  };
}

function buildAbsent(settings: KeyManagerSettings, { tenant }: Shared): Step {
  const declaration = declareAbsent(settings);
  const options = { id: stepIdOf(settings), needs: ['health/apim'], declaration };
  return anyStep(absentKeyManagerStep({ ...options, tenant: tenant(tenantOf(settings)).tenant }));
}

function buildPresent(settings: KeyManagerSettings, shared: Shared): Step {
  const { config, context, discovery } = shared;
  shared.refuseSharedIssuers();
  const declared = declare(settings, config);
  const { declaration, is7Url, isMainIs7, isIssuerChecked } = declared;
  const { tenant, declaredHere, removeLeftovers: clean } = shared.tenant(tenantOf(settings));
  return anyStep(
    keyManagerStep({
      id: stepIdOf(settings),
      needs: isMainIs7 ? NEEDS : ['health/apim'],
      tenant,
      declaration,
      declaredHere,
      // The step health/is7 has looked at the issuer of the one it waits for.
      discovery: isIssuerChecked && !settings.well_known ? undefined : discovery,
      wellKnown: settings.well_known ? { is7Url, declared: declared.declaredFields } : undefined,
      proof: proofOf(settings, shared, { tenant, clean, isMainIs7 }),
      resendSecret: context.command.resend === 'always',
    }),
  );
}

interface ProofOf {
  readonly tenant: Tenant;
  readonly clean: ProofOptions['removeLeftovers'];
  /** Whether the Key Manager is at the Identity Server whose home or certificate is known. */
  readonly isMainIs7: boolean;
}

function proofOf(
  settings: KeyManagerSettings,
  { config, context }: Shared,
  { tenant, clean, isMainIs7 }: ProofOf,
): ProofOptions {
  const { connections, command } = context;
  const { gatewayUrl, apiId, scopes } = proofSettings(settings, config);
  const isMutual = settings.connector?.authentication === 'mutual-tls';
  if (command.name === 'verify' && command.proof === 'gateway' && gatewayUrl === undefined) {
    throw gatewayUnknown(settings);
  }
  return {
    level: command.proof,
    client: tenant.client,
    is7Http: connections.to(config.is7),
    scopes,
    ...(gatewayUrl && { gateway: { http: connections.to(config.apim), url: gatewayUrl, ...(apiId && { apiId }) } }),
    ...(isMainIs7 && isMutual && config.apim.home && { asApim: asApim(config, connections) }),
    ...(isMainIs7 && { trustedByApim: () => isTrustedByApim(config) }),
    revocation: config.revocation ? 'configured' : 'not-configured',
    removeLeftovers: clean,
    patienceMs: PATIENCE_MS,
  };
}

/** Identity Server as API Manager would speak to it with mutual TLS. */
function asApim({ is7, apim }: Config, connections: Connections): HttpClient {
  return connections.presenting(is7, () => readClientIdentity(apim.primaryKey()));
}

/** An API is of one tenant, so that of `[proof]` is of no use in another than the first. */
function proofSettings(settings: KeyManagerSettings, { proof }: Config): Config['proof'] {
  const { gateway_url: gatewayUrl, api_id: apiId, scopes = proof.scopes } = settings.proof ?? {};
  if (gatewayUrl === undefined && apiId === undefined && tenantOf(settings) === SUPER_TENANT) {
    return { ...proof, scopes };
  }
  return { ...(gatewayUrl && { gatewayUrl }), ...(apiId && { apiId }), scopes };
}

function gatewayUnknown(settings: KeyManagerSettings): BootstrapError {
  const where = tenantOf(settings) === SUPER_TENANT ? 'proof.gateway_url (KMB_PROOF_GATEWAY_URL), or ' : '';
  return invalidConfiguration([
    `${stepIdOf(settings)}: --proof gateway needs an API to call: set ${where}gateway_url in [key_manager.proof]`,
  ]);
}

/** Whether API Manager's truststore holds IS 7's certificate; unknown when one of the two is not here. */
async function isTrustedByApim({ is7, apim }: Config): Promise<boolean | undefined> {
  if (!apim.home || !is7.hasCertificate) return undefined;
  const { fingerprint256 } = await readPeerCertificate(is7.certificate());
  const { entries } = await readStore(apim.truststore());
  return entries.some(({ sha256 }) => sha256 === fingerprint256);
}
