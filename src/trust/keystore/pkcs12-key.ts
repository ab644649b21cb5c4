import crypto, { getFips } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Secret } from '../../secret.js';
import { judgeRounds } from '../rounds.js';

/** A digest that PKCS#12 stores use, by node's name. */
export type Pkcs12Digest = 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';

export interface Pkcs12KeyRequest {
  readonly digest: Pkcs12Digest;
  readonly password: Secret;
  readonly salt: Buffer;
  /** 1 = key, 2 = initialization vector, 3 = MAC key. */
  readonly purpose: 1 | 2 | 3;
  readonly iterations: number;
  readonly lengthBytes: number;
}

/**
 * The key derivation of PKCS#12, RFC 7292 appendix B.2. node-forge has one too, which is many times slower.
 *
 * @throws Error with the reason, when the number of iterations is out of bounds
 */
export function derivePkcs12Key(request: Pkcs12KeyRequest): Buffer {
  const { digest, password, salt, purpose, iterations, lengthBytes } = request;
  judgeRounds([iterations]);
  const block = digest === 'sha384' || digest === 'sha512' ? 128 : 64;
  const diversifier = Buffer.alloc(block, purpose);
  let input: Buffer = Buffer.concat([repeatToBlocks(salt, block), repeatToBlocks(bmpString(password), block)]);
  const parts: Buffer[] = [];
  for (let length = 0; length < lengthBytes; ) {
    const part = hashRepeatedly(digest, Buffer.concat([diversifier, input]), iterations);
    parts.push(part);
    length += part.length;
    input = addToEachBlock(input, Buffer.alloc(block, part));
  }
  return Buffer.concat(parts).subarray(0, lengthBytes);
}

/** Big-endian UTF-16 with two zero bytes at the end. */
function bmpString(password: Secret): Buffer {
  return Buffer.from(`${password.reveal()}\0`, 'utf16le').swap16();
}

function repeatToBlocks(bytes: Buffer, block: number): Buffer {
  return Buffer.alloc(block * Math.ceil(bytes.length / block), bytes);
}

function hashRepeatedly(digest: Pkcs12Digest, bytes: Buffer, iterations: number): Buffer {
  let hashed = hashOnce(digest, bytes);
  if (digest === 'sha1') return repeatSha1(hashed, iterations - 1);
  for (let done = 1; done < iterations; done++) hashed = hashOnce(digest, hashed);
  return hashed;
}

/** Node 20.12 and later hash in one call, which matters thousands of times over. */
function hashOnce(digest: Pkcs12Digest, bytes: Buffer): Buffer {
  return crypto.hash ? crypto.hash(digest, bytes, 'buffer') : crypto.createHash(digest).update(bytes).digest();
}

/** Every block of the input, as a number, grows by `addend` + 1; what does not fit is cut off. */
function addToEachBlock(input: Buffer, addend: Buffer): Buffer {
  const size = addend.length;
  const increment = BigInt(`0x${addend.toString('hex')}`) + 1n;
  const blocks = Array.from({ length: input.length / size }, (_, index) => {
    const block = BigInt(`0x${input.toString('hex', index * size, (index + 1) * size)}`);
    const sum = BigInt.asUintN(size * 8, block + increment);
    return Buffer.from(sum.toString(16).padStart(size * 2, '0'), 'hex');
  });
  return Buffer.concat(blocks);
}

const DIGEST_BITS = 160;

/**
 * The SHA-1 of a SHA-1 digest, of that again, and so on, `times` over (FIPS 180-4, 6.1.2). Each input is one block of the same form, and
 * so this takes a quarter of the time of as many calls into OpenSSL: the stores of IS 7.1 and later ask for 100,000 of them.
 */
export function repeatSha1(digest: Buffer, times: number): Buffer {
  const state = Int32Array.from({ length: 5 }, (_, index) => digest.readInt32BE(4 * index));
  const words = new Int32Array(80);
  words[5] = 0x80000000;
  words[15] = DIGEST_BITS;
  for (let done = 0; done < times; done++) {
    expand(state, words);
    hash(words, state);
  }
  const result = Buffer.alloc(4 * state.length);
  for (const [index, word] of state.entries()) result.writeInt32BE(word, 4 * index);
  return result;
}

/** The message schedule of a block that holds a digest; what pads it to a block is there already. */
function expand(digest: Int32Array, words: Int32Array): void {
  words.set(digest);
  for (let i = 16; i < 80; i++) {
    words[i] = rotate((words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0), 1);
  }
}

/** Eighty rounds in four kinds. They are spelt out, in local variables, because that is what makes it fast. */
function hash(words: Int32Array, result: Int32Array): void {
  let a = 0x67452301;
  let b = 0xefcdab89 | 0;
  let c = 0x98badcfe | 0;
  let d = 0x10325476;
  let e = 0xc3d2e1f0 | 0;
  let next = 0;
  for (let i = 0; i < 20; i++) {
    next = (rotate(a, 5) + ((b & c) | (~b & d)) + e + 0x5a827999 + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (let i = 20; i < 40; i++) {
    next = (rotate(a, 5) + (b ^ c ^ d) + e + 0x6ed9eba1 + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (let i = 40; i < 60; i++) {
    next = (rotate(a, 5) + ((b & c) | (b & d) | (c & d)) + e + 0x8f1bbcdc + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (let i = 60; i < 80; i++) {
    next = (rotate(a, 5) + (b ^ c ^ d) + e + 0xca62c1d6 + (words[i] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  result[0] = a + 0x67452301;
  result[1] = b + 0xefcdab89;
  result[2] = c + 0x98badcfe;
  result[3] = d + 0x10325476;
  result[4] = e + 0xc3d2e1f0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/**
 * Whether OpenSSL says that the password fits the MAC of a PKCS#12 store. It checks the MAC before anything else, and derives the MAC's
 * key from the password eight times faster than JavaScript can: 100,000 rounds in the stores of IS 7.1 and later. That it then refuses
 * RC2, which those stores are encrypted with, does not matter here.
 *
 * False says nothing: the MAC may still fit.
 */
export function isMacAccepted(bytes: Buffer, password: Secret): boolean {
  // In FIPS mode the derivation itself is what is not supported.
  if (getFips()) return false;
  try {
    // No authorities: loading node's own would take as long as the rest.
    createSecureContext({ pfx: bytes, passphrase: password.reveal(), ca: [] });
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_CRYPTO_UNSUPPORTED_OPERATION';
  }
}
