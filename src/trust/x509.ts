import { createHash, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { childrenOf, oidOf, parseAsn1 } from './asn1.js';

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

/** Strictly by the names in the SAN, as Java, browsers and Node do; a common name counts for none of them. */
export function coversHost(certificate: X509Certificate, host: string): boolean {
  if (isIP(host)) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host, { subject: 'never' }) !== undefined;
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

/** Everything that decides whether a certificate is accepted, on one line: subject, names, issuer, validity, key, signature, fingerprint. */
export function detailCertificate(certificate: X509Certificate): string {
  return certificateFacts(certificate)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

/** Everything that decides whether a certificate is accepted, by its name. */
export function certificateFacts(certificate: X509Certificate): readonly (readonly [name: string, value: string])[] {
  return [
    ['subject', onOneLine(certificate.subject)],
    ['names', certificate.subjectAltName ?? 'none'],
    ['issuer', isSelfIssued(certificate) ? 'itself' : onOneLine(certificate.issuer)],
    ['valid', `${dayOf(new Date(certificate.validFrom))} to ${dayOf(expiryOf(certificate))}`],
    ['key', keyStrengthOf(certificate)],
    ['signed with', signatureHashOf(certificate)],
    ['SHA-256', certificate.fingerprint256],
  ];
}

/** `RSA 2048`, `EC prime256v1`. */
export function keyStrengthOf({ publicKey }: X509Certificate): string {
  const { asymmetricKeyType = 'unknown', asymmetricKeyDetails: details } = publicKey;
  return `${asymmetricKeyType.toUpperCase()} ${details?.modulusLength ?? details?.namedCurve ?? ''}`.trim();
}

/** The digest of the signature: `SHA-256`; the identifier of an algorithm that is not known; what Ed25519 and Ed448 bring themselves. */
export function signatureHashOf({ raw }: X509Certificate): string {
  const [, algorithm] = childrenOf(parseAsn1(raw));
  const oid = oidOf(childrenOf(algorithm)[0]);
  return SIGNATURE_HASHES[oid] ?? oid;
}

const SIGNATURE_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'MD2',
  '1.2.840.113549.1.1.4': 'MD5',
  '1.2.840.113549.1.1.5': 'SHA-1',
  '1.2.840.10040.4.3': 'SHA-1',
  '1.2.840.10045.4.1': 'SHA-1',
  '1.2.840.113549.1.1.11': 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
  '1.2.840.10045.4.3.2': 'SHA-256',
  '1.2.840.10045.4.3.3': 'SHA-384',
  '1.2.840.10045.4.3.4': 'SHA-512',
};

/** Whether a certificate names itself as its issuer. */
export function isSelfIssued(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer;
}

/** Whether `issuer` really signed the certificate. */
export function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** The moment after which the certificate is no longer valid. */
export function expiryOf(certificate: X509Certificate): Date {
  return new Date(certificate.validTo);
}

/** A moment's date in UTC: `2025-01-07`. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

function onOneLine(name: string | undefined): string {
  return name?.split('\n').join(', ') ?? 'no name';
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
