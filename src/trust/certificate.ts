import type { X509Certificate } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import type { Secret } from '../secret.js';
import { MESSAGES } from './errors.js';
import { readStore, type Store, type StoreEntry, type StoreFile } from './keystore/keystore.js';
import { readPemCertificates } from './pem.js';
import { openPrivateKey } from './private-key.js';
import { describeCertificate } from './x509.js';

/**
 * Where a server's TLS certificate is: in its own keystore, or in a PEM file when its home is not here. Without an alias it is the
 * store's only private key, else the one named `wso2carbon`, the servers' own default.
 */
export type PeerCertificate = KeystoreCertificate | { readonly pemFile: string };

export interface KeystoreCertificate {
  readonly store: StoreFile;
  readonly alias?: string;
  /** When given, the private key is opened, too, and must belong to the certificate. */
  readonly keyPassword?: Secret;
}

/** What a server presents: its certificate, and what leads from it to its issuer, the certificate itself first. */
export interface PeerIdentity {
  readonly certificate: X509Certificate;
  readonly chain: readonly X509Certificate[];
  /** The keystore it is in, when it is in one, and under which alias. */
  readonly keystore?: Store;
  readonly alias?: string;
}

const DEFAULT_ALIAS = 'wso2carbon';

/** {@link readPeerIdentity} without what leads to the issuer. */
export async function readPeerCertificate(peer: PeerCertificate): Promise<X509Certificate> {
  return (await readPeerIdentity(peer)).certificate;
}

/**
 * Reads the certificate that a server presents.
 *
 * @throws BootstrapError those of {@link readStore}; `STORE_ALIAS_MISSING`, `KEY_MISSING`, `KEY_PASSWORD_WRONG`, `KEY_MISMATCH`;
 *   `CERTIFICATE_UNREADABLE`, `FILE_UNREADABLE` for a PEM file
 */
export async function readPeerIdentity(peer: PeerCertificate): Promise<PeerIdentity> {
  if ('pemFile' in peer) {
    const chain = await readPemCertificates(peer.pemFile, 'is7.certificate or apim.certificate');
    return { certificate: chain[0], chain };
  }
  const keystore = await readStore(peer.store);
  const entry = keyEntry(keystore, peer.alias, peer.store.path);
  const [certificate] = entry.chain;
  if (!certificate) throw unreadable(entry, peer.store.path);
  if (peer.keyPassword) requireOwnKey(entry, certificate, peer.keyPassword, peer.store.path);
  return { certificate, chain: entry.chain, keystore, alias: entry.alias };
}

/** The same without the key's password: opening a server's private key is for the step that judges it. */
export function withoutKey(peer: PeerCertificate): PeerCertificate {
  if ('pemFile' in peer) return peer;
  const { keyPassword: _, ...rest } = peer;
  return rest;
}

function keyEntry({ entries }: Store, alias: string | undefined, path: string): StoreEntry {
  const keys = entries.filter(({ kind }) => kind === 'key');
  const wanted = alias?.toLowerCase() ?? (keys.length === 1 ? keys[0]?.alias : DEFAULT_ALIAS);
  const entry = entries.find((entry) => entry.alias === wanted);
  if (entry?.kind === 'key') return entry;
  const names = keys.map((entry) => `\`${entry.alias}\``).join(', ') || 'none';
  if (entry) {
    throw new BootstrapError(MESSAGES.KEY_MISSING(wanted, path, names));
  }
  throw new BootstrapError(MESSAGES.STORE_ALIAS_MISSING(path, wanted, names));
}

function unreadable({ alias, sha256 }: StoreEntry, path: string): BootstrapError {
  return new BootstrapError(MESSAGES.CERTIFICATE_UNREADABLE.inStore(alias, path, sha256));
}

function requireOwnKey(
  { alias, sealedKey }: StoreEntry,
  certificate: X509Certificate,
  password: Secret,
  path: string,
): void {
  const key = openPrivateKey(sealedKey, password);
  if (key === 'unknown') return;
  if (key === undefined) {
    throw new BootstrapError(MESSAGES.KEY_PASSWORD_WRONG(alias, path));
  }
  if (certificate.checkPrivateKey(key)) return;
  throw new BootstrapError(MESSAGES.KEY_MISMATCH.inStore(alias, path, describeCertificate(certificate)));
}
