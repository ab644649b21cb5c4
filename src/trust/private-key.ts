import { createHash, createPrivateKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../secret.js';
import { childrenOf, octetsOf, oidOf, parseAsn1 } from './asn1.js';
import { utf16 } from './keystore/jks.js';
import { judgeRounds, roundsOf } from './rounds.js';

/** Sun's own scheme for private keys in JKS: `sun.security.provider.KeyProtector` of the JDK. */
const SUN_KEY_PROTECTOR = '1.3.6.1.4.1.42.2.17.1.1';
const JCEKS_KEY_PROTECTOR = '1.3.6.1.4.1.42.2.19.1';
const DIGEST_BYTES = 20;

/**
 * Opens a private key as keystores hold it, an EncryptedPrivateKeyInfo (RFC 5958).
 *
 * @returns nothing for a wrong password; `unknown` for a scheme that only Java can open
 */
export function openPrivateKey(sealedKey: Buffer, password: Secret): KeyObject | 'unknown' | undefined {
  if (sealedKey.length === 0) return 'unknown';
  const [algorithm, sealed] = childrenOf(parseAsn1(sealedKey));
  const oid = oidOf(childrenOf(algorithm)[0]);
  if (oid === JCEKS_KEY_PROTECTOR) return 'unknown';
  if (judgeRounds(oid === SUN_KEY_PROTECTOR ? [] : roundsOf(algorithm)) === 'too many') return 'unknown';
  if (oid !== SUN_KEY_PROTECTOR) return openPkcs8(sealedKey, password);
  const clear = openSunKey(octetsOf(sealed), password);
  return clear && createPrivateKey({ key: clear, format: 'der', type: 'pkcs8' });
}

function openPkcs8(key: Buffer, password: Secret): KeyObject | 'unknown' | undefined {
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8', passphrase: password.reveal() });
  } catch (error) {
    // OpenSSL says so of RC2 and RC4, which it has put aside; a wrong password fails in decrypting.
    return /unsupported/i.test((error as Error).message) ? 'unknown' : undefined;
  }
}

/** Salt, key XOR a SHA-1 stream, and the digest of password and key. */
function openSunKey(sealed: Buffer, password: Secret): Buffer | undefined {
  const secret = utf16(password);
  const body = sealed.subarray(DIGEST_BYTES, sealed.length - DIGEST_BYTES);
  const clear = Buffer.alloc(body.length);
  let block = sealed.subarray(0, DIGEST_BYTES);
  for (let at = 0; at < body.length; at += DIGEST_BYTES) {
    block = createHash('sha1').update(secret).update(block).digest();
    for (let offset = 0; offset < DIGEST_BYTES && at + offset < body.length; offset++) {
      clear.writeUInt8(body.readUInt8(at + offset) ^ block.readUInt8(offset), at + offset);
    }
  }
  const digest = createHash('sha1').update(secret).update(clear).digest();
  return timingSafeEqual(digest, sealed.subarray(sealed.length - DIGEST_BYTES)) ? clear : undefined;
}
