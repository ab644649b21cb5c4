import crypto from 'node:crypto';
import type { Secret } from '../../secret.js';
import { judgeRounds } from '../rounds.js';
import { repeatSha1 } from './repeated-sha1.js';

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
