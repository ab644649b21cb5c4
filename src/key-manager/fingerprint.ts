import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '../config/secret.js';
import { createLimit } from '../io/limit.js';

/** Where the fingerprint stands: a key of the Key Manager's own free properties, which the server stores as it comes. */
export const FINGERPRINT_KEY = 'km_bootstrap_secret_fingerprint';

/** Tells whether a secret is the one that was sent last, which the server itself never shows. */
export interface Fingerprints {
  /** `scrypt$16384$8$1$<salt>$<hash>`, base64url. */
  make(secret: Secret): Promise<string>;
  /** Unknown for anything that is not such a text. */
  compare(fingerprint: unknown, secret: Secret): Promise<SecretVerdict>;
}

export type SecretVerdict = 'same' | 'differs' | 'unknown';

/** 16 MiB and some 40 ms a guess: the fingerprint can be read by every administrator of the tenant. */
const COST = { N: 16_384, r: 8, p: 1 } as const;
const HASH_BYTES = 32;
const FORMAT = new RegExp(String.raw`^scrypt\$${COST.N}\$${COST.r}\$${COST.p}\$([\w-]{22})\$([\w-]{43})$`);

/**
 * Fingerprints of one tenant. They share one salt, and each is worked out once, so that a thousand Key Managers with one account cost
 * no more than one.
 */
export function createFingerprints(): Fingerprints {
  const salt = randomBytes(16).toString('base64url');
  const hashes = new Map<string, Promise<string>>();

  function hash(secret: Secret, withSalt: string): Promise<string> {
    const id = `${withSalt}$${secret.reveal()}`;
    const known = hashes.get(id) ?? derive(secret, withSalt);
    hashes.set(id, known);
    return known;
  }

  return {
    async make(secret) {
      return `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt}$${await hash(secret, salt)}`;
    },
    async compare(fingerprint, secret) {
      const [, foundSalt, foundHash] = FORMAT.exec(String(fingerprint ?? '')) ?? [];
      if (foundSalt === undefined || foundHash === undefined) return 'unknown';
      const wanted = Buffer.from(await hash(secret, foundSalt));
      return timingSafeEqual(wanted, Buffer.from(foundHash)) ? 'same' : 'differs';
    },
  };
}

/** Each needs its 16 MiB while it is worked out, so they wait for each other. */
const oneAtATime = createLimit(1);

function derive(secret: Secret, salt: string): Promise<string> {
  return oneAtATime(async () => (await scryptOf(secret.reveal(), salt, HASH_BYTES, COST)).toString('base64url'));
}

const scryptOf = promisify<string, string, number, ScryptOptions, Buffer>(scrypt);
