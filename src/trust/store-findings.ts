import type { X509Certificate } from 'node:crypto';
import type { Notice } from '../step/step.js';
import type { CertificateChain } from './certificate-findings.js';
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
  return [
    {
      code: 'STORE_TYPE_DIFFERS',
      message: `${path} is declared as ${declaredType} but is ${format}`,
      hint: works
        ? 'Java reads it all the same, unless keystore.type.compat is off. Correct the type in deployment.toml.'
        : `The server cannot load it. Correct the type of this store in deployment.toml to ${format}.`,
    },
  ];
}

function protection({ hasMac }: Store, path: string): readonly Notice[] {
  if (hasMac) return [];
  return [
    {
      code: 'STORE_UNPROTECTED',
      message: `${path} has no MAC: any password opens it, and nobody notices when it is changed`,
      hint: 'API Manager 4.4 and 4.5 ship it so, and it works; its form is kept. Guard it by the rights of the file.',
    },
  ];
}

function privateKeys({ entries }: Store, path: string): readonly Notice[] {
  const names = entries.filter(({ kind }) => kind === 'key').map(({ alias }) => `\`${alias}\``);
  if (names.length === 0) return [];
  return [
    {
      code: 'STORE_HOLDS_KEY',
      message: `the truststore ${path} holds private keys: ${names.join(', ')}`,
      hint: 'A truststore is copied and shared freely. Point [truststore] at a store of certificates only.',
    },
  ];
}

function otherUnderAlias(store: Store, path: string, alias: string, certificate: X509Certificate): readonly Notice[] {
  const held = store.entries.find((entry) => entry.alias === alias && entry.kind === 'trusted');
  if (!held || held.sha256 === certificate.fingerprint256) return [];
  return [
    {
      code: 'ALIAS_HOLDS_OTHER',
      message: `the alias \`${alias}\` in ${path} holds another certificate: ${describeEntry(held)}`,
      hint: 'Apply puts the present one there; the other stays trusted under an alias of its own until it expires.',
    },
  ];
}

function severalAliases({ entries }: Store, path: string, certificate: X509Certificate): readonly Notice[] {
  const aliases = entries.filter(({ sha256 }) => sha256 === certificate.fingerprint256).map(({ alias }) => alias);
  if (aliases.length < 2) return [];
  return [
    {
      code: 'CERT_SEVERAL_ALIASES',
      message: `${describeCertificate(certificate)} is in ${path} several times, as ${aliases.map((name) => `\`${name}\``).join(', ')}`,
      hint: `When it is to be trusted no more, each has to go: keytool -delete -alias NAME -keystore '${path}'`,
    },
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
    return [
      {
        code: 'CERT_ISSUER_MISSING',
        message: `the CA that issued ${subject} is not in ${path}`,
        hint: 'The certificate itself is imported, which is enough until it is renewed; import its CA and no renewal needs an import.',
      },
    ];
  }
  if (expiryOf(anchor) <= now) {
    return [
      {
        code: 'CERT_ISSUER_EXPIRED',
        message: `the CA that issued ${subject} is in ${path} but has expired on ${dayOf(expiryOf(anchor))}: ${describeCertificate(anchor)}`,
        hint: 'Import the CA’s new certificate.',
      },
    ];
  }
  return [
    {
      code: 'CERT_ISSUER_TRUSTED',
      message: `${path} trusts the CA that issued ${subject}, so whatever else it issues is trusted too`,
      hint: 'That is well if this CA is yours; if it is a public one, host name checks are all that is left.',
    },
  ];
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
