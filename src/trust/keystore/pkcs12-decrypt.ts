import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import type { Secret } from '../../secret.js';
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, TAG } from '../asn1.js';
import { derivePkcs12Key } from './pkcs12-key.js';
import { NeedsJava } from './raw-entry.js';
import { decryptRc2Cbc } from './rc2.js';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';

/** The schemes of RFC 7292 appendix C, all with SHA-1; WSO2 ships RC2 with 40 bits. */
const PKCS12_SCHEMES: Readonly<
  Record<string, { readonly cipher: 'des-ede3-cbc' | 'rc2-cbc'; readonly keyBytes: number }>
> = {
  '1.2.840.113549.1.12.1.3': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '1.2.840.113549.1.12.1.5': { cipher: 'rc2-cbc', keyBytes: 16 },
  '1.2.840.113549.1.12.1.6': { cipher: 'rc2-cbc', keyBytes: 5 },
};

const PBES2_CIPHERS: Readonly<Record<string, { readonly cipher: string; readonly keyBytes: number }>> = {
  '1.2.840.113549.3.7': { cipher: 'des-ede3-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.2': { cipher: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { cipher: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { cipher: 'aes-256-cbc', keyBytes: 32 },
};

const HMAC_DIGESTS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

/**
 * Decrypts what a password encrypted, by the scheme that `algorithm` (an AlgorithmIdentifier) names.
 *
 * @returns nothing when the padding is wrong, which means a wrong password
 * @throws NeedsJava when the scheme is unknown
 */
export function decryptByPassword(algorithm: Asn1 | undefined, sealed: Buffer, password: Secret): Buffer | undefined {
  const [scheme, parameters] = childrenOf(algorithm);
  const oid = oidOf(scheme);
  return oid === PBES2 ? decryptPbes2(parameters, sealed, password) : decryptPkcs12(oid, parameters, sealed, password);
}

function decryptPkcs12(
  oid: string,
  parameters: Asn1 | undefined,
  sealed: Buffer,
  password: Secret,
): Buffer | undefined {
  const { cipher, keyBytes } = lookUp(PKCS12_SCHEMES, oid, 'encryption');
  const [salt, count] = childrenOf(parameters);
  const request = { digest: 'sha1', password, salt: octetsOf(salt), iterations: integerOf(count) } as const;
  const key = derivePkcs12Key({ ...request, purpose: 1, lengthBytes: keyBytes });
  const iv = derivePkcs12Key({ ...request, purpose: 2, lengthBytes: 8 });
  if (cipher === 'rc2-cbc') return withoutPadding(decryptRc2Cbc(key, keyBytes * 8, iv, sealed));
  return decipher(cipher, key, iv, sealed);
}

function decryptPbes2(parameters: Asn1 | undefined, sealed: Buffer, password: Secret): Buffer | undefined {
  const [derivation, encryption] = childrenOf(parameters).map(childrenOf);
  const [encryptionOid, iv] = encryption ?? [];
  const { cipher, keyBytes } = lookUp(PBES2_CIPHERS, oidOf(encryptionOid), 'encryption');
  const key = pbkdf2(derivation ?? [], keyBytes, password);
  return decipher(cipher, key, octetsOf(iv), sealed);
}

/** After salt and count come two optional fields: the key's length, which the cipher tells as well, and the digest. */
function pbkdf2([oid, parameters]: readonly Asn1[], keyBytes: number, password: Secret): Buffer {
  if (oidOf(oid) !== PBKDF2) throw new NeedsJava(`its key derivation ${oidOf(oid)} is not known`);
  const [salt, count, ...optional] = childrenOf(parameters);
  const digest = optional.find(({ tag }) => tag === TAG.sequence);
  const hmac = digest ? lookUp(HMAC_DIGESTS, oidOf(childrenOf(digest)[0]), 'key derivation digest') : 'sha1';
  return pbkdf2Sync(password.reveal(), octetsOf(salt), integerOf(count), keyBytes, hmac);
}

function decipher(cipher: string, key: Buffer, iv: Buffer, sealed: Buffer): Buffer | undefined {
  const opened = createDecipheriv(cipher, key, iv);
  const start = opened.update(sealed);
  try {
    return Buffer.concat([start, opened.final()]);
  } catch {
    return undefined;
  }
}

function withoutPadding(clear: Buffer): Buffer | undefined {
  const count = clear.at(-1) ?? 0;
  const padding = clear.subarray(clear.length - count);
  if (count < 1 || count > 8 || padding.some((byte) => byte !== count)) return undefined;
  return clear.subarray(0, clear.length - count);
}

function lookUp<T>(known: Readonly<Record<string, T>>, oid: string, what: string): T {
  const found = known[oid];
  if (found === undefined) throw new NeedsJava(`its ${what} ${oid} is not known`);
  return found;
}
