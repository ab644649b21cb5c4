import forge from 'node-forge';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint: string;
}

const DAY_MS = 86_400_000;

/** A self-signed RSA-2048 certificate for a DNS name, PEM; `expired` ended yesterday, `future` begins tomorrow. */
export async function makeCertificate(
  dnsName: string,
  validity: 'valid' | 'expired' | 'future' = 'valid',
): Promise<TestCertificate> {
  const { X509Certificate, generateKeyPairSync } = await import('node:crypto');
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `0${Math.floor(Math.random() * 1e9)}`;
  const end = Date.now() + { valid: 300, expired: -1, future: 366 }[validity] * DAY_MS;
  certificate.validity.notBefore = new Date(end - 365 * DAY_MS);
  certificate.validity.notAfter = new Date(end);
  const subject = [{ name: 'commonName', value: dnsName }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([{ name: 'subjectAltName', altNames: [{ type: 2, value: dnsName }] }]);
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  const cert = forge.pki.certificateToPem(certificate);
  return { key: privateKey, cert, fingerprint: new X509Certificate(cert).fingerprint256 };
}
