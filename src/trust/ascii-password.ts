import type { Secret } from '../secret.js';

/**
 * Whether Java takes a password for encryption by password, which PKCS#12 stores rest on: blanks, and the printable characters of ASCII
 * (the JDK's `com.sun.crypto.provider.PBEKey`). JKS takes any.
 */
export function isAsciiPassword(password: Secret): boolean {
  return /^[ -~]*$/.test(password.reveal());
}
