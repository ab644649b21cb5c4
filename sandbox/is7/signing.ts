import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { json } from '../http/reply.js';
import { type Route, route } from '../http/router.js';
import { isSignedBy, signToken, takeApart } from '../json-web-token.js';
import type { Identity } from '../loaded-home.js';
import type { Is7 } from './is7.js';

/** The public half of the signing key, for whoever checks tokens, and in the first tenant of those that the keystore also holds. */
export function keySetRoutes({ signing, home, tenant }: Is7): readonly Route[] {
  const older = tenant === 'carbon.super' ? home.olderSigning : [];
  const keys = [signing.cert, ...older].map(jsonWebKey);
  return [route('GET', '/oauth2/jwks', () => json(200, { keys }))];
}

/** A token with these claims, signed by the tenant. From 7.3 on its header names the certificate by SHA-256, before by SHA-1. */
export function issueJwt({ signing, dialect }: Is7, claims: Readonly<Record<string, unknown>>): string {
  const { raw } = new X509Certificate(signing.cert);
  const [name, algorithm] =
    Number(dialect.release) >= 7.3 ? (['x5t#S256', 'sha256'] as const) : (['x5t', 'sha1'] as const);
  return signToken(signing.key, keyId(signing), claims, {
    [name]: createHash(algorithm).update(raw).digest('base64url'),
  });
}

/** The claims of a token that this key signed and that has not expired; nothing for any other text. */
export function verifiedClaims(signing: Identity, token: string, nowMs: number): Record<string, unknown> | undefined {
  const { claims } = takeApart(token) ?? {};
  if (!claims || !isSignedBy(token, new X509Certificate(signing.cert).publicKey)) return undefined;
  return Number(claims['exp']) * 1000 > nowMs ? claims : undefined;
}

function jsonWebKey(cert: string): Record<string, unknown> {
  const certificate = new X509Certificate(cert);
  return {
    ...createPublicKey(cert).export({ format: 'jwk' }),
    use: 'sig',
    alg: 'RS256',
    kid: keyId({ cert }),
    x5c: [certificate.raw.toString('base64')],
    'x5t#S256': createHash('sha256').update(certificate.raw).digest('base64url'),
  };
}

function keyId(signing: Pick<Identity, 'cert'>): string {
  const { raw } = new X509Certificate(signing.cert);
  return `${createHash('sha256').update(raw).digest('base64url')}_RS256`;
}
