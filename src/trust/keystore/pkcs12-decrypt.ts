import { createDecipheriv, pbkdf2Sync } from 'node:crypto';
import type { Secret } from '../../secret.js';
import { type Asn1, childrenOf, integerOf, octetsOf, oidOf, TAG } from '../asn1.js';
import { derivePkcs12Key } from './pkcs12-key.js';
import { NeedsJava } from './raw-entry.js';

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
  const value = known[oid];
  if (value === undefined) throw new NeedsJava(`its ${what} ${oid} is not known`);
  return value;
}

const BLOCK = 8;

/** PITABLE of RFC 2268, section 2: a permutation of all bytes, made of the digits of pi. */
const PI_TABLE = Buffer.from(
  [
    'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32',
    'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a',
    '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e',
    'c5f3db47e5a59c770aa62068fe7fc1ad',
  ].join(''),
  'hex',
);

/**
 * Decrypts RC2 in CBC mode (RFC 2268), the padding left on. Stores of IS 7.1 and later are encrypted so, and OpenSSL 3 has no RC2 any
 * more.
 */
export function decryptRc2Cbc(key: Buffer, effectiveBits: number, iv: Buffer, sealed: Buffer): Buffer {
  const schedule = expandKey(key, effectiveBits);
  const clear = Buffer.alloc(sealed.length - (sealed.length % BLOCK));
  for (let at = 0; at < clear.length; at += BLOCK) {
    decryptBlock(sealed, clear, at, schedule);
    for (let i = 0; i < BLOCK; i++) {
      clear[at + i] = (clear[at + i] ?? 0) ^ ((at === 0 ? iv[i] : sealed[at - BLOCK + i]) ?? 0);
    }
  }
  return clear;
}

/** 64 words of 16 bits from 128 bytes; how strong the key may be is settled on the way. */
function expandKey(key: Buffer, effectiveBits: number): Uint16Array {
  const expanded = Buffer.alloc(128);
  key.copy(expanded);
  const pi = (index: number) => PI_TABLE[index & 0xff] ?? 0;
  const at = (index: number) => expanded[index] ?? 0;
  for (let i = key.length; i < 128; i++) expanded[i] = pi(at(i - 1) + at(i - key.length));
  const effectiveBytes = Math.ceil(effectiveBits / 8);
  const start = 128 - effectiveBytes;
  expanded[start] = pi(at(start) & (0xff >> (8 * effectiveBytes - effectiveBits)));
  for (let i = start - 1; i >= 0; i--) expanded[i] = pi(at(i + 1) ^ at(i + effectiveBytes));
  return Uint16Array.from({ length: 64 }, (_, index) => expanded.readUInt16LE(2 * index));
}

/** Sixteen mixing rounds backwards, with a mashing round after the fifth and the eleventh; in local variables, which makes it fast. */
function decryptBlock(sealed: Buffer, clear: Buffer, at: number, schedule: Uint16Array): void {
  const word = (offset: number) => (sealed[at + offset] ?? 0) | ((sealed[at + offset + 1] ?? 0) << 8);
  let a = word(0);
  let b = word(2);
  let c = word(4);
  let d = word(6);
  for (let round = 15; round >= 0; round--) {
    const k = 4 * round;
    d = (turnRight(d, 5) - (schedule[k + 3] ?? 0) - (c & b) - (~c & a)) & 0xffff;
    c = (turnRight(c, 3) - (schedule[k + 2] ?? 0) - (b & a) - (~b & d)) & 0xffff;
    b = (turnRight(b, 2) - (schedule[k + 1] ?? 0) - (a & d) - (~a & c)) & 0xffff;
    a = (turnRight(a, 1) - (schedule[k] ?? 0) - (d & c) - (~d & b)) & 0xffff;
    if (round !== 11 && round !== 5) continue;
    d = (d - (schedule[c & 63] ?? 0)) & 0xffff;
    c = (c - (schedule[b & 63] ?? 0)) & 0xffff;
    b = (b - (schedule[a & 63] ?? 0)) & 0xffff;
    a = (a - (schedule[d & 63] ?? 0)) & 0xffff;
  }
  clear.writeUInt16LE(a, at);
  clear.writeUInt16LE(b, at + 2);
  clear.writeUInt16LE(c, at + 4);
  clear.writeUInt16LE(d, at + 6);
}

function turnRight(word: number, bits: number): number {
  return (word >>> bits) | (word << (16 - bits));
}
