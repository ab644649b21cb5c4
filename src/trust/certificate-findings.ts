import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { Notice } from '../step/step.js';
import { MESSAGES } from './errors.js';
import {
  coversHost,
  dayOf,
  describeCertificate,
  expiryOf,
  isSelfIssued,
  isSignedBy,
  keyStrengthOf,
  signatureHashOf,
} from './x509.js';

/** A certificate with the ones that it was given to lead to its issuer, leaf first. */
export interface CertificateChain {
  readonly certificate: X509Certificate;
  readonly chain: readonly X509Certificate[];
}

export interface CertificateContext {
  /** Whose it is, for people: `WSO2 Identity Server 7`. */
  readonly peer: string;
  /** Who has to accept it: `WSO2 API Manager`. */
  readonly owner: string;
  /** The names and addresses by which it is reached. */
  readonly hosts: readonly string[];
  readonly now: Date;
  readonly warnBeforeMs: number;
  /** What it is presented as; a client has no host name. */
  readonly roles: readonly CertificateRole[];
}

export type CertificateRole = 'server' | 'client';

/** Everything that is wrong, or soon will be, with the certificate that a server presents. Pure; nothing for a healthy one. */
export function findCertificateFaults(identity: CertificateChain, context: CertificateContext): readonly Notice[] {
  const { certificate } = identity;
  const subject = `the certificate of ${context.peer}, ${describeCertificate(certificate)},`;
  return [
    ...validity(certificate, subject, context),
    ...(context.roles.includes('server') ? names(certificate, subject, context) : []),
    ...strength(certificate, subject),
    ...context.roles.flatMap((role) => usage(certificate, subject, role)),
    ...chainOrder(identity, subject),
  ];
}

function validity(
  certificate: X509Certificate,
  subject: string,
  { now, warnBeforeMs }: CertificateContext,
): readonly Notice[] {
  const [start, expiry] = [new Date(certificate.validFrom), expiryOf(certificate)];
  if (start > now) {
    return [MESSAGES.CERT_NOT_YET_VALID(subject, start.toISOString())];
  }
  if (expiry <= now) {
    return [MESSAGES.CERT_EXPIRED(subject, dayOf(expiry))];
  }
  if (expiry.getTime() - now.getTime() > warnBeforeMs) return [];
  return [MESSAGES.CERT_EXPIRES_SOON(subject, dayOf(expiry))];
}

/** Strictly by the names in the SAN, as Java, browsers and Node do; a common name counts for none of them. */
function names(
  certificate: X509Certificate,
  subject: string,
  { hosts, peer, owner }: CertificateContext,
): readonly Notice[] {
  if (!/\b(DNS|IP Address):/.test(certificate.subjectAltName ?? '')) {
    return [MESSAGES.CERT_NO_SAN(subject, peer, hosts)];
  }
  return [...new Set(hosts)]
    .filter((host) => !coversHost(certificate, host))
    .map((host) => ({
      code: isIP(host) ? 'CERT_ADDRESS_MISMATCH' : 'CERT_HOST_MISMATCH',
      message: `${subject} does not cover ${host}, by which ${peer} is reached`,
      hint: `${consequenceFor(owner)} Use a name it covers, or give ${peer} one whose SAN has ${isIP(host) ? 'this address' : 'this name'}; [tls] generate = true does.`,
    }));
}

/**
 * The start script of IS 7 says `DefaultAndLocalhost`, that of API Manager `AllowAll`
 * (https://github.com/wso2/product-apim, `api-manager.sh`; https://github.com/wso2/carbon-kernel, `wso2server.sh`).
 */
function consequenceFor(owner: string): string {
  if (/Identity Server/.test(owner))
    return `${owner} checks host names: token revocation fails with nothing but a line in its log.`;
  return `${owner} checks host names with mutual TLS only, but browsers, curl and km-bootstrap always do.`;
}

const WEAK_HASHES = ['MD2', 'MD5', 'SHA-1'];
const LEAST_RSA_BITS = 2048;
const WEAK_CURVES = /^(secp|prime|sect)(1[0-9]{2}|2[01][0-9])/;

/** A signature by itself proves nothing, so a weak one matters less there; modern JDKs and browsers refuse it all the same. */
function strength(certificate: X509Certificate, subject: string): readonly Notice[] {
  const key = certificate.publicKey;
  const { modulusLength = LEAST_RSA_BITS, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const isWeakKey = key.asymmetricKeyType === 'dsa' || modulusLength < LEAST_RSA_BITS || WEAK_CURVES.test(namedCurve);
  const hash = signatureHashOf(certificate);
  return [
    ...(isWeakKey ? [MESSAGES.CERT_KEY_WEAK(subject, keyStrengthOf(certificate))] : []),
    ...(WEAK_HASHES.includes(hash) ? [MESSAGES.CERT_HASH_WEAK(subject, hash)] : []),
  ];
}

const AUTHENTICATION: Readonly<Record<CertificateRole, string>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
};
const ANY_USAGE = '2.5.29.37.0';

function usage({ keyUsage }: X509Certificate, subject: string, role: CertificateRole): readonly Notice[] {
  // Node calls the extended key usages so; none given allows all.
  if (!keyUsage || keyUsage.includes(AUTHENTICATION[role]) || keyUsage.includes(ANY_USAGE)) return [];
  return [MESSAGES.CERT_USAGE_WRONG(subject, role)];
}

function chainOrder({ chain }: CertificateChain, subject: string): readonly Notice[] {
  const broken = chain.findIndex((link, index) => {
    const next = chain[index + 1];
    return next !== undefined && !isSelfIssued(link) && !isSignedBy(link, next);
  });
  const afterRoot = chain.findIndex((link, index) => isSelfIssued(link) && index < chain.length - 1);
  const at = broken >= 0 ? broken : afterRoot;
  const [link, next] = [chain[at], chain[at + 1]];
  if (!link || !next) return [];
  return [MESSAGES.CERT_CHAIN_BROKEN(subject, describeCertificate(next), describeCertificate(link))];
}
