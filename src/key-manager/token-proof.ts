import type { HttpClient } from '../http/client.js';
import type { Notice } from '../step/step.js';
import type { KeyManagerDeclaration } from './declaration.js';
import type { ApplicationKeys, GeneratedToken } from './devportal-api.js';
import { MESSAGES } from './errors.js';
import { connectorAccount, introspect, isReply, jsonOf, keysIn, read, requestToken, revoke } from './is7-api.js';
import { textField } from './json.js';
import {
  claimDiffers,
  clocksDiffer,
  inactiveToken,
  introspectionRefused,
  issuerDiffers,
  keySetUnusable,
  opaqueToken,
  revocationFailed,
  scopesMissing,
} from './proof-failure.js';
import {
  checkTimes,
  checkWithCertificate,
  checkWithKeySet,
  type ParsedToken,
  parseToken,
  type SignatureVerdict,
  scopesIn,
} from './token-check.js';

/** A token that was got through the Key Manager, and whose it is. */
export interface TokenUse {
  readonly declaration: KeyManagerDeclaration;
  /** To Identity Server. */
  readonly http: HttpClient;
  readonly keys: ApplicationKeys;
  readonly generated: GeneratedToken;
  /** That were asked for. */
  readonly scopes: readonly string[];
}

/**
 * Checks a token as the gateway will: whose it is, its signature, its times, the application it names, its scopes; and asks Identity
 * Server about it. What cannot be asked from here comes back as a notice.
 */
export async function proveToken(use: TokenUse, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, generated, scopes } = use;
  const token = parseToken(generated.token);
  if (!token && declaration.enableSelfValidationJWT !== false) throw opaqueToken(declaration);
  const notices = token ? await proveClaims(use, token, signal) : [];
  const granted = token ? scopesIn(token.claims, declaration.scopesClaim ?? 'scope') : generated.scopes;
  const missing = scopes.filter((scope) => !granted.includes(scope));
  if (missing.length > 0) throw scopesMissing(declaration, missing, granted);
  return [...notices, ...(await proveIntrospection(use, signal))];
}

async function proveClaims(use: TokenUse, token: ParsedToken, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, generated, keys } = use;
  const { issuer, consumerKeyClaim = 'azp' } = declaration;
  const said = textField(token.claims, 'iss');
  if (issuer !== undefined && said !== issuer) throw issuerDiffers(`its token says ${said ?? 'none'}`, declaration);
  const notices = await proveSignature(use, token, signal);
  const { apimClockMs } = generated;
  const times = apimClockMs === undefined ? 'valid' : checkTimes(token, apimClockMs);
  if (times !== 'valid' && apimClockMs !== undefined) throw clocksDiffer(declaration, times, token.claims, apimClockMs);
  const named = token.claims[consumerKeyClaim];
  if (named !== keys.consumerKey) throw claimDiffers(declaration, consumerKeyClaim, named);
  return notices;
}

async function proveSignature(use: TokenUse, token: ParsedToken, signal: AbortSignal): Promise<readonly Notice[]> {
  const { declaration, http } = use;
  const { certificates } = declaration;
  if (!certificates) return [];
  if (certificates.type === 'PEM') {
    const pem = Buffer.from(certificates.value, 'base64').toString('utf8');
    const verdict = checkWithCertificate(token, pem);
    if (verdict === 'good') return [];
    throw keySetUnusable(
      declaration,
      refusedAlgorithm(token, verdict) ?? 'the declared certificate did not sign its token',
    );
  }
  const url = certificates.value;
  const answer = await read(http, url, signal);
  if (!isReply(answer)) {
    if (await isReached(use, signal)) throw keySetUnusable(declaration, `it cannot be read: ${answer.message}`, answer);
    return [uncheckedNotice(declaration, `Identity Server cannot be reached from here: ${answer.message}`)];
  }
  const keys = keysIn(answer);
  if (!keys) throw keySetUnusable(declaration, `it answers ${answer.status} and no key set`);
  const verdict = checkWithKeySet(token, keys);
  const kid = textField(token.header, 'kid');
  if (verdict === 'key-missing') throw keySetUnusable(declaration, `the key of its token (kid ${kid}) is not in it`);
  if (verdict === 'good') return [];
  throw keySetUnusable(declaration, refusedAlgorithm(token, verdict) ?? `its key ${kid ?? ''} did not sign its token`);
}

/** Never shown longer than an algorithm's name can be: it is the token's own word. */
function refusedAlgorithm({ header }: ParsedToken, verdict: SignatureVerdict): string | undefined {
  if (verdict !== 'algorithm-refused') return undefined;
  const said = JSON.stringify(header['alg'] ?? null).slice(0, 40);
  return `the algorithm ${said} of its token is none that a key of this kind proves anything with`;
}

/** Whether Identity Server can be asked from here at all; its token endpoint answers something to everybody. */
async function isReached({ declaration, http }: TokenUse, signal: AbortSignal): Promise<boolean> {
  const { tokenEndpoint } = declaration;
  return tokenEndpoint !== undefined && isReply(await requestToken(http, tokenEndpoint, { scopes: [] }, signal));
}

async function proveIntrospection(use: TokenUse, signal: AbortSignal): Promise<readonly Notice[]> {
  const status = await tokenStatus(use, signal);
  if (status === 'inactive') throw inactiveToken(use.declaration);
  if (status === 'refused') throw introspectionRefused(use.declaration);
  return status === 'active' ? [] : [uncheckedNotice(use.declaration, 'it cannot be introspected from here')];
}

export interface Revocation {
  /** When Identity Server said that the token is revoked, as `performance.now()` gives it; undefined when it could not be asked. */
  readonly revokedAt: number | undefined;
  readonly notices: readonly Notice[];
}

/** Revokes the token, and asks whether that worked. */
export async function proveRevocation(use: TokenUse, signal: AbortSignal): Promise<Revocation> {
  const { declaration, http, keys, generated } = use;
  const { revokeEndpoint: url } = declaration;
  if (url === undefined) return { revokedAt: undefined, notices: [] };
  const client = { username: keys.consumerKey, password: keys.consumerSecret };
  const answer = await revoke(http, url, { client, token: generated.token }, signal);
  if (!isReply(answer)) {
    const notice = uncheckedNotice(declaration, `it could not be revoked from here: ${answer.message}`);
    return { revokedAt: undefined, notices: [notice] };
  }
  if (answer.status !== 200) throw revocationFailed(declaration, `${url} answers ${answer.status}`);
  const revokedAt = performance.now();
  if ((await tokenStatus(use, signal)) !== 'active') return { revokedAt, notices: [] };
  throw revocationFailed(declaration, `${url} answers 200, but the token stays active`);
}

type TokenStatus = 'active' | 'inactive' | 'refused' | 'unknown';

async function tokenStatus({ declaration, http, generated }: TokenUse, signal: AbortSignal): Promise<TokenStatus> {
  const account = connectorAccount(declaration);
  const { introspectionEndpoint: url } = declaration;
  if (!account || url === undefined) return 'unknown';
  const answer = await introspect(http, url, { account, token: generated.token }, signal);
  if (!isReply(answer)) return 'unknown';
  if (answer.status === 401 || answer.status === 403) return 'refused';
  const active = jsonOf(answer)?.['active'];
  return active === true ? 'active' : active === false ? 'inactive' : 'unknown';
}

function uncheckedNotice({ name }: KeyManagerDeclaration, why: string): Notice {
  return MESSAGES.PROOF_UNCHECKED(name, why);
}
