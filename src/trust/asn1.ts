/** One element of an ASN.1 structure. What is inside is looked at when it is asked for. */
export interface Asn1 {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number;
  readonly content: Buffer;
  /** With tag and length, as it stands in the file. */
  readonly encoded: Buffer;
}

/** Identifier octets. */
export const TAG = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  /** `[0] EXPLICIT` */
  explicit0: 0xa0,
} as const;

const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;
const CUT_SHORT = 'its ASN.1 structure is cut short';

/** Parses DER or BER, which may leave lengths open and mark ends instead. @throws Error with the reason */
export function parseAsn1(bytes: Buffer): Asn1 {
  const element = elementAt(bytes, 0);
  if (element.encoded.length < bytes.length) throw new Error('bytes follow its ASN.1 structure');
  return element;
}

/** The elements inside a constructed one. @throws Error when it is not one */
export function childrenOf(element: Asn1 | undefined): readonly Asn1[] {
  if (element === undefined || (element.tag & CONSTRUCTED) === 0) {
    throw new Error('a part of its ASN.1 structure is missing');
  }
  const children: Asn1[] = [];
  for (let at = 0; at < element.content.length; ) {
    const child = elementAt(element.content, at);
    children.push(child);
    at += child.encoded.length;
  }
  return children;
}

/** The bytes of an octet string, also of one that BER cut into chunks. */
export function octetsOf(element: Asn1 | undefined): Buffer {
  if (element && (element.tag & CONSTRUCTED) === 0) return element.content;
  return Buffer.concat(childrenOf(element).map(octetsOf));
}

/** The dotted form of an object identifier. */
export function oidOf(element: Asn1 | undefined): string {
  if (element?.tag !== TAG.oid) throw new Error('an object identifier is missing in its ASN.1 structure');
  const numbers: number[] = [];
  let number = 0;
  for (const byte of element.content) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) numbers.push(number);
    if (byte < 0x80) number = 0;
  }
  const [first = 0, ...others] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...others].join('.');
}

/** A small positive integer, as iteration counts are. */
export function integerOf(element: Asn1 | undefined): number {
  return Number.parseInt(octetsOf(element).toString('hex'), 16);
}

/** The text of a BMPString, which is big-endian UTF-16; of any other string the bytes as UTF-8. */
export function stringOf(element: Asn1 | undefined): string | undefined {
  if (element?.tag !== TAG.bmpString) return element?.content.toString('utf8');
  return Buffer.from(element.content.subarray(0, element.content.length & ~1))
    .swap16()
    .toString('utf16le');
}

/** The bytes of an element as DER has them: with their lengths, also where BER left them open. */
export function derOf(element: Asn1): Buffer {
  if (element.encoded[1] !== INDEFINITE) return element.encoded;
  return encode(element.tag, ...childrenOf(element).map(derOf));
}

/** A DER element around the bytes of others, or around its own. */
export function encode(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

/** An object identifier in DER. */
export function encodeOid(dotted: string): Buffer {
  const [root = 0, first = 0, ...others] = dotted.split('.').map(Number);
  return encode(TAG.oid, ...[40 * root + first, ...others].map(base128));
}

function elementAt(bytes: Buffer, at: number): Asn1 {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) throw new Error(CUT_SHORT);
  if (first === INDEFINITE) return openElementAt(bytes, at, tag);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + lengthBytes;
  if (lengthBytes > 4 || start > bytes.length) throw new Error(CUT_SHORT);
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes));
  if (end > bytes.length) throw new Error(CUT_SHORT);
  return { tag, content: bytes.subarray(start, end), encoded: bytes.subarray(at, end) };
}

/** Without a length: it ends at two zero bytes in the place of a further child. */
function openElementAt(bytes: Buffer, at: number, tag: number): Asn1 {
  let end = at + 2;
  while (bytes[end] !== 0 || bytes[end + 1] !== 0) end += elementAt(bytes, end).encoded.length;
  return { tag, content: bytes.subarray(at + 2, end), encoded: bytes.subarray(at, end + 2) };
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function base128(number: number): Buffer {
  const digits = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return Buffer.from(digits);
}
