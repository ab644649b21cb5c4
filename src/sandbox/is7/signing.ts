import { createHash, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { json } from '../http/reply.js';
import { isObject } from '../http/request.js';
import { type Route, route } from '../http/router.js';
import type { LoadedHome } from '../loaded-home.js';
import type { Is7 } from './is7.js';

type Signing = LoadedHome['signing'];

/** The public half of the signing key, for whoever checks tokens. */
export function keySetRoutes({ home }: Is7): readonly Route[] {
  return [route('GET', '/oauth2/jwks', () => json(200, { keys: [jsonWebKey(home.signing)] }))];
}

/** A signed token, RS256 (RFC 7515, RFC 9068). */
export function signToken(signing: Signing, claims: Readonly<Record<string, unknown>>): string {
  const header = { typ: 'at+jwt', alg: 'RS256', kid: keyId(signing) };
  const signed = `${base64Url(JSON.stringify(header))}.${base64Url(JSON.stringify(claims))}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), signing.key).toString('base64url')}`;
}

/** The claims of a token that this key signed and that has not expired; nothing for any other text. */
export function verifiedClaims(signing: Signing, token: string, nowMs: number): Record<string, unknown> | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length > 0) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const { publicKey } = new X509Certificate(signing.cert);
  if (!verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))) return undefined;
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  return isObject(claims) && Number(claims['exp']) * 1000 > nowMs ? claims : undefined;
}

function jsonWebKey(signing: Signing): Record<string, unknown> {
  const certificate = new X509Certificate(signing.cert);
  return {
    ...createPublicKey(signing.cert).export({ format: 'jwk' }),
    use: 'sig',
    alg: 'RS256',
    kid: keyId(signing),
    x5c: [certificate.raw.toString('base64')],
    'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url'),
  };
}

function keyId(signing: Signing): string {
  const { raw } = new X509Certificate(signing.cert);
  return `${createHash('sha256').update(raw).digest('base64url')}_RS256`;
}

function base64Url(text: string): string {
  return Buffer.from(text).toString('base64url');
}
