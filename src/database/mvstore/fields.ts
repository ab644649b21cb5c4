import { Damage } from './damage.js';

/** `name:table.3,createVersion:5`: how H2 writes its headers and what it knows of chunks and maps. */
export type Fields = ReadonlyMap<string, string>;

/** A value with a comma or a quote stands in quotes, in which a backslash takes the next letter as it is. */
export function parseFields(text: string): Fields {
  const fields = new Map<string, string>();
  if (!text.includes('"')) {
    for (const field of text.split(',')) {
      const colon = field.indexOf(':');
      if (colon < 0) throw new Damage('no list of fields');
      fields.set(field.slice(0, colon), field.slice(colon + 1));
    }
    return fields;
  }
  let at = 0;
  while (at < text.length) {
    const colon = text.indexOf(':', at);
    if (colon < 0) throw new Damage('no list of fields');
    const key = text.slice(at, colon);
    const [value, end] = parseValue(text, colon + 1);
    fields.set(key, value);
    at = end;
  }
  return fields;
}

function parseValue(text: string, start: number): readonly [value: string, end: number] {
  let value = '';
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') isQuoted = !isQuoted;
    else if (letter === ',' && !isQuoted) return [value, at + 1];
    else if (letter === '\\' && isQuoted) value += text[++at] ?? '';
    else value += letter;
  }
  return [value, text.length];
}

/** A block of fields that ends with a checksum of all before it, padded with blanks; undefined when it is none, or torn. */
export function parseChecksummed(block: Buffer): Fields | undefined {
  const text = block.toString('latin1').replace(/^[\0- ]+|[\0- ]+$/g, '');
  const found = /^(.*),fletcher:([0-9a-f]{1,8})$/s.exec(text);
  if (!found) return undefined;
  const [, checked = '', checksum = ''] = found;
  return fletcher32(Buffer.from(checked, 'latin1')) === Number.parseInt(checksum, 16)
    ? parseFields(checked)
    : undefined;
}

/** Fletcher-32 over 16-bit words, the high byte first, folded as often as H2 folds it; a last odd byte is followed by 0. */
function fletcher32(bytes: Buffer): number {
  const even = bytes.length & ~1;
  let [low, high] = [0xffff, 0xffff];
  for (let start = 0; start < even; start += FOLDED_BYTES) {
    for (let at = start; at < Math.min(start + FOLDED_BYTES, even); at += 2) {
      low += bytes.readUInt16BE(at);
      high += low;
    }
    [low, high] = [fold(low), fold(high)];
  }
  if (even < bytes.length) {
    low += (bytes[even] ?? 0) << 8;
    high += low;
  }
  return ((fold(high) << 16) | fold(low)) >>> 0;
}

const FOLDED_BYTES = 720;

function fold(sum: number): number {
  return (sum & 0xffff) + Math.floor(sum / 0x10000);
}

/** A field in hexadecimal. */
export function hexField(fields: Fields, key: string): number | undefined {
  const text = fields.get(key);
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{1,13}$/i.test(text)) throw new Damage(`${key} is no number`);
  return Number.parseInt(text, 16);
}
