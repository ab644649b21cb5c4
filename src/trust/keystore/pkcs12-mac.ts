import { getFips } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { Secret } from '../../secret.js';

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
