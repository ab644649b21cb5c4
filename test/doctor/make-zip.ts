import { deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly content: Buffer | string;
  /** What the directory claims in place of the truth, for hostile files. */
  readonly claims?: { readonly size?: number; readonly encrypted?: true };
}

/** A ZIP file by a writer of our own, which also writes what no honest one would: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12, 4.3.16. */
export function makeZip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { local, central } = records(entry, at);
    locals.push(local);
    directory.push(central);
    at += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, central, end]);
}

const DEFLATED = 8;

function records({ name, content, claims = {} }: ZipEntry, offset: number): { local: Buffer; central: Buffer } {
  const bytes = Buffer.from(content);
  const packed = deflateRawSync(bytes);
  const path = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(0x0800 | (claims.encrypted ? 1 : 0), 2);
  common.writeUInt16LE(DEFLATED, 4);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(claims.size ?? bytes.length, 18);
  common.writeUInt16LE(path.length, 22);
  const place = Buffer.alloc(14);
  place.writeUInt32LE(offset, 10);
  return {
    local: Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, packed]),
    central: Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, path]),
  };
}

/** ISO 3309, which `node:zlib` has only in later releases than the oldest that is supported. */
function crc32(bytes: Buffer): number {
  return ~bytes.reduce((crc, byte) => (crc >>> 8) ^ (REMAINDERS[(crc ^ byte) & 0xff] ?? 0), ~0) >>> 0;
}

const REMAINDERS = Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
  return remainder;
});
