import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface SelfSigned {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extended key usages by forge's names; absent: no such extension, which allows every use. */
  readonly usages?: readonly string[];
  readonly digest?: 'sha256' | 'sha1';
  readonly keyBits?: 1024 | 2048;
  /** Who signs it; absent: itself. */
  readonly authority?: Pick<SelfSigned, 'commonName'>;
}

const keys = new Map([[2048, makeKey(2048)]]);
let serial = 0;

/** The PEM of the key that certificates with this many bits have: one for a test file, because making keys is slow. */
export function testKey(keyBits: 1024 | 2048 = 2048): string {
  return keyOf(keyBits).privateKey;
}

/** The PEM of a new certificate. */
export function selfSigned(wanted: SelfSigned): string {
  const { commonName, keyBits = 2048, digest = 'sha256', authority = wanted } = wanted;
  const certificate = forge.pki.createCertificate();
  certificate.serialNumber = `0${++serial}`;
  certificate.publicKey = forge.pki.publicKeyFromPem(keyOf(keyBits).publicKey);
  certificate.validity.notBefore = wanted.notBefore ?? new Date('2020-01-01');
  certificate.validity.notAfter = wanted.notAfter ?? new Date('2090-01-01');
  certificate.setSubject(nameOf(commonName));
  certificate.setIssuer(nameOf(authority.commonName));
  certificate.setExtensions(extensionsOf(wanted));
  certificate.sign(
    forge.pki.privateKeyFromPem(keyOf(authority === wanted ? keyBits : 2048).privateKey),
    forge.md[digest].create(),
  );
  return forge.pki.certificateToPem(certificate);
}

function extensionsOf({ dnsNames = [], addresses = [], usages }: SelfSigned): object[] {
  const names = [...dnsNames.map((value) => ({ type: 2, value })), ...addresses.map((ip) => ({ type: 7, ip }))];
  const uses = usages && { name: 'extKeyUsage', ...Object.fromEntries(usages.map((usage) => [usage, true])) };
  return [...(names.length > 0 ? [{ name: 'subjectAltName', altNames: names }] : []), ...(uses ? [uses] : [])];
}

function nameOf(commonName: string): forge.pki.CertificateField[] {
  return [
    { name: 'countryName', value: 'US' },
    { name: 'commonName', value: commonName },
  ];
}

function keyOf(bits: 1024 | 2048): ReturnType<typeof makeKey> {
  const known = keys.get(bits) ?? makeKey(bits);
  keys.set(bits, known);
  return known;
}

function makeKey(modulusLength: number) {
  return generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}
