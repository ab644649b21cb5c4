import type { Secret } from '../config/secret.js';
import type { HttpClient, HttpReply, HttpRequest } from '../http/client.js';
import { MASK } from './payload.js';
import { type ApimAccount, signIn } from './sign-in.js';

export interface ApiClientOptions {
  readonly http: HttpClient;
  readonly account: ApimAccount;
  readonly scopes: readonly string[];
  /** How long to wait for client registration to come up, milliseconds. */
  readonly patienceMs: number;
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
  /** Sends a call with a bearer token; signs in when there is none yet, and once more when the token is no longer taken. */
  send(call: ApiCall, signal: AbortSignal): Promise<ApiAnswer>;
  readonly account: ApimAccount;
}

/** A client that signs in on its first call and keeps its token, so that many calls need one sign-in. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { http, account, scopes, patienceMs } = options;
  let token: Secret | undefined;

  async function bearer(signal: AbortSignal): Promise<Secret> {
    token ??= await signIn({ http, account, scopes, patienceMs }, signal);
    return token;
  }

  return {
    account,
    async send(call, signal) {
      const first = await http.send(requestOf(account, call, await bearer(signal), signal));
      if (first.status !== 401) return { reply: redact(first, call.secrets), call: nameOf(account, call) };
      // 401 is answered before anything is done, so this repeats no write; a token of an earlier call may have expired.
      token = undefined;
      const second = await http.send(requestOf(account, call, await bearer(signal), signal));
      return { reply: redact(second, call.secrets), call: nameOf(account, call) };
    },
  };
}

function redact(reply: HttpReply, secrets: readonly Secret[] = []): HttpReply {
  const forms = secrets.flatMap((secret) => [JSON.stringify(secret.reveal()).slice(1, -1), secret.reveal()]);
  const text = forms.filter(Boolean).reduce((masked, form) => masked.replaceAll(form, MASK), reply.text);
  return { ...reply, text };
}

function nameOf({ url }: ApimAccount, { method, path }: ApiCall): string {
  return `${method} ${url}${path}`;
}

function requestOf(account: ApimAccount, call: ApiCall, token: Secret, signal: AbortSignal): HttpRequest {
  const { method, path, json, form } = call;
  const authorization = `Bearer ${token.reveal()}`;
  const target = { method, url: `${account.url}${path}`, signal };
  if (json !== undefined) {
    const headers = { authorization, 'content-type': 'application/json' };
    return { ...target, headers, body: JSON.stringify(json) };
  }
  return { ...target, headers: { authorization }, ...(form ? { body: form } : {}) };
}
