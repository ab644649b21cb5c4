import { createPrivateKey, type KeyObject } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import type { KeyIdentity } from './keystore/encode-pkcs12.js';
import { readPemBytes, readPemCertificates } from './pem.js';
import { describeCertificate } from './x509.js';

/** Files that hold a key and its certificate, as cert-manager and certbot write them. */
export interface PemFiles {
  readonly certificate: string;
  readonly key: string;
  /** Further certificates, from the issuer up, when they are not behind the certificate itself. */
  readonly chain?: string | undefined;
  /** What names these files, for messages: `tls.is7`. */
  readonly settings: string;
}

/**
 * Reads a private key and its certificates.
 *
 * @throws BootstrapError `FILE_UNREADABLE`, `CERTIFICATE_UNREADABLE`, `KEY_UNREADABLE`, `KEY_MISMATCH`
 */
export async function readPemIdentity({ certificate, key, chain, settings }: PemFiles): Promise<KeyIdentity> {
  const own = await readPemCertificates(certificate, settings);
  const further = chain === undefined ? [] : await readPemCertificates(chain, settings);
  const privateKey = parseKey(await readPemBytes(key, settings), key);
  if (!own[0].checkPrivateKey(privateKey)) {
    throw new BootstrapError(MESSAGES.KEY_MISMATCH.inFiles(key, certificate, describeCertificate(own[0]), settings));
  }
  const known = new Set(own.map(({ fingerprint256 }) => fingerprint256));
  return { key: privateKey, chain: [...own, ...further.filter(({ fingerprint256 }) => !known.has(fingerprint256))] };
}

function parseKey(bytes: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(bytes);
  } catch {
    const isSealed = /ENCRYPTED/.test(bytes.toString('latin1'));
    throw new BootstrapError(MESSAGES.KEY_UNREADABLE.inFile(path, isSealed));
  }
}
