import { createHash, X509Certificate } from 'node:crypto';

const FINGERPRINT_START = 11; // 9D:B3:6B:A1
const NAMES_SHOWN = 3;

/** A certificate from DER or PEM (its first certificate), or nothing when OpenSSL cannot parse it, which Java sometimes can. */
export function parseX509(bytes: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(bytes);
  } catch {
    return undefined;
  }
}

/** The fingerprint of DER bytes as keytool prints it: SHA-256, upper hex, colons. */
export function sha256Fingerprint(der: Uint8Array): string {
  const hex = createHash('sha256').update(der).digest('hex').toUpperCase();
  return hex.replace(/..(?=.)/g, '$&:');
}

/** One line for people: `CN=localhost (DNS:localhost, SHA-256 9D:B3:6B:A1…, expires 2025-01-07)`. */
export function describeCertificate(certificate: X509Certificate): string {
  const fingerprint = `SHA-256 ${certificate.fingerprint256.slice(0, FINGERPRINT_START)}…`;
  const facts = [...alternativeNames(certificate), fingerprint, `expires ${dayOf(expiryOf(certificate))}`];
  return `${subjectOf(certificate)} (${facts.join(', ')})`;
}

/** The moment after which the certificate is no longer valid. */
export function expiryOf(certificate: X509Certificate): Date {
  return new Date(certificate.validTo);
}

/** A moment's date in UTC: `2025-01-07`. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** node shows a subject with one part on each line; the common name is what people know a server by. */
function subjectOf({ subject }: X509Certificate): string {
  const parts = subject?.split('\n') ?? [];
  return parts.findLast((part) => part.startsWith('CN=')) ?? (parts.join(', ') || 'no subject');
}

function alternativeNames({ subjectAltName }: X509Certificate): readonly string[] {
  const names = subjectAltName?.split(', ') ?? [];
  if (names.length <= NAMES_SHOWN) return names;
  return [...names.slice(0, NAMES_SHOWN), `${names.length - NAMES_SHOWN} more names`];
}
