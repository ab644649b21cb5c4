import { createHash } from 'node:crypto';
import type { Secret } from '../../secret.js';
import { CutShort, NeedsJava, type RawEntry, type ReadEntries } from './raw-entry.js';

const DIGEST_BYTES = 20;
const TRUSTED = 2;
const PRIVATE_KEY = 1;
const SECRET_KEY = 3;

/**
 * Reads a Java keystore of the old format, JKS version 2, or of its sister JCEKS, which differs in how private keys are sealed and may
 * hold secret keys. Certificates are in the clear there; the password only guards the SHA-1 digest at the end, so a store with one byte
 * changed looks like a wrong password, and one that is cut short does not.
 *
 * The layout is that of the JDK's `sun.security.provider.JavaKeyStore`: magic, version, count, entries, digest, all big-endian.
 *
 * @throws Error with the reason, when the bytes are not such a store; {@link NeedsJava} for a secret key
 */
export function readJks(bytes: Buffer, password: Secret): ReadEntries {
  const content = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  const reader = byteReader(content);
  reader.take(4);
  const version = reader.uint32();
  if (version !== 2) throw new Error(`it is version ${version} of its format, and only version 2 is known`);
  const count = reader.uint32();
  const entries: RawEntry[] = [];
  while (entries.length < count) entries.push(readEntry(reader));
  if (reader.left() > 0) throw new Error(`${reader.left()} bytes follow its last entry`);
  if (!digestOf(content, password).equals(bytes.subarray(content.length))) return 'wrong-password';
  return { entries, protection: 'SHA-1 digest', hasMac: true };
}

function readEntry(reader: ByteReader): RawEntry {
  const tag = reader.uint32();
  const alias = reader.text().toLowerCase();
  const createdAtMs = reader.milliseconds();
  if (tag === TRUSTED) {
    return { alias, kind: 'trusted', chain: [readCertificate(reader)], sealedKey: Buffer.alloc(0), createdAtMs };
  }
  if (tag === SECRET_KEY) throw new NeedsJava(`its entry ${alias} is a secret key`);
  if (tag !== PRIVATE_KEY) throw new Error(`its entry ${alias} is of the unknown kind ${tag}`);
  const sealedKey = reader.take(reader.uint32());
  const chain: Buffer[] = [];
  for (let left = reader.uint32(); left > 0; left--) chain.push(readCertificate(reader));
  return { alias, kind: 'key', chain, sealedKey, createdAtMs };
}

function readCertificate(reader: ByteReader): Buffer {
  const type = reader.text();
  if (type !== 'X.509') throw new Error(`it holds a certificate of the unknown type ${type}`);
  return reader.take(reader.uint32());
}

function digestOf(content: Buffer, password: Secret): Buffer {
  return createHash('sha1').update(utf16(password)).update('Mighty Aphrodite').update(content).digest();
}

/** How JKS takes passwords: big-endian UTF-16. */
export function utf16(password: Secret): Buffer {
  return Buffer.from(password.reveal(), 'utf16le').swap16();
}

interface ByteReader {
  take(length: number): Buffer;
  uint32(): number;
  milliseconds(): number;
  /** Java's modified UTF-8, which is UTF-8 for everything but NUL and characters beyond U+FFFF. */
  text(): string;
  left(): number;
}

function byteReader(bytes: Buffer): ByteReader {
  let at = 0;
  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new CutShort('it ends in the middle of an entry');
    at += length;
    return bytes.subarray(at - length, at);
  }
  return {
    take,
    uint32: () => take(4).readUInt32BE(),
    milliseconds: () => Number(take(8).readBigInt64BE()),
    text: () => take(take(2).readUInt16BE()).toString('utf8'),
    left: () => bytes.length - at,
  };
}
