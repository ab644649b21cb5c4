import type { X509Certificate } from 'node:crypto';
import type { Notice } from '../step/step.js';
import type { CertificateChain } from './certificate-findings.js';
import { MESSAGES } from './errors.js';
import { describeEntry, type Store, type StoreFile } from './keystore/keystore.js';
import { dayOf, describeCertificate, expiryOf, isSelfIssued, isSignedBy } from './x509.js';

/** What is worth saying of a store's file, whatever it holds. Pure. */
export function findStoreFaults(store: Store, { path, declaredType }: StoreFile): readonly Notice[] {
  return [...declaration(store, path, declaredType), ...protection(store, path)];
}

/**
 * What is worth saying of a truststore and the certificate that it is to hold. Pure.
 *
 * @param alias ours in this truststore
 */
export function findTruststoreFaults(
  store: Store,
  { path }: StoreFile,
  identity: CertificateChain,
  { alias, now }: { readonly alias: string; readonly now: Date },
): readonly Notice[] {
  return [
    ...privateKeys(store, path),
    ...otherUnderAlias(store, path, alias, identity.certificate),
    ...severalAliases(store, path, identity.certificate),
    ...issuer(store, path, identity, now),
  ];
}

/** API Manager 4.4 and 4.5 ship PKCS#12 and declare JKS: Java reads either as JKS, so that is nothing to mention. */
function declaration({ format }: Store, path: string, declaredType: string | undefined): readonly Notice[] {
  const declared = declaredType?.toUpperCase();
  if (declared === undefined || declared === format || (declared === 'JKS' && format === 'PKCS12')) return [];
  const works = declared === 'PKCS12' && format === 'JKS';
  return [MESSAGES.STORE_TYPE_DIFFERS(path, declaredType, format, works)];
}

function protection({ hasMac }: Store, path: string): readonly Notice[] {
  if (hasMac) return [];
  return [MESSAGES.STORE_UNPROTECTED(path)];
}

function privateKeys({ entries }: Store, path: string): readonly Notice[] {
  const names = entries.filter(({ kind }) => kind === 'key').map(({ alias }) => `\`${alias}\``);
  if (names.length === 0) return [];
  return [MESSAGES.STORE_HOLDS_KEY(path, names)];
}

function otherUnderAlias(store: Store, path: string, alias: string, certificate: X509Certificate): readonly Notice[] {
  const held = store.entries.find((entry) => entry.alias === alias && entry.kind === 'trusted');
  if (!held || held.sha256 === certificate.fingerprint256) return [];
  return [MESSAGES.ALIAS_HOLDS_OTHER(alias, path, describeEntry(held))];
}

function severalAliases({ entries }: Store, path: string, certificate: X509Certificate): readonly Notice[] {
  const aliases = entries.filter(({ sha256 }) => sha256 === certificate.fingerprint256).map(({ alias }) => alias);
  if (aliases.length < 2) return [];
  return [
    MESSAGES.CERT_SEVERAL_ALIASES(
      describeCertificate(certificate),
      path,
      aliases.map((name) => `\`${name}\``),
    ),
  ];
}

/** For a certificate that a CA issued: whether that CA is trusted decides if the next one needs an import. */
function issuer(
  { entries }: Store,
  path: string,
  { certificate, chain }: CertificateChain,
  now: Date,
): readonly Notice[] {
  if (isSelfIssued(certificate)) return [];
  const trusted = entries
    .filter(({ sha256 }) => sha256 !== certificate.fingerprint256)
    .flatMap(({ chain: [found] }) => found ?? []);
  const anchor = anchorOf(certificate, chain, trusted);
  const subject = describeCertificate(certificate);
  if (!anchor) {
    return [MESSAGES.CERT_ISSUER_MISSING(subject, path)];
  }
  if (expiryOf(anchor) <= now) {
    return [MESSAGES.CERT_ISSUER_EXPIRED(subject, path, dayOf(expiryOf(anchor)), describeCertificate(anchor))];
  }
  return [MESSAGES.CERT_ISSUER_TRUSTED(path, subject)];
}

/** The first trusted certificate up the chain from a leaf. */
function anchorOf(
  leaf: X509Certificate,
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): X509Certificate | undefined {
  let current = leaf;
  for (let steps = 0; steps <= chain.length; steps++) {
    const anchor = trusted.find((candidate) => isSignedBy(current, candidate));
    if (anchor) return anchor;
    const next = chain.find((candidate) => candidate !== current && isSignedBy(current, candidate));
    if (!next || isSelfIssued(current)) return undefined;
    current = next;
  }
  return undefined;
}
