import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Secret } from '../config/secret.js';
import { BootstrapError } from '../errors.js';
import { readJks } from './jks.js';
import { readPkcs12 } from './pkcs12.js';
import type { RawEntry } from './raw-entry.js';
import { parseX509, sha256Fingerprint } from './x509.js';

/** A Java keystore or truststore on disk. */
export interface StoreFile {
  readonly path: string;
  readonly password: Secret;
  /** Where the password comes from, for messages: `[truststore] password in /opt/is/repository/conf/deployment.toml`. */
  readonly passwordSetting?: string;
}

export type StoreFormat = 'JKS' | 'PKCS12';

export interface StoreEntry {
  /** Lower case, as Java compares aliases. */
  readonly alias: string;
  readonly kind: 'trusted' | 'key';
  /** The alias's own certificate: of a key entry the first of the chain. */
  readonly certificate: X509Certificate;
  /** The certificate's SHA-256, upper hex with colons. */
  readonly sha256: string;
  /** Leaf first, then its issuers as far as the store has them. */
  readonly chain: readonly X509Certificate[];
}

export interface Store {
  /** What the file really is, whatever its name says. */
  readonly format: StoreFormat;
  /** Every certificate and every private key with a certificate. */
  readonly entries: readonly StoreEntry[];
  /** Every alias, also of secret keys, with fingerprints of all it stands for: equal before and after means that it was kept. */
  readonly contents: ReadonlyMap<string, string>;
}

/**
 * Reads a store in this process, without Java. The format is told by the file's first bytes.
 *
 * @throws BootstrapError `FILE_UNREADABLE`, `STORE_UNREADABLE` (damaged, or not a store that is known), `STORE_PASSWORD_WRONG`
 */
export async function readStore(store: StoreFile): Promise<Store> {
  return parseStore(await readStoreBytes(store), store);
}

/** The bytes of a store's file. @throws BootstrapError `FILE_UNREADABLE` */
export async function readStoreBytes({ path }: StoreFile): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new BootstrapError(`cannot read the keystore ${path}: ${(cause as Error).message}`, {
      code: 'FILE_UNREADABLE',
      hint: 'Check the file_name of this store in deployment.toml ([truststore], [keystore.tls], [keystore.primary]), and that the user that runs km-bootstrap may read the file.',
      cause,
    });
  }
}

/** {@link readStore} for bytes that were read already; `store` names the file and holds the password. */
export function parseStore(bytes: Buffer, store: StoreFile): Store {
  const format = formatOf(bytes, store.path);
  const raw = readEntries(bytes, format, store);
  return {
    format,
    entries: raw.flatMap(toStoreEntry),
    contents: new Map(raw.map((entry) => [entry.alias, contentOf(entry)])),
  };
}

/** What {@link Store.contents} holds for a trusted certificate with this fingerprint. */
export function trustedContent(sha256: string): string {
  return `trusted ${sha256}`;
}

function formatOf(bytes: Buffer, path: string): StoreFormat {
  const [magic, inner, innermost] = [bytes.toString('hex', 0, 4), tagInside(bytes, 1), tagInside(bytes, 2)];
  if (magic === 'feedfeed') return 'JKS';
  if (bytes[0] === 0x30 && inner === 0x02) return 'PKCS12';
  throw new BootstrapError(`${path} is not a JKS or PKCS#12 keystore: it is ${nameOf(bytes, inner, innermost)}`, {
    code: 'STORE_UNREADABLE',
    hint: 'Point deployment.toml at a JKS or PKCS#12 store, or convert this one with keytool -importkeystore.',
  });
}

function nameOf(bytes: Buffer, inner: number | undefined, innermost: number | undefined): string {
  if (bytes.length === 0) return 'an empty file';
  const magic = bytes.toString('hex', 0, 4);
  if (magic === 'cececece') return 'a JCEKS keystore';
  if (magic === '00000001' || magic === '00000002') return 'a BKS keystore of Bouncy Castle';
  if (bytes.toString('latin1', 0, 11) === '-----BEGIN ') return 'a PEM file';
  if (bytes[0] === 0x30 && inner === 0x30 && innermost === 0x30) return 'a BCFKS keystore of Bouncy Castle';
  if (bytes[0] === 0x30 && inner === 0x30) return 'a single certificate';
  return `something unknown that starts with the bytes ${magic}`;
}

/** The ASN.1 tag of the first child, `depth` levels down; the length of each level takes one byte, or as many more as its low bits say. */
function tagInside(bytes: Buffer, depth: number): number | undefined {
  let at = 0;
  for (let level = 0; level < depth; level++) {
    const length = bytes[at + 1] ?? 0;
    at += 2 + (length > 0x80 ? length & 0x7f : 0);
  }
  return bytes[at];
}

function readEntries(bytes: Buffer, format: StoreFormat, store: StoreFile): readonly RawEntry[] {
  const read = format === 'JKS' ? readJks : readPkcs12;
  try {
    const entries = read(bytes, store.password);
    if (entries !== 'wrong-password') return entries;
  } catch (cause) {
    throw new BootstrapError(`cannot read ${store.path} as a ${format} keystore: ${(cause as Error).message}`, {
      code: 'STORE_UNREADABLE',
      hint: 'The file is damaged or was made by a program that is not known. Restore it from the server pack or a backup.',
      cause,
    });
  }
  throw new BootstrapError(`the password does not open the ${format} keystore ${store.path}`, {
    code: 'STORE_PASSWORD_WRONG',
    hint: `Correct ${store.passwordSetting ?? "this store's password in deployment.toml ([truststore], [keystore.tls] or [keystore.primary])"}. If it is right, the file is damaged: restore it.`,
  });
}

function toStoreEntry({ alias, kind, chain: [leaf, ...issuers] }: RawEntry): readonly StoreEntry[] {
  const certificate = leaf && parseX509(leaf);
  if (kind === 'secret' || !certificate) return [];
  const chain = [certificate, ...issuers.flatMap((der) => parseX509(der) ?? [])];
  return [{ alias, kind, certificate, sha256: sha256Fingerprint(leaf), chain }];
}

function contentOf({ kind, chain: [leaf], sealedKey }: RawEntry): string {
  if (kind === 'trusted' && leaf) return trustedContent(sha256Fingerprint(leaf));
  return `${kind} ${leaf ? sha256Fingerprint(leaf) : 'without certificate'} ${sha256Fingerprint(sealedKey)}`;
}
