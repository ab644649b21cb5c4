import { createPublicKey, type JsonWebKey, type KeyObject, X509Certificate } from 'node:crypto';
import { basicAuth } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import { isObject } from '../http/request.js';
import { isSignedBy, takeApart, type UncheckedToken } from '../json-web-token.js';
import type { Apim } from './apim.js';
import type { KeyManager } from './key-manager-fields.js';

/** What the gateway reads of a token that it takes. */
export interface GatewayClaims {
  readonly consumerKey: string;
  readonly scopes: readonly string[];
}

export interface TokenChecker {
  /** Undefined for a token that is refused, whatever the reason: the client is not told. */
  check(token: string, tenant: string | undefined): Promise<GatewayClaims | undefined>;
}

type Claims = Readonly<Record<string, unknown>>;

/** Clocks may differ by so much. */
const SKEW_SECONDS = 5;
const DEFAULT_CACHE_SECONDS = 900;

/**
 * Checks tokens as the real gateway does. A JWT leads by its issuer to a Key Manager, whose `enableSelfValidationJWT` decides whether the
 * gateway checks the signature itself or asks the introspection endpoint; the answers of that are kept, fifteen minutes by default, so
 * that a token which was revoked goes on being taken unless somebody tells API Manager of the revocation.
 */
export function createTokenChecker(apim: Apim): TokenChecker {
  const cacheMs = cacheSeconds(apim) * 1000;
  const introspected = new Map<string, { readonly claims: Claims; readonly untilMs: number }>();

  async function introspect(keyManager: KeyManager, token: string): Promise<Claims | undefined> {
    const known = introspected.get(token);
    if (known && known.untilMs > Date.now()) return known.claims;
    const claims = await askIntrospection(apim, keyManager, token);
    if (claims) introspected.set(token, { claims, untilMs: Date.now() + cacheMs });
    return claims;
  }

  async function checkBy(keyManager: KeyManager, token: string): Promise<Claims | undefined> {
    const jwt = takeApart(token);
    if (!jwt || keyManager.enableSelfValidationJWT === false) return introspect(keyManager, token);
    return (await isSignedFor(apim, keyManager, token, jwt)) ? jwt.claims : undefined;
  }

  return {
    async check(token, tenant) {
      const jwt = takeApart(token);
      for (const keyManager of candidates(apim, tenant, jwt)) {
        const claims = await checkBy(keyManager, token);
        if (claims && isTimely(claims) && !isRevoked(apim, token, claims)) return read(keyManager, claims);
      }
      return undefined;
    },
  };
}

/**
 * By the issuer, and with two Key Managers of one issuer it is chance which one: here the last. An opaque token names none, so each Key
 * Manager that could have given it is asked.
 */
function candidates({ store, loaded }: Apim, tenant: string | undefined, jwt: UncheckedToken | undefined) {
  const usable = store.state.keyManagers
    .filter((keyManager) => keyManager.tenant === tenant && keyManager.enabled && keyManager.type !== 'default')
    .flatMap(({ id }) => loaded.find(id) ?? []);
  return jwt ? usable.filter(({ issuer }) => issuer === jwt.claims['iss']).slice(-1) : usable;
}

/** The signature, by the key set that the Key Manager names or by the certificate that it has. */
async function isSignedFor(
  apim: Apim,
  { certificates }: KeyManager,
  token: string,
  { header }: UncheckedToken,
): Promise<boolean> {
  const { type, value } = (certificates ?? {}) as { readonly type?: string; readonly value?: string };
  if (!value || header['alg'] !== 'RS256') return false;
  const keys =
    type === 'PEM'
      ? [new X509Certificate(Buffer.from(value, 'base64')).publicKey]
      : await readKeys(apim, value, header['kid']);
  return keys.some((key) => isSignedBy(token, key));
}

/** None when the key set cannot be had: its server is down, or API Manager does not trust it. */
async function readKeys({ identityServer }: Apim, url: string, kid: unknown): Promise<readonly KeyObject[]> {
  try {
    const { text } = await identityServer.send({ method: 'GET', url });
    const { keys } = JSON.parse(text) as { readonly keys: readonly JsonWebKey[] };
    return keys.filter((key) => key['kid'] === kid).map((key) => createPublicKey({ key, format: 'jwk' }));
  } catch {
    return [];
  }
}

async function askIntrospection(
  { identityServer }: Apim,
  { introspectionEndpoint: url = '', additionalProperties }: KeyManager,
  token: string,
): Promise<Claims | undefined> {
  const { Username: username = '', Password: password = '' } = additionalProperties;
  const headers = { authorization: basicAuth(String(username), new Secret(String(password))) };
  const body = new URLSearchParams({ token });
  try {
    const { text } = await identityServer.send({ method: 'POST', url, headers, body });
    const claims: unknown = JSON.parse(text);
    return isObject(claims) && claims['active'] === true ? claims : undefined;
  } catch {
    return undefined;
  }
}

function isTimely(claims: Claims): boolean {
  const now = Date.now() / 1000;
  return Number(claims['exp']) > now - SKEW_SECONDS && Number(claims['nbf'] ?? 0) < now + SKEW_SECONDS;
}

function isRevoked({ revokedTokens }: Apim, token: string, { jti }: Claims): boolean {
  return [token, String(jti)].some((id) => (revokedTokens.get(id) ?? Number.POSITIVE_INFINITY) <= Date.now());
}

function read({ consumerKeyClaim = 'azp', scopesClaim = 'scope' }: KeyManager, claims: Claims): GatewayClaims {
  const scopes = claims[scopesClaim];
  return {
    // Introspection names the client alone.
    consumerKey: String(claims[consumerKeyClaim] ?? claims['client_id']),
    scopes: typeof scopes === 'string' ? scopes.split(' ') : [],
  };
}

/** `[apim.cache.gateway_token] expiry_time = "900s"`, as the pack's deployment.toml has it in a comment. */
function cacheSeconds({ home: { toml } }: Apim): number {
  if (toml.get('apim.cache.gateway_token.enable') === false) return 0;
  const [, seconds] = /^(\d+)s?$/.exec(String(toml.get('apim.cache.gateway_token.expiry_time') ?? '')) ?? [];
  return seconds === undefined ? DEFAULT_CACHE_SECONDS : Number(seconds);
}
