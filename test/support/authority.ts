import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';
import type { TestCertificate } from './certificates.js';

export interface CertificateRequest {
  readonly name: string;
  /** Who signs it; itself by default. */
  readonly issuer?: TestCertificate;
  /** `authority` may sign others; `version 1` has no extensions at all, which old software takes for the same. */
  readonly role?: 'server' | 'authority' | 'version 1';
  readonly validity?: 'valid' | 'expired';
}

const DAY_MS = 86_400_000;
let serial = 1;

/** A certificate of RSA-2048, PEM, for a DNS name or an address, of any role and issuer. */
export function certify({ name, issuer, role = 'server', validity = 'valid' }: CertificateRequest): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `0${serial++}`;
  const end = Date.now() + (validity === 'valid' ? 300 : -1) * DAY_MS;
  certificate.validity.notBefore = new Date(end - 365 * DAY_MS);
  certificate.validity.notAfter = new Date(end);
  // One that is signed by another has another subject than that, or it would pass for self-signed.
  const subject = [{ name: 'commonName', value: issuer ? `${name} (${serial})` : name }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.cert).subject.attributes : subject);
  if (role === 'version 1') certificate.version = 0;
  else certificate.setExtensions(extensionsOf(name, role));
  const key = forge.pki.privateKeyFromPem(issuer ? issuer.key : privateKey);
  certificate.sign(key, forge.md.sha256.create());
  const cert = forge.pki.certificateToPem(certificate);
  return { key: privateKey, cert, fingerprint: new X509Certificate(cert).fingerprint256 };
}

function extensionsOf(name: string, role: 'server' | 'authority'): object[] {
  const altName = isIP(name) ? { type: 7, ip: name } : { type: 2, value: name };
  const altNames = { name: 'subjectAltName', altNames: [altName] };
  if (role === 'server') return [altNames];
  return [
    altNames,
    { name: 'basicConstraints', cA: true },
    { name: 'keyUsage', keyCertSign: true, digitalSignature: true, keyEncipherment: true },
  ];
}
