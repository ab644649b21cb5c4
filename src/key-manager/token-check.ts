import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Secret } from '../secret.js';
import { isObject, type JsonObject, textOf } from './json.js';

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

export type SignatureVerdict = 'good' | 'key-missing' | 'wrong' | 'algorithm-unknown';

/** Checks a signature with the key of a key set that the token names. */
export function checkWithKeySet(token: ParsedToken, keys: readonly JsonObject[]): SignatureVerdict {
  const kid = textOf(token.header, 'kid');
  const named = keys.filter((key) => kid === undefined || key['kid'] === kid);
  if (named.length === 0) return 'key-missing';
  const verdicts = named.map((key) => {
    const publicKey = publicKeyOf(key);
    return publicKey ? checkWithKey(token, publicKey) : 'wrong';
  });
  return verdicts.find((verdict) => verdict !== 'wrong') ?? 'wrong';
}

/** Checks a signature with the key of a certificate, PEM. */
export function checkWithCertificate(token: ParsedToken, pem: string): SignatureVerdict {
  return checkWithKey(token, new X509Certificate(pem).publicKey);
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

const ALGORITHMS: Readonly<Record<string, { readonly hash: string; readonly padding?: 'pss' | 'p1363' }>> = {
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
  PS256: { hash: 'sha256', padding: 'pss' },
  PS384: { hash: 'sha384', padding: 'pss' },
  PS512: { hash: 'sha512', padding: 'pss' },
  ES256: { hash: 'sha256', padding: 'p1363' },
  ES384: { hash: 'sha384', padding: 'p1363' },
  ES512: { hash: 'sha512', padding: 'p1363' },
};

const RSA_PKCS1_PSS_PADDING = 6;

function checkWithKey({ header, signed, signature }: ParsedToken, key: KeyObject): SignatureVerdict {
  const algorithm = ALGORITHMS[textOf(header, 'alg') ?? ''];
  if (!algorithm) return 'algorithm-unknown';
  const { hash, padding } = algorithm;
  const options = {
    key,
    ...(padding === 'pss' && { padding: RSA_PKCS1_PSS_PADDING }),
    ...(padding === 'p1363' && { dsaEncoding: 'ieee-p1363' as const }),
  };
  return verify(hash, signed, options, signature) ? 'good' : 'wrong';
}

function publicKeyOf(jwk: JsonObject): KeyObject | undefined {
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
