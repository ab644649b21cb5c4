import { UnreachableError } from '../errors.js';
import { basicAuth, type HttpClient, type HttpReply, type HttpRequest } from '../http/client.js';
import { sendPatiently } from '../http/retry.js';
import { Secret } from '../secret.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { isObject, type JsonObject, objectsIn } from './json.js';

/** What Identity Server answers when it is asked from here; an error when it cannot be reached from here. */
export type Answer = HttpReply | UnreachableError;

export interface Account {
  readonly username: string;
  readonly password: Secret;
}

const TIMEOUT_MS = 10_000;

/** How requests to Identity Server are made as the connector. */
export interface ConnectorLogin {
  readonly http: HttpClient;
  readonly headers: Readonly<Record<string, string>>;
}

/** The connector's login: by its account over `http`; with mutual TLS over a client with API Manager's certificate, if there is one here. */
export function connectorLogin(
  declaration: KeyManagerDeclaration,
  http: HttpClient,
  asApim: HttpClient | undefined,
): ConnectorLogin | undefined {
  const account = connectorAccount(declaration);
  if (account) return { http, headers: authorized(account) };
  const { IdentityUser: user } = declaration.connector;
  return asApim && typeof user === 'string' ? { http: asApim, headers: { 'wso2-identity-user': user } } : undefined;
}

/** The connector's account; undefined with mutual TLS, whose key only API Manager has. */
export function connectorAccount({ connector }: KeyManagerDeclaration): Account | undefined {
  const { Username: username, Password: password } = connector;
  return typeof username === 'string' && password instanceof Secret ? { username, password } : undefined;
}

/** Asks about a token, which changes nothing; with an unknown token it is the harmless way to try an account. */
export function introspect(
  http: HttpClient,
  url: string,
  { account, token }: { readonly account: Account; readonly token: Secret },
  signal: AbortSignal,
): Promise<Answer> {
  const body = new URLSearchParams({ token: token.reveal() });
  return ask(http, { method: 'POST', url, headers: authorized(account), body, timeoutMs: TIMEOUT_MS, signal });
}

/**
 * Asks for a registration that lacks everything: whoever may register is told so (400), and nothing is made. A server that does make
 * a client of it is told to delete it at once.
 */
export async function tryRegistration(
  { http, headers: login }: ConnectorLogin,
  url: string,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = { ...login, 'content-type': 'application/json' };
  const answer = await ask(http, { method: 'POST', url, headers, body: '{}', timeoutMs: TIMEOUT_MS, signal });
  const made = isReply(answer) && answer.status === 201 ? jsonOf(answer)?.['client_id'] : undefined;
  if (typeof made === 'string') {
    await ask(http, { method: 'DELETE', url: `${url}/${encodeURIComponent(made)}`, headers: login, signal });
  }
  return answer;
}

/** Asks for a token with a client's own credentials; without any, only to see whether somebody answers. */
export function requestToken(
  http: HttpClient,
  url: string,
  { client, scopes }: { readonly client?: Account; readonly scopes: readonly string[] },
  signal: AbortSignal,
): Promise<Answer> {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scopes.length > 0) body.set('scope', scopes.join(' '));
  const headers = client ? authorized(client) : {};
  return ask(http, { method: 'POST', url, headers, body, timeoutMs: TIMEOUT_MS, signal });
}

/** Revokes a token, as the client that it was given to. */
export function revoke(
  http: HttpClient,
  url: string,
  { client, token }: { readonly client: Account; readonly token: Secret },
  signal: AbortSignal,
): Promise<Answer> {
  const body = new URLSearchParams({ token: token.reveal(), token_type_hint: 'access_token' });
  return ask(http, { method: 'POST', url, headers: authorized(client), body, timeoutMs: TIMEOUT_MS, signal });
}

/** Reads a public document: discovery, key set. */
export function read(http: HttpClient, url: string, signal: AbortSignal): Promise<Answer> {
  return ask(http, { method: 'GET', url, timeoutMs: TIMEOUT_MS, signal });
}

/** The keys of a key set; undefined when the answer is none. */
export function keysIn(answer: HttpReply): readonly JsonObject[] | undefined {
  const body = answer.status === 200 ? jsonOf(answer) : undefined;
  return Array.isArray(body?.['keys']) ? objectsIn(body['keys']) : undefined;
}

export function isReply(answer: Answer): answer is HttpReply {
  return !(answer instanceof UnreachableError);
}

export function jsonOf({ text }: HttpReply): JsonObject | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Every one of these requests may be repeated. */
async function ask(http: HttpClient, request: HttpRequest): Promise<Answer> {
  try {
    return await sendPatiently(http, request);
  } catch (error) {
    if (error instanceof UnreachableError) return error;
    throw error;
  }
}

function authorized({ username, password }: Account): { readonly authorization: string } {
  return { authorization: basicAuth(username, password) };
}
