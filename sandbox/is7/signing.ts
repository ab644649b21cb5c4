import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { json } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import { isSignedBy, signToken, takeApart } from '../json-web-token.js';
import type { Identity } from '../loaded-home.js';
import type { Is7 } from './is7.js';

/** The public half of the signing key, for whoever checks tokens. */
export function keySetRoutes({ signing }: Is7): readonly Route[] {
  return [route('GET', '/oauth2/jwks', () => json(200, { keys: [jsonWebKey(signing)] }))];
}

/** A token with these claims, signed by the tenant. */
export function issueJwt(signing: Identity, claims: Readonly<Record<string, unknown>>): string {
  return signToken(signing.key, keyId(signing), claims);
}

/** The claims of a token that this key signed and that has not expired; nothing for any other text. */
export function verifiedClaims(signing: Identity, token: string, nowMs: number): Record<string, unknown> | undefined {
  const { claims } = takeApart(token) ?? {};
  if (!claims || !isSignedBy(token, new X509Certificate(signing.cert).publicKey)) return undefined;
  return Number(claims['exp']) * 1000 > nowMs ? claims : undefined;
}

function jsonWebKey(signing: Identity): Record<string, unknown> {
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

function keyId(signing: Identity): string {
  const { raw } = new X509Certificate(signing.cert);
  return `${createHash('sha256').update(raw).digest('base64url')}_RS256`;
}
