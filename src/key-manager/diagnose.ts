import { type BootstrapError, UnreachableError } from '../errors.js';
import type { HttpClient } from '../http/client.js';
import { Secret } from '../secret.js';
import type { ApiRefusedError } from './api-reply.js';
import type { KeyManagerDeclaration } from './declaration.js';
import type { ApplicationKeys } from './devportal-api.js';
import {
  type Answer,
  connectorAccount,
  connectorLogin,
  introspect,
  isReply,
  jsonOf,
  read,
  requestToken,
  tryRegistration,
} from './is7-api.js';
import { textField } from './json.js';
import {
  accountRefused,
  certificateRefused,
  hostDiffers,
  keysRefused,
  neverLoaded,
  registrationRefused,
  scopeRefused,
  tokenRefused,
  unreachableFromApim,
  untrustedByApim,
} from './proof-failure.js';

/** What Identity Server thinks of the connector's account; unknown when it cannot be asked from here. */
export type AccountVerdict = 'accepted' | 'refused' | 'unknown';

/**
 * What can be found out from here, each once. API Manager answers every failure at Identity Server with the same general error, so the
 * broken link is found by trying each from here and by looking into API Manager's truststore.
 */
export interface Evidence {
  readonly http: HttpClient;
  account(signal: AbortSignal): Promise<AccountVerdict>;
  registration(signal: AbortSignal): Promise<Answer | undefined>;
  trustedByApim(signal: AbortSignal): Promise<boolean | undefined>;
  /** Whether something is known to be wrong that waiting does not heal. */
  isFinal(signal: AbortSignal): Promise<boolean>;
}

export interface EvidenceOptions {
  readonly is7Http: HttpClient;
  /** With mutual TLS: a client of Identity Server with API Manager's own certificate, when its home is here. */
  readonly asApim?: HttpClient | undefined;
  readonly trustedByApim?: (signal: AbortSignal) => Promise<boolean | undefined>;
}

export function gatherEvidence(
  declaration: KeyManagerDeclaration,
  { is7Http: http, asApim, trustedByApim = async () => undefined }: EvidenceOptions,
): Evidence {
  const account = once((signal) => judgeAccount(declaration, http, signal));
  const registration = once(async (signal) => {
    const login = connectorLogin(declaration, http, asApim);
    const { clientRegistrationEndpoint: url } = declaration;
    return login && url !== undefined ? tryRegistration(login, url, signal) : undefined;
  });
  return {
    http,
    account,
    registration,
    trustedByApim: once(trustedByApim),
    async isFinal(signal) {
      if ((await account(signal)) === 'refused') return true;
      const answer = await registration(signal);
      return answer !== undefined && isReply(answer) && isRefusedRegistration(answer.status);
    },
  };
}

/** API Manager could not read the discovery document. */
export async function diagnoseDiscovery(
  declaration: KeyManagerDeclaration,
  url: string,
  evidence: Evidence,
  cause: unknown,
  signal: AbortSignal,
): Promise<BootstrapError> {
  const answer = await read(evidence.http, url, signal);
  if (isReply(answer) && answer.status !== 200) return answersOddly(declaration.name, url, answer.status, cause);
  return diagnoseWay({ name: declaration.name, url, answer, cause }, evidence, signal);
}

/** What a failed key generation was about, and how long it was tried, if it was tried until patience ended (milliseconds). */
export interface FailedKeys {
  readonly cause: ApiRefusedError | undefined;
  readonly afterMs?: number;
}

/** API Manager generated no keys. */
export async function diagnoseKeys(
  declaration: KeyManagerDeclaration,
  evidence: Evidence,
  { cause, afterMs }: FailedKeys,
  signal: AbortSignal,
): Promise<BootstrapError> {
  const { name, clientRegistrationEndpoint: url = '', tokenEndpoint = '' } = declaration;
  const verdict = await evidence.account(signal);
  if (verdict === 'refused') return accountRefused(declaration, cause);
  if (cause && ABOUT_THE_KEY_MANAGER.has(cause.apiCode)) return keysRefused(declaration, verdict, cause);
  const answer = await evidence.registration(signal);
  if (answer && isReply(answer) && isRefusedRegistration(answer.status)) {
    if (answer.status === 401 && !connectorAccount(declaration)) return certificateRefused(declaration, cause);
    return registrationRefused(declaration, answer.status, verdict, cause);
  }
  if (answer && !isReply(answer)) return diagnoseWay({ name, url, answer, cause }, evidence, signal);
  if ((await evidence.trustedByApim(signal)) === false) return untrustedByApim(name, url, 'known', cause);
  const token = await requestToken(evidence.http, tokenEndpoint, { scopes: [] }, signal);
  if (isFailedWay(token)) return diagnoseWay({ name, url: tokenEndpoint, answer: token, cause }, evidence, signal);
  if (afterMs !== undefined) return neverLoaded(declaration, verdict, afterMs, cause);
  return keysRefused(declaration, verdict, cause as ApiRefusedError);
}

/** May not create applications; excludes the user: these answers are about the Key Manager itself. */
const ABOUT_THE_KEY_MANAGER = new Set([901405, 902013]);

/** What a failed token request was about. */
export interface FailedToken {
  readonly keys: ApplicationKeys;
  readonly scopes: readonly string[];
  readonly cause: ApiRefusedError;
}

/** API Manager got no token with good keys: the same is tried from here. */
export async function diagnoseToken(
  declaration: KeyManagerDeclaration,
  evidence: Evidence,
  { keys, scopes, cause }: FailedToken,
  signal: AbortSignal,
): Promise<BootstrapError> {
  const { name, tokenEndpoint: url = '' } = declaration;
  const client = { username: keys.consumerKey, password: keys.consumerSecret };
  const answer = await requestToken(evidence.http, url, { client, scopes }, signal);
  if (isFailedWay(answer)) return diagnoseWay({ name, url, answer, cause }, evidence, signal);
  const error = isReply(answer) ? textField(jsonOf(answer) ?? {}, 'error') : undefined;
  if (error !== undefined && ABOUT_RIGHTS.has(error))
    return scopeRefused(name, `${url} answers ${error}`, scopes, cause);
  return tokenRefused(declaration, cause);
}

const ABOUT_RIGHTS = new Set(['invalid_scope', 'unauthorized_client', 'access_denied']);

interface Way {
  readonly name: string;
  readonly url: string;
  /** What came when the same was asked from here. */
  readonly answer: Answer;
  readonly cause: unknown;
}

/** Why API Manager does not get there, by how far we get ourselves. */
async function diagnoseWay(
  { name, url, answer, cause }: Way,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<BootstrapError> {
  if (answer instanceof UnreachableError) {
    if (answer.code === 'TLS_HOST_MISMATCH') return hostDiffers(name, answer);
    if (answer.code === 'TLS_UNTRUSTED' || answer.code === 'TLS_EXPIRED')
      return untrustedByApim(name, url, 'hereToo', answer);
    return unreachableFromApim(name, url, `and not from here either: ${answer.message}`, cause);
  }
  if (isFailedWay(answer)) return answersOddly(name, url, answer.status, cause);
  const trusted = await evidence.trustedByApim(signal);
  if (trusted === true)
    return unreachableFromApim(name, url, 'though it answers here and its certificate is trusted', cause);
  return untrustedByApim(name, url, trusted === false ? 'known' : 'likely', cause);
}

function answersOddly(name: string, url: string, status: number, cause: unknown): BootstrapError {
  return unreachableFromApim(name, url, `and from here it answers ${status}`, cause);
}

/** No answer, or one that only a wrong address gives. */
function isFailedWay(answer: Answer): boolean {
  if (!isReply(answer) || answer.status === 404 || answer.status >= 500) return true;
  // At a path that nothing is at, Identity Server asks who comes, in words that are not those of OAuth.
  return answer.status === 401 && textField(jsonOf(answer) ?? {}, 'error') === undefined;
}

/** Whoever may register is told what the empty registration lacks (400). */
function isRefusedRegistration(status: number): boolean {
  return status === 401 || status === 403 || status === 404 || status === 405;
}

async function judgeAccount(
  declaration: KeyManagerDeclaration,
  http: HttpClient,
  signal: AbortSignal,
): Promise<AccountVerdict> {
  const account = connectorAccount(declaration);
  const { introspectionEndpoint: url } = declaration;
  if (!account || url === undefined) return 'unknown';
  const answer = await introspect(http, url, { account, token: new Secret('km-bootstrap') }, signal);
  if (!isReply(answer)) return 'unknown';
  if (answer.status === 200) return 'accepted';
  return answer.status === 401 ? 'refused' : 'unknown';
}

function once<T>(ask: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let asking: Promise<T> | undefined;
  return (signal) => {
    asking ??= ask(signal);
    return asking;
  };
}
