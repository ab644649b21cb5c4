import { basicAuth, type HttpClient, type HttpReply, type HttpRequest } from '../http/client.js';
import { sendPatiently } from '../http/retry.js';
import type { Say } from '../io/waiting.js';
import type { Secret } from '../secret.js';
import { withoutSecrets } from './api-reply.js';
import { type ApimAccount, credentialIn, signIn } from './sign-in.js';

export interface ApiClientOptions {
  readonly http: HttpClient;
  readonly account: ApimAccount;
  /** `oauth`: a token of our one client; `basic`: the account's password with each call, and no client is registered. */
  readonly authentication: 'oauth' | 'basic';
  /** Of the token. */
  readonly scopes: readonly string[];
  /** How long to wait for client registration to come up, milliseconds. */
  readonly patienceMs: number;
  /** Told what is waited for. */
  readonly say?: Say | undefined;
}

export interface ApiCall {
  readonly method: HttpRequest['method'];
  /** From the root of the server: `/api/am/admin/v4/settings`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as multipart/form-data. */
  readonly form?: FormData;
  /** What the call carries in clear and the server may repeat: made unreadable in the reply. */
  readonly secrets?: readonly Secret[];
}

export interface ApiAnswer {
  readonly reply: HttpReply;
  /** `GET https://host:9443/api/…`, for messages. */
  readonly call: string;
}

/** One user's way to the REST APIs of one API Manager, with one set of scopes. */
export interface ApiClient {
  /**
   * Sends a call; signs in when that has not been done, and once more when the token is no longer taken. A call that changes nothing is
   * repeated when it fails in a way that may heal; one that may change something never is.
   */
  send(call: ApiCall, signal: AbortSignal): Promise<ApiAnswer>;
  readonly account: ApimAccount;
}

/** A client that signs in on its first call and keeps its token, so that many calls need one sign-in. */
export function createApiClient({
  http,
  account,
  authentication,
  scopes,
  patienceMs,
  say,
}: ApiClientOptions): ApiClient {
  let signingIn: Promise<Secret> | undefined;

  /** Those who ask at the same time share one sign-in; a failure is not kept. */
  function token(signal: AbortSignal): Promise<Secret> {
    if (signingIn) return signingIn;
    const mine = signIn({ http, account, scopes, patienceMs, say }, signal).catch((error: unknown) => {
      forget(mine);
      throw error;
    });
    signingIn = mine;
    return mine;
  }

  function forget(used: Promise<Secret>): void {
    if (signingIn === used) signingIn = undefined;
  }

  async function sendWithToken(call: ApiCall, signal: AbortSignal): Promise<HttpReply> {
    const used = token(signal);
    const reply = await send(call, `Bearer ${(await used).reveal()}`, signal);
    if (reply.status !== 401) return reply;
    // 401 is answered before anything is done, so this repeats no write; a token of an earlier call may have expired.
    forget(used);
    return send(call, `Bearer ${(await token(signal)).reveal()}`, signal);
  }

  async function send(call: ApiCall, authorization: string, signal: AbortSignal): Promise<HttpReply> {
    const request = requestOf(account, call, authorization, signal);
    const reply = await (call.method === 'GET' ? sendPatiently(http, request) : http.send(request));
    return withoutSecrets(reply, {
      always: call.secrets ?? [],
      inRefusals: [account.password, credentialIn(authorization)],
    });
  }

  return {
    account,
    async send(call, signal) {
      const reply =
        authentication === 'basic'
          ? await send(call, basicAuth(account.username, account.password), signal)
          : await sendWithToken(call, signal);
      return { reply, call: callName(account, call) };
    },
  };
}

function callName({ url }: ApimAccount, { method, path }: ApiCall): string {
  return `${method} ${url}${path}`;
}

function requestOf(account: ApimAccount, call: ApiCall, authorization: string, signal: AbortSignal): HttpRequest {
  const { method, path, json, form } = call;
  const target = { method, url: `${account.url}${path}`, signal };
  if (json !== undefined) {
    const headers = { authorization, 'content-type': 'application/json' };
    return { ...target, headers, body: JSON.stringify(json) };
  }
  return { ...target, headers: { authorization }, ...(form ? { body: form } : {}) };
}
