import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../secret.js';

/** Where the fingerprint stands: a key of the Key Manager's own free properties, which the server stores as it comes. */
export const FINGERPRINT_KEY = 'km_bootstrap_secret_fingerprint';

/** Tells whether a secret is the one that was sent last, which the server itself never shows. */
export interface Fingerprints {
  /** `scrypt$16384$8$1$<salt>$<hash>`, base64url. */
  make(secret: Secret): string;
  /** Unknown for anything that is not such a text. */
  compare(fingerprint: unknown, secret: Secret): SecretVerdict;
}

export type SecretVerdict = 'same' | 'differs' | 'unknown';

/** 16 MiB and some 40 ms a guess: the fingerprint can be read by every administrator of the tenant. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
const HASH_BYTES = 32;
const FORMAT = new RegExp(String.raw`^scrypt\$${COST.N}\$${COST.r}\$${COST.p}\$([\w-]{22})\$([\w-]{43})$`);

/**
 * Fingerprints of one tenant. They share one salt, and each is worked out once, so that a thousand Key Managers with one account cost
 * no more than one. It is done in this thread: each thread of the pool would keep its 16 MiB for the rest of the run.
 */
export function createFingerprints(): Fingerprints {
  const salt = randomBytes(16).toString('base64url');
  const hashes = new Map<string, string>();

  function hash(secret: Secret, withSalt: string): string {
    const id = `${withSalt}$${secret.reveal()}`;
    const known = hashes.get(id) ?? scryptSync(secret.reveal(), withSalt, HASH_BYTES, COST).toString('base64url');
    hashes.set(id, known);
    return known;
  }

  return {
    make: (secret) => `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt}$${hash(secret, salt)}`,
    compare(fingerprint, secret) {
      const [, foundSalt, foundHash] = FORMAT.exec(String(fingerprint ?? '')) ?? [];
      if (foundSalt === undefined || foundHash === undefined) return 'unknown';
      return timingSafeEqual(Buffer.from(hash(secret, foundSalt)), Buffer.from(foundHash)) ? 'same' : 'differs';
    },
  };
}
