import { BootstrapError } from '../../errors.js';
import type { StoreType } from '../../jvm/keytool.js';
import { MESSAGES } from '../errors.js';

/** BKS and BCFKS are read and written by Java only, if at all. */
export type StoreFormat = StoreType;

/**
 * What a store's file really is, by its first bytes, whatever its name says.
 *
 * @throws BootstrapError `STORE_EMPTY`; `STORE_UNREADABLE` for no keystore
 */
export function formatOf(bytes: Buffer, path: string): StoreFormat {
  if (bytes.length === 0) throw emptyFile(path);
  const magic = bytes.toString('hex', 0, 4);
  const [inner, innermost] = [tagInside(bytes, 1), tagInside(bytes, 2)];
  if (magic === 'feedfeed') return 'JKS';
  if (magic === 'cececece') return 'JCEKS';
  if (magic === '00000001' || magic === '00000002') return 'BKS';
  if (bytes[0] === 0x30 && inner === 0x02) return 'PKCS12';
  if (bytes[0] === 0x30 && inner === 0x30 && innermost === 0x30) return 'BCFKS';
  throw new BootstrapError(MESSAGES.STORE_UNREADABLE.noStore(path, formatName(bytes, inner)));
}

/** The length that the outermost ASN.1 structure says it has, its own head included. */
export function declaredLength(bytes: Buffer): number {
  const first = bytes[1] ?? 0;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  // 0x80 alone: the length is not said, the end is marked (BER).
  if (size === 0 || size > 4 || bytes.length < 2 + size) return size === 0 ? 0 : Number.POSITIVE_INFINITY;
  return 2 + size + bytes.readUIntBE(2, size);
}

function emptyFile(path: string): BootstrapError {
  return new BootstrapError(MESSAGES.STORE_EMPTY(path));
}

function formatName(bytes: Buffer, inner: number | undefined): string {
  if (bytes.toString('latin1', 0, 11) === '-----BEGIN ') return 'a PEM file';
  if (bytes[0] === 0x30 && inner === 0x30) return 'a single certificate';
  return `something unknown that starts with the bytes ${bytes.toString('hex', 0, 4)}`;
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
