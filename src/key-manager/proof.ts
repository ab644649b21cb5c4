import type { HttpClient } from '../http/client.js';
import { poll } from '../io/poll.js';
import { type Say, sayingWhatIsWaitedFor } from '../io/waiting.js';
import type { Notice } from '../step/step.js';
import { discover } from './admin-api.js';
import type { ApiClient } from './api-client.js';
import { ApiRefusedError } from './api-reply.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { generateToken } from './devportal-api.js';
import { diagnoseDiscovery, diagnoseKeys, diagnoseToken, type Evidence, gatherEvidence } from './diagnose.js';
import { MESSAGES } from './errors.js';
import { type GatewayTarget, proveGateway, proveRevokedAtGateway } from './gateway-proof.js';
import { textField } from './json.js';
import { accountRefused, issuerDiffers } from './proof-failure.js';
import { type ThrowawayKeys, withThrowawayKeys } from './throwaway-application.js';
import { proveRevocation, proveToken } from './token-proof.js';

/** How far the proof goes: nothing; keys are generated; a token is got and checked; an API is called with it. */
export type ProofLevel = 'off' | 'keys' | 'token' | 'gateway';

export interface ProofOptions {
  readonly level: ProofLevel;
  /** With the scopes of the Developer Portal, too. */
  readonly client: ApiClient;
  /** To Identity Server, to check what API Manager got there, and for a diagnosis. */
  readonly is7Http: HttpClient;
  /** With mutual TLS: a client of Identity Server with API Manager's own certificate, when its home is here; for a diagnosis. */
  readonly asApim?: HttpClient;
  /** The API to call at the level `gateway`. */
  readonly gateway?: GatewayTarget;
  /** Whether Identity Server was set up to tell API Manager of revoked tokens. */
  readonly revocation: 'configured' | 'not-configured';
  /** Asked for with the token. */
  readonly scopes: readonly string[];
  /** Whether API Manager's truststore has Identity Server's certificate; undefined when that cannot be known from here. */
  readonly trustedByApim?: (signal: AbortSignal) => Promise<boolean | undefined>;
  /** Removes what killed runs left behind; gives the names of what stays. */
  readonly removeLeftovers: (signal: AbortSignal) => Promise<readonly string[]>;
  /** How long API Manager may take to load the Key Manager, which it does after it said 201; milliseconds. */
  readonly patienceMs: number;
  /** Told what is waited for. */
  readonly say?: Say | undefined;
}

/**
 * Uses the Key Manager for real: API Manager reads Identity Server's discovery, registers a client there for a throwaway application and
 * gets a token with it; the token is checked, introspected and revoked. API Manager says 201 to a Key Manager that can do none of this.
 *
 * @throws BootstrapError that names the link that is broken: `PROOF_…` or `ISSUER_MISMATCH`
 */
export async function proveKeyManager(
  declaration: KeyManagerDeclaration,
  options: ProofOptions,
  signal: AbortSignal,
): Promise<readonly Notice[]> {
  if (options.level === 'off') return [];
  const reason = unprovable(declaration);
  if (reason !== undefined) return [skippedNotice(declaration, reason)];
  const leftovers = [...(await options.removeLeftovers(signal))];
  const evidence = gatherEvidence(declaration, options);
  if ((await evidence.account(signal)) === 'refused') throw accountRefused(declaration, undefined);
  await proveDiscovery(declaration, options, evidence, signal);
  const notices = await proveKeys({ declaration, options, evidence, leftovers }, signal);
  return [...leftovers.map(leftoverNotice), ...notices];
}

/** Why no keys can come of a Key Manager although it is as declared. */
function unprovable({ enabled, tokenType, enableOAuthAppCreation }: KeyManagerDeclaration): string | undefined {
  if (enabled === false) return 'it is declared with enabled = false';
  if (tokenType === 'EXCHANGED') return 'its tokens are only exchanged, and applications get no keys from it';
  return enableOAuthAppCreation === false ? 'it is declared with oauth_app_creation = false' : undefined;
}

async function proveDiscovery(
  declaration: KeyManagerDeclaration,
  { client }: ProofOptions,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<void> {
  const { wellKnownEndpoint: url, type, issuer } = declaration;
  if (url === undefined) return;
  const discovered = await discover(client, { url, type }, signal).catch(async (error: unknown) => {
    if (!(error instanceof ApiRefusedError) || error.status !== 500) throw error;
    throw await diagnoseDiscovery(declaration, url, evidence, error, signal);
  });
  if (!discovered) throw await diagnoseDiscovery(declaration, url, evidence, undefined, signal);
  const said = textField(discovered, 'issuer');
  if (issuer === undefined || said === issuer) return;
  throw issuerDiffers(`${url} says ${said ?? 'none'}`, declaration);
}

interface Proof {
  readonly declaration: KeyManagerDeclaration;
  readonly options: ProofOptions;
  readonly evidence: Evidence;
  /** Names of applications that could not be removed; it grows. */
  readonly leftovers: string[];
}

async function proveKeys(proof: Proof, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, options, evidence, leftovers } = proof;
  const throwaway = {
    devPortal: options.client,
    keyManager: declaration.name,
    onLeftover: (name: string) => leftovers.push(name),
  };
  let last: ApiRefusedError | undefined;
  const { patienceMs, say = () => undefined } = options;
  const waiting = { name: `API Manager to load the Key Manager ${declaration.name}`, deadlineMs: patienceMs, say };
  const notices = await sayingWhatIsWaitedFor(waiting, (tell) =>
    poll(
      async (within) => {
        let isUsed = false;
        try {
          return await withThrowawayKeys(throwaway, within, (keys) => {
            isUsed = true;
            return useKeys(proof, keys, signal);
          });
        } catch (error) {
          if (isUsed || !(error instanceof ApiRefusedError)) throw error;
          last = error;
          const final = await evidence.isFinal(within);
          if (final || !mayStillLoad(error)) throw await diagnoseKeys(declaration, evidence, { cause: error }, within);
          tell(error);
          return undefined;
        }
      },
      { signal, deadlineMs: patienceMs },
    ),
  );
  if (notices) return notices;
  throw await diagnoseKeys(declaration, evidence, { cause: last, afterMs: patienceMs }, signal);
}

async function useKeys(proof: Proof, keys: ThrowawayKeys, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, options, evidence } = proof;
  const { client, level, scopes, is7Http, gateway } = options;
  if (level === 'keys') return [];
  const { applicationId } = keys;
  const generated = await generateToken(client, { applicationId, keys, scopes }, signal).catch(
    async (error: unknown) => {
      if (!(error instanceof ApiRefusedError)) throw error;
      throw await diagnoseToken(declaration, evidence, { keys, scopes, cause: error }, signal);
    },
  );
  const use = { declaration, http: is7Http, keys, generated, scopes };
  const checked = await proveToken(use, signal);
  const throughGateway = level === 'gateway' ? gateway : undefined;
  if (throughGateway) {
    await proveGateway(
      { ...use, client, gateway: throughGateway, patienceMs: options.patienceMs, say: options.say },
      signal,
    );
  }
  const { revokedAt, notices } = await proveRevocation(use, signal);
  if (!throughGateway || revokedAt === undefined) return [...checked, ...notices];
  const { token } = generated;
  const { revocation } = options;
  const patienceMs = Math.min(options.patienceMs, REVOCATION_PATIENCE_MS);
  const revoked = { declaration, gateway: throughGateway, token, revocation, revokedAt, patienceMs };
  return [...checked, ...notices, ...(await proveRevokedAtGateway(revoked, signal))];
}

/** Where revocation works, a token is refused within a few seconds. */
const REVOCATION_PATIENCE_MS = 20_000;

/** Loading goes on after the 201; until then the server says "not configured" or fails inside. */
function mayStillLoad({ status, apiCode, message }: ApiRefusedError): boolean {
  return status === 500 || apiCode === NOT_CONFIGURED || /not configured/i.test(message);
}

const NOT_CONFIGURED = 901403;

function skippedNotice({ name }: KeyManagerDeclaration, reason: string): Notice {
  return MESSAGES.PROOF_SKIPPED(name, reason);
}

function leftoverNotice(applicationName: string): Notice {
  return MESSAGES.PROOF_LEFTOVER(applicationName);
}
