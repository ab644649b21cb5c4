import { constants, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Secret } from '../secret.js';
import { isObject, type JsonObject, textField } from './json.js';

/** A signed token (RFC 7515, compact) taken apart; nothing of it has been checked yet. */
export interface ParsedToken {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** The parts of a JWT; undefined for an opaque token. */
export function parseToken(token: Secret): ParsedToken | undefined {
  const [header = '', claims = '', signature, ...rest] = token.reveal().split('.');
  const [head, body] = [decode(header), decode(claims)];
  if (!head || !body || signature === undefined || rest.length > 0) return undefined;
  const signed = Buffer.from(`${header}.${claims}`);
  return { header: head, claims: body, signed, signature: Buffer.from(signature, 'base64url') };
}

/**
 * `algorithm-refused`: the token names none, one of a shared secret (`none`, `HS256`), one that is not known, one that does not fit the
 * key, or an extension that would have to be understood. Only `good` is good.
 */
export type SignatureVerdict = 'good' | 'key-missing' | 'wrong' | 'algorithm-refused';

/** No key set of a server has more keys of one name; to check a signature takes time. */
const MOST_KEYS = 32;

/** Checks a signature with the key of a key set that the token names. Throws nothing, whatever the two hold. */
export function checkWithKeySet(token: ParsedToken, keys: readonly JsonObject[]): SignatureVerdict {
  const kid = textField(token.header, 'kid');
  const named = keys.filter((key) => kid === undefined || key['kid'] === kid).slice(0, MOST_KEYS);
  if (named.length === 0) return 'key-missing';
  const verdicts = named.map((key) => {
    const publicKey = publicKeyOf(key, token);
    return publicKey ? checkWithKey(token, publicKey) : 'wrong';
  });
  if (verdicts.includes('good')) return 'good';
  return verdicts.includes('wrong') ? 'wrong' : 'algorithm-refused';
}

/** Checks a signature with the key of a certificate, PEM. Throws nothing. */
export function checkWithCertificate(token: ParsedToken, pem: string): SignatureVerdict {
  const key = keyOfCertificate(pem);
  return key ? checkWithKey(token, key) : 'wrong';
}

function keyOfCertificate(pem: string): KeyObject | undefined {
  try {
    return new X509Certificate(pem).publicKey;
  } catch {
    return undefined;
  }
}

/** What the time claims of a token mean to a server whose clock shows `nowMs`. */
export type TimeVerdict = 'valid' | 'not-yet-valid' | 'expired';

/** Seconds that two clocks may differ without harm: less than what any server tolerates by default. */
const TOLERANCE_SECONDS = 5;

export function checkTimes({ claims }: ParsedToken, nowMs: number): TimeVerdict {
  const now = nowMs / 1000;
  const starts = Math.max(numberOf(claims, 'nbf') ?? 0, numberOf(claims, 'iat') ?? 0);
  const ends = numberOf(claims, 'exp') ?? Number.POSITIVE_INFINITY;
  if (starts > now + TOLERANCE_SECONDS) return 'not-yet-valid';
  return ends < now + TOLERANCE_SECONDS ? 'expired' : 'valid';
}

/** The scopes of a token: one text with blanks, or a list. */
export function scopesIn(claims: JsonObject, claim: string): readonly string[] {
  const value = claims[claim];
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(' ').filter(Boolean) : [];
}

interface Algorithm {
  readonly hash: string;
  /** The kind of key, and for an elliptic curve which one (RFC 7518, 3.4). */
  readonly key: 'rsa' | 'ec';
  readonly curve?: string;
  readonly padding?: 'pss';
}

/** Signatures with a key of which the server alone has the other half (RFC 7518). */
const ALGORITHMS: ReadonlyMap<unknown, Algorithm> = new Map<unknown, Algorithm>([
  ['RS256', { hash: 'sha256', key: 'rsa' }],
  ['RS384', { hash: 'sha384', key: 'rsa' }],
  ['RS512', { hash: 'sha512', key: 'rsa' }],
  ['PS256', { hash: 'sha256', key: 'rsa', padding: 'pss' }],
  ['PS384', { hash: 'sha384', key: 'rsa', padding: 'pss' }],
  ['PS512', { hash: 'sha512', key: 'rsa', padding: 'pss' }],
  ['ES256', { hash: 'sha256', key: 'ec', curve: 'prime256v1' }],
  ['ES384', { hash: 'sha384', key: 'ec', curve: 'secp384r1' }],
  ['ES512', { hash: 'sha512', key: 'ec', curve: 'secp521r1' }],
]);

const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_DIGEST } = constants;
const FEWEST_RSA_BITS = 2048;

function checkWithKey({ header, signed, signature }: ParsedToken, key: KeyObject): SignatureVerdict {
  const algorithm = ALGORITHMS.get(header['alg']);
  if (!algorithm || !fits(algorithm, key) || header['crit'] !== undefined) return 'algorithm-refused';
  const { hash, padding } = algorithm;
  const rsa =
    padding === 'pss'
      ? { padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_DIGEST }
      : { padding: RSA_PKCS1_PADDING };
  const options = algorithm.key === 'rsa' ? { key, ...rsa } : { key, dsaEncoding: 'ieee-p1363' as const };
  try {
    return verify(hash, signed, options, signature) ? 'good' : 'wrong';
  } catch {
    return 'wrong';
  }
}

function fits({ key: kind, curve }: Algorithm, { asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): boolean {
  if (asymmetricKeyType !== kind) return false;
  if (kind === 'ec') return asymmetricKeyDetails.namedCurve === curve;
  return (asymmetricKeyDetails.modulusLength ?? 0) >= FEWEST_RSA_BITS;
}

/** A key that says what it is for is for nothing else. */
function publicKeyOf(jwk: JsonObject, { header }: ParsedToken): KeyObject | undefined {
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig') return undefined;
  if (jwk['alg'] !== undefined && jwk['alg'] !== header['alg']) return undefined;
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function decode(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function numberOf(claims: JsonObject, name: string): number | undefined {
  const value = claims[name];
  return typeof value === 'number' ? value : undefined;
}
