import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

export interface SelfSigned {
  readonly commonName: string;
  readonly dnsNames?: readonly string[];
  readonly notAfter?: Date;
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
let serial = 0;

/** The PEM of a new certificate; all of a test file have one key, because making keys is slow. */
export function selfSigned({ commonName, dnsNames = [], notAfter = new Date('2090-01-01') }: SelfSigned): string {
  const certificate = forge.pki.createCertificate();
  const name = [
    { name: 'countryName', value: 'US' },
    { name: 'commonName', value: commonName },
  ];
  certificate.serialNumber = `0${++serial}`;
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.validity.notBefore = new Date('2020-01-01');
  certificate.validity.notAfter = notAfter;
  certificate.setSubject(name);
  certificate.setIssuer(name);
  if (dnsNames.length > 0) {
    certificate.setExtensions([{ name: 'subjectAltName', altNames: dnsNames.map((value) => ({ type: 2, value })) }]);
  }
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}
