import { createHash } from 'node:crypto';
import type { Secret } from '../config/secret.js';
import type { RawEntry, ReadEntries } from './raw-entry.js';

const DIGEST_BYTES = 20;

/**
 * Reads a Java keystore of the old format, JKS version 2. Certificates are in the clear there; the password only guards the SHA-1
 * digest at the end, so a store with one byte changed looks like a wrong password, and one that is cut short does not.
 *
 * The layout is that of the JDK's `sun.security.provider.JavaKeyStore`: magic, version, count, entries, digest, all big-endian.
 *
 * @throws Error with the reason, when the bytes are not such a store
 */
export function readJks(bytes: Buffer, password: Secret): ReadEntries {
  const content = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  const reader = byteReader(content);
  reader.take(4);
  const version = reader.uint32();
  if (version !== 2) throw new Error(`it is JKS version ${version}, and only version 2 is known`);
  const count = reader.uint32();
  const entries: RawEntry[] = [];
  while (entries.length < count) entries.push(readEntry(reader));
  if (reader.left() > 0) throw new Error(`${reader.left()} bytes follow its last entry`);
  return digestOf(content, password).equals(bytes.subarray(content.length)) ? entries : 'wrong-password';
}

function readEntry(reader: ByteReader): RawEntry {
  const tag = reader.uint32();
  const alias = reader.text().toLowerCase();
  reader.take(8); // creation time
  if (tag === 2) return { alias, kind: 'trusted', chain: [readCertificate(reader)], sealedKey: Buffer.alloc(0) };
  if (tag !== 1) throw new Error(`its entry ${alias} is of the unknown kind ${tag}`);
  const sealedKey = reader.take(reader.uint32());
  const chain: Buffer[] = [];
  for (let left = reader.uint32(); left > 0; left--) chain.push(readCertificate(reader));
  return { alias, kind: 'key', chain, sealedKey };
}

function readCertificate(reader: ByteReader): Buffer {
  const type = reader.text();
  if (type !== 'X.509') throw new Error(`it holds a certificate of the unknown type ${type}`);
  return reader.take(reader.uint32());
}

function digestOf(content: Buffer, password: Secret): Buffer {
  return createHash('sha1')
    .update(Buffer.from(password.reveal(), 'utf16le').swap16())
    .update('Mighty Aphrodite')
    .update(content)
    .digest();
}

interface ByteReader {
  take(length: number): Buffer;
  uint32(): number;
  /** Java's modified UTF-8, which is UTF-8 for everything but NUL and characters beyond U+FFFF. */
  text(): string;
  left(): number;
}

function byteReader(bytes: Buffer): ByteReader {
  let at = 0;
  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new Error('it ends in the middle of an entry');
    at += length;
    return bytes.subarray(at - length, at);
  }
  return {
    take,
    uint32: () => take(4).readUInt32BE(),
    text: () => take(take(2).readUInt16BE()).toString('utf8'),
    left: () => bytes.length - at,
  };
}
