import { X509Certificate } from 'node:crypto';
import { checkServerIdentity, DEFAULT_MIN_VERSION, type PeerCertificate, rootCertificates } from 'node:tls';

/**
 * What each client says itself of every TLS connection, so that nothing in the environment can weaken it: Node takes what is not said
 * from NODE_TLS_REJECT_UNAUTHORIZED and from NODE_OPTIONS (`--tls-min-v1.0`). What makes it stricter there, holds.
 */
export const VERIFIED = {
  rejectUnauthorized: true,
  minVersion: DEFAULT_MIN_VERSION === 'TLSv1.3' ? 'TLSv1.3' : 'TLSv1.2',
} as const;

/** Certificates by what they may vouch for, PEM. */
export interface Believed {
  /** Certificates of authorities: those that their own basic constraints call so. */
  readonly authorities: readonly string[];
  /**
   * Certificates of servers: each is believed for itself and its own names. OpenSSL would take one that is self-signed and has no
   * extensions (X.509 version 1) for an authority, so that whoever has its key could be any host.
   */
  readonly pins: readonly string[];
}

/** The PEM certificates in a text; undefined when there is none, or one that cannot be read. */
export function certificatesIn(text: string): readonly string[] | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch {
    return undefined;
  }
  return blocks.length > 0 ? blocks : undefined;
}

/** Sorts certificates by what they may vouch for. */
export function sortedByRole(certificates: readonly string[]): Believed {
  const authorities = certificates.filter(isAuthority);
  return { authorities, pins: certificates.filter((pem) => !authorities.includes(pem)) };
}

/** The code of the error for a certificate that is not the pinned one, though that may have issued it. */
export const NOT_PINNED = 'CERT_NOT_PINNED';

/** In place of Node's `checkServerIdentity`: besides the name, the certificate has to be one of these itself. */
export function identityOf(pins: readonly string[]): (host: string, certificate: PeerCertificate) => Error | undefined {
  const fingerprints = new Set(pins.map((pem) => new X509Certificate(pem).fingerprint256));
  return (host, certificate) => {
    if (fingerprints.has(certificate.fingerprint256)) return checkServerIdentity(host, certificate);
    return Object.assign(new Error('it is not the certificate that is believed'), { code: NOT_PINNED });
  };
}

const PUBLIC_AUTHORITIES: ReadonlySet<string> = new Set(rootCertificates);

/** To read a certificate takes half a millisecond, and a truststore has more than a hundred. */
const roles = new Map<string, boolean>();

function isAuthority(pem: string): boolean {
  const found = roles.get(pem) ?? (PUBLIC_AUTHORITIES.has(pem) || new X509Certificate(pem).ca);
  roles.set(pem, found);
  return found;
}
