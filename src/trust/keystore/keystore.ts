import { createHash, type X509Certificate } from 'node:crypto';
import { BootstrapError } from '../../errors.js';
import { MESSAGES } from '../errors.js';
import { describeCertificate, parseX509, sha256Fingerprint } from '../x509.js';
import { readByJava } from './java-store.js';
import { readJks } from './jks.js';
import { readPkcs12, UNPROTECTED } from './pkcs12.js';
import { CutShort, NeedsJava, type RawEntry, type RawStore, type ReadEntries } from './raw-entry.js';
import { isAsciiPassword, locateStore, readStoreBytes, type StoreFile } from './store-file.js';
import { declaredLength, formatOf, type StoreFormat } from './store-format.js';

export type { StoreFile } from './store-file.js';

export interface StoreEntry {
  /** Lower case, as Java compares aliases. */
  readonly alias: string;
  readonly kind: 'trusted' | 'key';
  /** The SHA-256 of the alias's own certificate, upper hex with colons: of a key entry the first of the chain. */
  readonly sha256: string;
  /**
   * Leaf first, then its issuers as far as the store has them; parsed when it is asked for. Empty for a leaf that OpenSSL cannot parse,
   * which Java sometimes can.
   */
  readonly chain: readonly X509Certificate[];
  /** The private key as the file holds it, encrypted; empty for a trusted certificate. */
  readonly sealedKey: Buffer;
}

export interface Store {
  /** What the file really is, whatever its name says. */
  readonly format: StoreFormat;
  /** Every certificate and every private key with a certificate. */
  readonly entries: readonly StoreEntry[];
  /** Every alias, also of secret keys, with fingerprints of all it stands for: equal before and after means that it was kept. */
  readonly contents: ReadonlyMap<string, string>;
  /** When each alias was made, milliseconds since the epoch; PKCS#12 does not keep it. */
  readonly createdAtMs: ReadonlyMap<string, number>;
  /** The algorithms that guard the file, for comparison. */
  readonly protection: string;
  /** Whether a password guards the whole file against changes; the stores of API Manager 4.4 and 4.5 come without. */
  readonly hasMac: boolean;
}

/**
 * Reads a store, in this process, or by Java's keytool where the format is one that only Java can read. It is told by the file's first
 * bytes.
 *
 * @throws BootstrapError those of {@link readStoreBytes} and {@link parseStore}
 */
export async function readStore(store: StoreFile): Promise<Store> {
  const located = await locateStore(store);
  return parseStore(await readStoreBytes(located), located);
}

/**
 * {@link readStore} for bytes that were read already; `store` names the file and holds the password.
 *
 * @throws BootstrapError `STORE_EMPTY`, `STORE_TRUNCATED`, `STORE_FORMAT_UNSUPPORTED`, `STORE_UNREADABLE`, `STORE_PASSWORD_WRONG`,
 *   `STORE_PASSWORD_NOT_ASCII`
 */
export async function parseStore(bytes: Buffer, store: StoreFile): Promise<Store> {
  const key = createHash('sha256').update(bytes).update(store.password.reveal()).digest('hex');
  const known = recent.get(key);
  if (known) return known;
  const parsed = await parse(bytes, store);
  recent.set(key, parsed);
  const [oldest] = recent.keys();
  if (recent.size > KEPT && oldest !== undefined) recent.delete(oldest);
  return parsed;
}

/** What a password's key derivation costs is spent once for the same bytes: a run reads each store several times over. */
const recent = new Map<string, Store>();
const KEPT = 8;

/** One line for people, of an entry's own certificate. */
export function describeEntry({ chain: [certificate], sha256 }: StoreEntry): string {
  return certificate ? describeCertificate(certificate) : `a certificate that cannot be read (SHA-256 ${sha256})`;
}

/** What {@link Store.contents} holds for a trusted certificate with this fingerprint. */
export function trustedContent(sha256: string): string {
  return `trusted ${sha256}`;
}

async function parse(bytes: Buffer, store: StoreFile): Promise<Store> {
  const format = formatOf(bytes, store.path);
  const { entries, protection, hasMac } = await open(bytes, format, store);
  const made = entries.flatMap(({ alias, createdAtMs }) =>
    createdAtMs === undefined ? [] : [[alias, createdAtMs] as const],
  );
  return {
    format,
    entries: entries.flatMap(toStoreEntry),
    contents: new Map(entries.map((entry) => [entry.alias, contentOf(entry)])),
    createdAtMs: new Map(made),
    protection,
    hasMac,
  };
}

async function open(bytes: Buffer, format: StoreFormat, store: StoreFile): Promise<RawStore> {
  if (format === 'BKS' || format === 'BCFKS') return openByJava(store, format, 'it is a format of Bouncy Castle');
  if (format === 'PKCS12' && declaredLength(bytes) > bytes.length) throw truncated(store.path, format);
  try {
    const opened = (format === 'PKCS12' ? readPkcs12 : readJks)(bytes, store.password);
    if (format === 'PKCS12') refuseUnusablePassword(opened, store);
    if (opened !== 'wrong-password') return opened;
  } catch (cause) {
    if (cause instanceof BootstrapError) throw cause;
    if (cause instanceof NeedsJava) return openByJava(store, format, cause.message);
    throw cause instanceof CutShort ? truncated(store.path, format) : damaged(store.path, format, cause as Error);
  }
  throw wrongPassword(store, format);
}

/** Whether or not it fits: no Java can open the store with it, and so no server can. */
function refuseUnusablePassword(opened: ReadEntries, { path, password, passwordSetting }: StoreFile): void {
  if (isAsciiPassword(password) || (opened !== 'wrong-password' && opened.protection === UNPROTECTED)) return;
  throw new BootstrapError(MESSAGES.STORE_PASSWORD_NOT_ASCII(path, passwordSetting));
}

async function openByJava(store: StoreFile, format: StoreFormat, reason: string): Promise<RawStore> {
  const opened = await readByJava(store, format);
  if ('entries' in opened) return opened;
  if (opened.failure === 'wrong-password') throw wrongPassword(store, format);
  if (opened.failure === 'damaged') throw damaged(store.path, format, new Error(opened.message));
  throw new BootstrapError(MESSAGES.STORE_FORMAT_UNSUPPORTED(store.path, format, reason, opened.message));
}

function wrongPassword({ path, passwordSetting }: StoreFile, format: StoreFormat): BootstrapError {
  return new BootstrapError(MESSAGES.STORE_PASSWORD_WRONG(format, path, passwordSetting));
}

function truncated(path: string, format: StoreFormat): BootstrapError {
  return new BootstrapError(MESSAGES.STORE_TRUNCATED(format, path));
}

function damaged(path: string, format: StoreFormat, cause: Error): BootstrapError {
  return new BootstrapError(MESSAGES.STORE_UNREADABLE.damaged(path, format, cause.message), { cause });
}

/** Parsing a hundred certificates takes longer than all the rest, and hardly ever is more than one looked at. */
function toStoreEntry({ alias, kind, chain, sealedKey }: RawEntry): readonly StoreEntry[] {
  const [leaf] = chain;
  if (kind === 'secret' || !leaf) return [];
  let parsed: readonly X509Certificate[] | undefined;
  return [
    {
      alias,
      kind,
      sha256: sha256Fingerprint(leaf),
      get chain() {
        parsed ??= parseChain(chain);
        return parsed;
      },
      sealedKey,
    },
  ];
}

function parseChain([leaf, ...issuers]: readonly Buffer[]): readonly X509Certificate[] {
  const certificate = leaf && parseX509(leaf);
  return certificate ? [certificate, ...issuers.flatMap((der) => parseX509(der) ?? [])] : [];
}

function contentOf({ kind, chain: [leaf], sealedKey }: RawEntry): string {
  if (kind === 'trusted' && leaf) return trustedContent(sha256Fingerprint(leaf));
  return `${kind} ${leaf ? sha256Fingerprint(leaf) : 'without certificate'} ${sha256Fingerprint(sealedKey)}`;
}
