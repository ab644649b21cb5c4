import { inflateRawSync } from 'node:zlib';

/** Says what is missing in a file that should be a jar. */
export class NotAJarError extends Error {}

const MANIFEST = 'META-INF/MANIFEST.MF';

/**
 * The main attributes of a jar's manifest.
 *
 * @throws NotAJarError
 */
export function readManifest(jar: Buffer): ReadonlyMap<string, string> {
  const text = readEntry(jar, MANIFEST).toString('utf8');
  // A line that begins with a blank goes on with the one before; the first empty line ends the main attributes.
  const [main = ''] = text.replaceAll(/\r\n?/g, '\n').replaceAll('\n ', '').split('\n\n');
  return new Map(main.split('\n').flatMap((line) => attribute(line)));
}

function attribute(line: string): [name: string, value: string][] {
  const [, name, value = ''] = /^([\w-]+): *(.*)$/.exec(line) ?? [];
  return name === undefined ? [] : [[name, value.trim()]];
}

/** The layout of a ZIP file: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16. */
const END = { signature: 'PK\x05\x06', size: 22, count: 10, directory: 16 } as const;
const DIRECTORY = {
  signature: 'PK\x01\x02',
  size: 46,
  method: 10,
  packed: 20,
  name: 28,
  extra: 30,
  comment: 32,
  local: 42,
};
const LOCAL = { signature: 'PK\x03\x04', size: 30, name: 26, extra: 28 } as const;
const STORED = 0;
const DEFLATED = 8;
const LARGEST_MANIFEST = 1 << 20;

function readEntry(zip: Buffer, name: string): Buffer {
  try {
    return findEntry(zip, name);
  } catch (cause) {
    if (cause instanceof NotAJarError) throw cause;
    throw new NotAJarError('it is damaged', { cause });
  }
}

function findEntry(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(END.signature, undefined, 'latin1');
  if (end < 0) throw new NotAJarError('it has no directory of a ZIP file, or was cut off');
  let at = zip.readUInt32LE(end + END.directory);
  for (let left = zip.readUInt16LE(end + END.count); left > 0; left -= 1) {
    requireSignature(zip, at, DIRECTORY.signature);
    const nameEnd = at + DIRECTORY.size + zip.readUInt16LE(at + DIRECTORY.name);
    if (zip.toString('utf8', at + DIRECTORY.size, nameEnd).toUpperCase() === wanted) return unpack(zip, at);
    at = nameEnd + zip.readUInt16LE(at + DIRECTORY.extra) + zip.readUInt16LE(at + DIRECTORY.comment);
  }
  throw new NotAJarError(`it is a ZIP file without ${wanted}`);
}

function unpack(zip: Buffer, entry: number): Buffer {
  const local = zip.readUInt32LE(entry + DIRECTORY.local);
  requireSignature(zip, local, LOCAL.signature);
  const start = local + LOCAL.size + zip.readUInt16LE(local + LOCAL.name) + zip.readUInt16LE(local + LOCAL.extra);
  const packed = zip.subarray(start, start + zip.readUInt32LE(entry + DIRECTORY.packed));
  const method = zip.readUInt16LE(entry + DIRECTORY.method);
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new NotAJarError(`it is packed with method ${method}, which Java cannot read`);
  return inflateRawSync(packed, { maxOutputLength: LARGEST_MANIFEST });
}

function requireSignature(zip: Buffer, at: number, signature: string): void {
  if (zip.toString('latin1', at, at + signature.length) !== signature) throw new NotAJarError('it is damaged');
}
