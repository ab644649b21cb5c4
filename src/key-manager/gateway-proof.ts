import type { Secret } from '../config/secret.js';
import { UnreachableError } from '../errors.js';
import type { HttpClient, HttpReply } from '../http/client.js';
import { poll } from '../io/poll.js';
import type { Notice } from '../step/step.js';
import type { ApiClient } from './api-client.js';
import { subscribe } from './devportal-api.js';
import { jsonOf } from './is7-api.js';
import { textOf } from './json.js';
import { gatewayRefused } from './proof-failure.js';
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
}

const TIMEOUT_MS = 10_000;
/** A revoked token is refused within seconds where revocation is configured, and only when it expires where it is not. */
const REVOCATION_PATIENCE_MS = 20_000;

/** Calls the API through the gateway until it answers 200: the gateway learns about new keys some moments later. */
export async function proveGateway(use: GatewayUse, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, client, gateway, keys, generated, patienceMs } = use;
  const { applicationId } = keys;
  if (gateway.apiId) await subscribe(client, { applicationId, apiId: gateway.apiId }, signal);
  let last: HttpReply | UnreachableError | undefined;
  const done = await poll(
    async (within) => {
      last = await call(gateway, generated.token, within);
      return !(last instanceof UnreachableError) && last.status === 200 ? true : undefined;
    },
    { signal, deadlineMs: patienceMs },
  );
  if (done) return [];
  const code = last && !(last instanceof UnreachableError) ? codeIn(last) : undefined;
  throw gatewayRefused(declaration, gateway.url, last, code);
}

/** Measures how long the gateway still takes a token that was revoked. */
export async function proveRevokedAtGateway(
  { gateway, token }: { readonly gateway: GatewayTarget; readonly token: Secret },
  signal: AbortSignal,
): Promise<readonly Notice[]> {
  const started = performance.now();
  const refused = await poll(
    async (within) => {
      const reply = await call(gateway, token, within);
      return !(reply instanceof UnreachableError) && reply.status === 401 ? true : undefined;
    },
    { signal, deadlineMs: REVOCATION_PATIENCE_MS },
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  return [refused ? revokedNotice(seconds) : notRevokedNotice(seconds)];
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
  return body ? (textOf(body, 'code') ?? /^\d+$/.exec(String(body['code']))?.[0]) : undefined;
}

function revokedNotice(seconds: string): Notice {
  return {
    code: 'PROOF_REVOCATION',
    message: `the gateway refused a revoked token after ${seconds} s`,
    hint: 'Nothing to do: revocation works.',
  };
}

function notRevokedNotice(seconds: string): Notice {
  return {
    code: 'PROOF_REVOCATION_UNSEEN',
    message: `the gateway still took a token ${seconds} s after it was revoked at Identity Server`,
    hint: "Unless Identity Server's token_revocation event listener is set up, a revoked token works until it expires.",
  };
}
