import { Damage } from './damage.js';

/** Reads forward through bytes, in the encodings of H2's MVStore; every method throws {@link Damage} where the bytes end too early. */
export class Cursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /**
   * A number of 53 bits that stands for the bytes from `start` to where the cursor is: of two hashes (FNV-1a, and one with another factor),
   * so that equal bytes have equal numbers, and others as good as never.
   */
  fingerprintSince(start: number): number {
    const [bytes, end] = [this.#bytes, this.#at];
    let [one, other] = [0x811c9dc5, 0x01000193];
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      one = Math.imul(one ^ byte, 0x01000193);
      other = Math.imul(other + byte, 0x5bd1e995) ^ (other >>> 15);
    }
    return (one >>> 0) * 0x200000 + (other >>> 11);
  }

  /** Another one at the same place. */
  copy(): Cursor {
    return new Cursor(this.#bytes, this.#at);
  }

  byteAt(at: number): number | undefined {
    return this.#bytes[at];
  }

  skip(length: number): void {
    // Also refuses NaN and what is negative.
    if (!(length >= 0 && length <= this.left)) throw new Damage('a value ends beyond its page');
    this.#at += length;
  }

  take(length: number): Buffer {
    const start = this.#at;
    this.skip(length);
    return this.#bytes.subarray(start, this.#at);
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new Damage('a value ends beyond its page');
    this.#at++;
    return value;
  }

  uint32(): number {
    const start = this.#at;
    this.skip(4);
    return this.#bytes.readUInt32BE(start);
  }

  int16(): number {
    const start = this.#at;
    this.skip(2);
    return this.#bytes.readInt16BE(start);
  }

  /** Up to 5 bytes of 7 bits, the lowest first: a Java int, so that it may be negative. */
  varInt(): number {
    let value = this.byte();
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const next = this.byte();
      value |= (next & 0x7f) << shift;
      if (next < 0x80) return value;
    }
    return value | (this.byte() << 28);
  }

  /** A {@link varInt} that counts something. */
  count(): number {
    const value = this.varInt();
    if (value < 0) throw new Damage(`a count of ${value}`);
    return value;
  }

  /** Up to 10 bytes of 7 bits, the lowest first: a Java long. */
  varLong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      const next = this.byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next < 0x80) break;
    }
    return BigInt.asIntN(64, value);
  }

  skipVarLong(): void {
    for (let length = 0; length < 10; length++) if (this.byte() < 0x80) return;
  }

  /** A string of so many UTF-16 code units, each in one to three bytes of H2's own making. */
  string(length: number): string {
    const start = this.#at;
    if (!(length >= 0 && length <= this.left)) throw new Damage('a text ends beyond its page');
    // Most strings are ASCII: as many bytes as letters.
    const ascii = this.#bytes.toString('latin1', start, start + length);
    if (!BEYOND_ASCII.test(ascii)) {
      this.#at += length;
      return ascii;
    }
    this.skipString(length);
    const end = this.#at;
    const units: string[] = [];
    for (let at = start; at < end; ) {
      const first = this.#bytes[at] ?? 0;
      const [second = 0, third = 0] = [this.#bytes[at + 1], this.#bytes[at + 2]];
      if (first < 0x80) units.push(String.fromCharCode(first));
      else if (first >= 0xe0) {
        units.push(String.fromCharCode(((first & 0x0f) << 12) + ((second & 0x3f) << 6) + (third & 0x3f)));
      } else units.push(String.fromCharCode(((first & 0x1f) << 6) + (second & 0x3f)));
      at += unitLength(first);
    }
    return units.join('');
  }

  skipString(length: number): void {
    if (!(length >= 0 && length <= this.left)) throw new Damage('a text ends beyond its page');
    const bytes = this.#bytes;
    let at = this.#at;
    for (let left = length; left > 0; left--) at += unitLength(bytes[at] ?? 0);
    this.skip(at - this.#at);
  }

  /** As many strings, each with its length before it. */
  strings(count: number): readonly string[] {
    const found: string[] = [];
    for (let index = 0; index < count; index++) found.push(this.string(this.count()));
    return found;
  }
}

const BEYOND_ASCII = /[^\0-\x7f]/;

function unitLength(first: number): number {
  if (first < 0x80) return 1;
  return first >= 0xe0 ? 3 : 2;
}
