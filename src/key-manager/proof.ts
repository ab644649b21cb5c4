import type { Secret } from '../config/secret.js';
import type { HttpClient } from '../http/client.js';
import { poll } from '../io/poll.js';
import type { Notice } from '../step/step.js';
import { discover } from './admin-api.js';
import type { ApiClient } from './api-client.js';
import { ApiRefusedError } from './api-reply.js';
import { type AccountVerdict, tryConnectorAccount } from './connector-account.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { generateToken } from './devportal-api.js';
import { isObject, textOf } from './json.js';
import { discoveryFailed, issuerDiffers, keysRefused, neverLoaded, tokenRefused } from './proof-failure.js';
import { type ThrowawayKeys, withThrowawayKeys } from './throwaway-application.js';

/** How far the proof goes: nothing; keys are generated; a token is got with them; an API is called with it. */
export type ProofLevel = 'off' | 'keys' | 'token' | 'gateway';

export interface ProofOptions {
  readonly declaration: KeyManagerDeclaration;
  readonly level: ProofLevel;
  readonly admin: ApiClient;
  readonly devPortal: ApiClient;
  /** For asking Identity Server itself when something failed. */
  readonly is7Http: HttpClient | undefined;
  /** How long API Manager may take to load the Key Manager, which it does after it said 201; milliseconds. */
  readonly patienceMs: number;
}

/**
 * Uses the Key Manager for real: API Manager reads Identity Server's discovery, registers a client there for a throwaway application and
 * gets a token with it. API Manager says 201 to a Key Manager that can do none of this.
 *
 * @throws BootstrapError `PROOF_FAILED`, `ISSUER_MISMATCH`
 */
export async function proveKeyManager(options: ProofOptions, signal: AbortSignal): Promise<readonly Notice[]> {
  if (options.level === 'off') return [];
  await proveDiscovery(options, signal);
  const leftovers = await proveKeys(options, signal);
  return [...leftovers.map(leftoverNotice), ...(options.level === 'gateway' ? [GATEWAY_NOTICE] : [])];
}

async function proveDiscovery({ declaration, admin }: ProofOptions, signal: AbortSignal): Promise<void> {
  const { wellKnownEndpoint: url, type, issuer } = declaration;
  if (url === undefined) return;
  const found = await discover(admin, { url, type }, signal).catch((error: unknown) => {
    throw error instanceof ApiRefusedError && error.status === 500 ? discoveryFailed(url, error) : error;
  });
  if (!found) throw discoveryFailed(url, undefined);
  const said = textOf(found, 'issuer');
  if (issuer === undefined || said === issuer) return;
  throw issuerDiffers(`${url} says ${said ?? 'none'}`, declaration);
}

/** @returns the names of applications that could not be removed */
async function proveKeys(options: ProofOptions, signal: AbortSignal): Promise<readonly string[]> {
  const { declaration, devPortal, is7Http, patienceMs } = options;
  const leftovers: string[] = [];
  const throwaway = { devPortal, keyManager: declaration.name, onLeftover: (name: string) => leftovers.push(name) };
  let last: ApiRefusedError | undefined;
  let verdict: AccountVerdict | undefined;
  const proven = await poll(
    async (within) => {
      try {
        await withThrowawayKeys(throwaway, within, (keys) => proveToken(options, keys, within));
        return true;
      } catch (error) {
        if (!(error instanceof ApiRefusedError)) throw error;
        last = error;
        verdict ??= await tryConnectorAccount(declaration, is7Http, within);
        if (verdict === 'refused' || !mayStillLoad(error)) throw keysRefused(declaration, verdict, error);
        return undefined;
      }
    },
    { signal, deadlineMs: patienceMs },
  );
  if (!proven) throw neverLoaded(declaration, verdict ?? 'unknown', patienceMs, last);
  return leftovers;
}

async function proveToken(
  { declaration, devPortal, level }: ProofOptions,
  keys: ThrowawayKeys,
  signal: AbortSignal,
): Promise<void> {
  if (level === 'keys') return;
  const token = await generateToken(devPortal, keys.applicationId, keys, signal).catch((error: unknown) => {
    throw error instanceof ApiRefusedError ? tokenRefused(declaration, error) : error;
  });
  const issuer = issuerOf(token);
  if (issuer === undefined || declaration.issuer === undefined || issuer === declaration.issuer) return;
  throw issuerDiffers(`its token says ${issuer}`, declaration);
}

/** The `iss` of a JWT; undefined for an opaque token. */
function issuerOf(token: Secret): string | undefined {
  const [, claims] = token.reveal().split('.');
  if (claims === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
    return isObject(parsed) ? textOf(parsed, 'iss') : undefined;
  } catch {
    return undefined;
  }
}

/** Loading goes on after the 201; until then the server says "not configured" or fails inside. */
function mayStillLoad({ status, apiCode, message }: ApiRefusedError): boolean {
  return status === 500 || apiCode === NOT_CONFIGURED || /not configured/i.test(message);
}

const NOT_CONFIGURED = 901403;

function leftoverNotice(applicationName: string): Notice {
  return {
    code: 'PROOF_LEFTOVER',
    message: `the application ${applicationName}, made for the proof, could not be removed`,
    hint: 'Delete it in the Developer Portal.',
  };
}

const GATEWAY_NOTICE: Notice = {
  code: 'PROOF_GATEWAY_UNAVAILABLE',
  message: 'no API was called through the gateway: that part of the proof is not built yet, so a token was got instead',
  hint: 'Call an API with a token of this Key Manager to see that the gateway takes it.',
};
