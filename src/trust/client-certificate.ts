import { BootstrapError } from '../errors.js';
import { type KeystoreCertificate, readPeerCertificate, readPeerIdentity } from './certificate.js';
import { MESSAGES } from './errors.js';
import { openPrivateKey } from './private-key.js';

/** One entry of IS 7's `[[client_certificate_based_authentication.user_thumbprint_mapping]]`: whoever presents this acts as that user. */
export interface ThumbprintMapping {
  /** The certificate's issuer, its attributes in alphabetical order: `C=US, CN=localhost, L=Mountain View, …`. */
  readonly trusted_issuer: string;
  /** SHA-256, upper hex with colons. */
  readonly cert_thumbprint: string;
  readonly allowed_username: string;
}

/**
 * How IS 7 recognises the certificate that API Manager presents with mutual TLS: that of its primary keystore. IS 7.3 demands the mapping,
 * and those before it pass over it.
 *
 * @throws BootstrapError those of {@link readPeerCertificate}
 */
export async function thumbprintMapping(primary: KeystoreCertificate, username: string): Promise<ThumbprintMapping> {
  const { issuer, fingerprint256 } = await readPeerCertificate(primary);
  return { trusted_issuer: normalizedName(issuer), cert_thumbprint: fingerprint256, allowed_username: username };
}

/**
 * What API Manager presents with mutual TLS, PEM.
 *
 * @throws BootstrapError those of {@link readPeerIdentity}; `KEY_UNREADABLE` for a key that only Java can open
 */
export async function readClientIdentity(
  primary: KeystoreCertificate,
): Promise<{ readonly key: string; readonly cert: string }> {
  const { certificate, keystore } = await readPeerIdentity(primary);
  const entry = keystore?.entries.find(({ kind, sha256 }) => kind === 'key' && sha256 === certificate.fingerprint256);
  const key = entry && openPrivateKey(entry.sealedKey, primary.keyPassword ?? primary.store.password);
  if (key === undefined || key === 'unknown') {
    throw new BootstrapError(MESSAGES.KEY_UNREADABLE.byJavaOnly(primary.store.path));
  }
  return { key: String(key.export({ type: 'pkcs8', format: 'pem' })), cert: certificate.toString() };
}

/** node gives one attribute a line, in the order of the certificate. */
export function normalizedName(name: string): string {
  const typeOf = (attribute: string) => attribute.slice(0, attribute.indexOf('='));
  const attributes = name.split('\n').filter(Boolean);
  return attributes
    .sort((one, other) => (typeOf(one) < typeOf(other) ? -1 : typeOf(one) > typeOf(other) ? 1 : 0))
    .join(', ');
}
