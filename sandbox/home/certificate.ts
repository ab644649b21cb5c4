import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { Identity } from '../loaded-home.js';

export interface CertificateRequest {
  /** The L of the subject, which tells the two products' certificates apart. */
  readonly locality: string;
  readonly from: Date;
  readonly to: Date;
}

/**
 * A new RSA-2048 key and a self-signed certificate in the shape of those in the packs: CN=localhost, DNS:localhost as its only name, and a
 * key usage without certificate signing, so some TLS libraries take it for a trust anchor only because it is the very certificate.
 */
export async function makeIdentity({ locality, from, to }: CertificateRequest): Promise<Identity> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // The first digit keeps the number positive: a leading 00 would do so as well, but is illegal padding half of the time.
  certificate.serialNumber = `4${randomBytes(20).toString('hex').slice(1)}`;
  certificate.validity.notBefore = from;
  certificate.validity.notAfter = to;
  certificate.setSubject(subject(locality));
  certificate.setIssuer(subject(locality));
  certificate.setExtensions(EXTENSIONS);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return { key: privateKey, cert: forge.pki.certificateToPem(certificate) };
}

function subject(locality: string): forge.pki.CertificateField[] {
  return [
    { shortName: 'C', value: 'US' },
    { shortName: 'ST', value: 'CA' },
    { shortName: 'L', value: locality },
    { shortName: 'O', value: 'WSO2' },
    { shortName: 'OU', value: 'WSO2' },
    { shortName: 'CN', value: 'localhost' },
  ];
}

const DNS_NAME = 2;

const EXTENSIONS = [
  { name: 'subjectAltName', altNames: [{ type: DNS_NAME, value: 'localhost' }] },
  { name: 'subjectKeyIdentifier' },
  { name: 'keyUsage', digitalSignature: true, nonRepudiation: true, keyEncipherment: true, dataEncipherment: true },
  { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
];
