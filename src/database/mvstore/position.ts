import { Damage } from './damage.js';

/** Where a page is, as its parent or a header says it, in 64 bits: 26 of chunk, 32 of offset, 5 of length, 1 of kind. */
export interface Position {
  readonly chunk: number;
  /** From the start of the chunk, bytes. */
  readonly offset: number;
  /** The page is no longer, bytes; 0 when only the page itself says its length. */
  readonly mostBytes: number;
  readonly isLeaf: boolean;
}

/** A length code: 32, 48, 64, 96, 128 … bytes; the last one is for pages that are larger than all. */
const LARGE = 31;

/** Undefined for 0: there is no page. */
export function positionOf(high: number, low: number): Position | undefined {
  if (high === 0 && low >>> 1 === 0) return undefined;
  const code = (low >>> 1) & 31;
  return {
    chunk: high >>> 6,
    offset: (high & 0x3f) * 2 ** 26 + (low >>> 6),
    mostBytes: code === LARGE ? 0 : (2 + (code & 1)) << ((code >> 1) + 4),
    isLeaf: (low & 1) === 0,
  };
}

/** In hexadecimal, as maps and headers hold it. */
export function parsePosition(text: string): Position | undefined {
  if (!/^[0-9a-f]{1,16}$/i.test(text)) throw new Damage('no position of a page');
  const padded = text.padStart(16, '0');
  return positionOf(Number.parseInt(padded.slice(0, 8), 16), Number.parseInt(padded.slice(8), 16));
}

/** One page has one such text. */
export function nameOf({ chunk, offset }: Position): string {
  return `${chunk}/${offset}`;
}
