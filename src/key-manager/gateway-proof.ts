import { UnreachableError } from '../errors.js';
import type { HttpClient, HttpReply } from '../http/client.js';
import { poll } from '../io/poll.js';
import { type Say, sayingWhatIsWaitedFor } from '../io/waiting.js';
import type { Secret } from '../secret.js';
import type { Notice } from '../step/step.js';
import type { ApiClient } from './api-client.js';
import { ApiRefusedError } from './api-reply.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { subscribe } from './devportal-api.js';
import { MESSAGES } from './errors.js';
import { jsonOf } from './is7-api.js';
import { textField } from './json.js';
import { gatewayRefused, revocationUnseen, subscriptionRefused } from './proof-failure.js';
import type { ThrowawayKeys } from './throwaway-application.js';
import type { TokenUse } from './token-proof.js';

/** An API behind the gateway that answers 200 to a GET with a good token. */
export interface GatewayTarget {
  readonly http: HttpClient;
  readonly url: string;
  /** Its id in the Developer Portal, when it takes a subscription. */
  readonly apiId?: string;
}

export interface GatewayUse extends TokenUse {
  readonly keys: ThrowawayKeys;
  readonly client: ApiClient;
  readonly gateway: GatewayTarget;
  /** How long the gateway may take to learn about new keys, milliseconds. */
  readonly patienceMs: number;
  /** Told what is waited for. */
  readonly say?: Say | undefined;
}

const TIMEOUT_MS = 10_000;

/** Calls the API through the gateway until it answers 200: the gateway learns about new keys some moments later. */
export async function proveGateway(use: GatewayUse, signal: AbortSignal): Promise<void> {
  const { declaration, client, gateway, keys, generated, patienceMs, say = () => undefined } = use;
  const { applicationId } = keys;
  if (gateway.apiId) {
    await subscribe(client, { applicationId, apiId: gateway.apiId }, signal).catch((error: unknown) => {
      throw error instanceof ApiRefusedError ? subscriptionRefused(declaration, error) : error;
    });
  }
  let last: HttpReply | UnreachableError | undefined;
  const waiting = { name: `the gateway at ${gateway.url} to know the new keys`, deadlineMs: patienceMs, say };
  const done = await sayingWhatIsWaitedFor(waiting, (tell) =>
    poll(
      async (within) => {
        const reply = await call(gateway, generated.token, within);
        last = reply;
        if (reply instanceof UnreachableError) tell(reply);
        else if (reply.status === 200) return true;
        else tell({ code: String(reply.status), message: `it answers ${reply.status}` });
        return undefined;
      },
      { signal, deadlineMs: patienceMs },
    ),
  );
  if (done) return;
  const code = last && !(last instanceof UnreachableError) ? codeIn(last) : undefined;
  throw gatewayRefused(declaration, gateway.url, last, code);
}

export interface RevokedUse {
  readonly declaration: KeyManagerDeclaration;
  readonly gateway: GatewayTarget;
  readonly token: Secret;
  /** Whether Identity Server was set up to tell API Manager of revoked tokens. */
  readonly revocation: 'configured' | 'not-configured';
  /** When it was revoked, as `performance.now()` gave it. */
  readonly revokedAt: number;
  /** How long the gateway may take to hear of it, milliseconds. */
  readonly patienceMs: number;
}

/**
 * Measures how long the gateway still takes a token that was revoked, where revocation is configured. Where it is not, the gateway is
 * asked once, and what that means is said.
 *
 * @throws BootstrapError `PROOF_REVOCATION` when revocation is configured and does not work
 */
export async function proveRevokedAtGateway(use: RevokedUse, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, gateway, token, revocation, revokedAt, patienceMs } = use;
  const isRefused = async (within: AbortSignal) => {
    const reply = await call(gateway, token, within);
    return !(reply instanceof UnreachableError) && reply.status === 401 ? true : undefined;
  };
  const refused =
    revocation === 'configured'
      ? await poll(isRefused, { signal, deadlineMs: patienceMs, firstPauseMs: 50, longestPauseMs: 250 })
      : await isRefused(signal);
  const seconds = ((performance.now() - revokedAt) / 1000).toFixed(1);
  if (refused) return [revokedNotice(declaration, seconds)];
  if (revocation === 'configured') throw revocationUnseen(declaration, seconds);
  return [revocationOffNotice(declaration)];
}

async function call(
  { http, url }: GatewayTarget,
  token: Secret,
  signal: AbortSignal,
): Promise<HttpReply | UnreachableError> {
  const headers = { authorization: `Bearer ${token.reveal()}`, accept: '*/*' };
  try {
    return await http.send({ method: 'GET', url, headers, timeoutMs: TIMEOUT_MS, signal });
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  }
}

/** The gateway's own code: 900901 invalid credentials, 900908 not subscribed, 900910 scope. */
function codeIn(reply: HttpReply): string | undefined {
  const body = jsonOf(reply);
  return body ? (textField(body, 'code') ?? /^\d+$/.exec(String(body['code']))?.[0]) : undefined;
}

function revokedNotice({ name }: KeyManagerDeclaration, seconds: string): Notice {
  return MESSAGES.PROOF_REVOKED(name, seconds);
}

function revocationOffNotice({ name, enableSelfValidationJWT }: KeyManagerDeclaration): Notice {
  const until = enableSelfValidationJWT === false ? 'its answer to introspection is forgotten (900 s)' : 'it expires';
  return MESSAGES.PROOF_REVOCATION_OFF(name, until);
}
