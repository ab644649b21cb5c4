import { type Is7, timeAt } from './is7.js';
import { verifiedClaims } from './signing.js';

/** The claims of a token that this server issued, that has not expired and that nobody revoked. */
export function activeClaims(is7: Is7, token: string): Record<string, unknown> | undefined {
  const { signing, database } = is7;
  const claims = is7.tokens.opaque.get(token) ?? verifiedClaims(signing, token, timeAt(is7));
  return claims && database.isTokenActive(String(claims['jti'])) ? claims : undefined;
}
