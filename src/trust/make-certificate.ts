import { createPrivateKey, generateKeyPair, randomBytes, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';
import type { KeyIdentity } from './keystore/encode-pkcs12.js';

const DAY_MS = 86_400_000;
/** The clocks of two machines differ. */
const CLOCK_LEEWAY_MS = 3_600_000;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** A certificate that is to be made. */
export interface CertificateRequest {
  /** Host names and addresses; the first is also the common name. */
  readonly names: readonly [string, ...string[]];
  readonly days: number;
  readonly now: Date;
}

/**
 * A new RSA key and a certificate for a TLS server that may also be a TLS client.
 *
 * @param authority who signs it, with an RSA key; absent: the certificate signs itself
 */
export async function makeRsaIdentity(
  { names, days, now }: CertificateRequest,
  modulusLength: 2048 | 3072,
  authority: KeyIdentity | undefined,
): Promise<KeyIdentity> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  const subject = [{ name: 'commonName', value: commonName(names) }];
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  // The first digit keeps the number positive, and of one length.
  certificate.serialNumber = `4${randomBytes(10).toString('hex').slice(1)}`;
  certificate.validity.notBefore = new Date(now.getTime() - CLOCK_LEEWAY_MS);
  certificate.validity.notAfter = endOf({ days, now }, authority);
  certificate.setSubject(subject);
  certificate.setIssuer(
    authority ? forge.pki.certificateFromPem(authority.chain[0].toString()).subject.attributes : subject,
  );
  certificate.setExtensions(extensionsFor(names));
  certificate.sign(forge.pki.privateKeyFromPem(authority ? pemOf(authority) : privateKey), forge.md.sha256.create());
  const made = new X509Certificate(forge.pki.certificateToPem(certificate));
  return { key: createPrivateKey(privateKey), chain: [made, ...(authority?.chain ?? [])] };
}

/** A common name has 64 characters at most (RFC 5280, upper bounds); the names that count are in the SAN. */
export function commonName(names: readonly [string, ...string[]]): string {
  return names.find((name) => name.length <= 64) ?? names[0].slice(0, 64);
}

/** No certificate outlives the one that signs it. */
export function endOf(
  { days, now }: Pick<CertificateRequest, 'days' | 'now'>,
  authority: Pick<KeyIdentity, 'chain'> | undefined,
): Date {
  const end = now.getTime() + days * DAY_MS;
  return new Date(Math.min(end, ...(authority?.chain ?? []).map(({ validTo }) => Date.parse(validTo))));
}

function extensionsFor(names: readonly string[]): object[] {
  const altNames = names.map((name) => (isIP(name) ? { type: IP_ADDRESS, ip: name } : { type: DNS_NAME, value: name }));
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'subjectKeyIdentifier' },
  ];
}

function pemOf({ key }: KeyIdentity): string {
  return key.export({ type: 'pkcs1', format: 'pem' }) as string;
}
