/** What a keystore file holds under one alias, as bytes, whatever the file's format. */
export interface RawEntry {
  /** Lower case: Java compares aliases without regard to case. */
  readonly alias: string;
  readonly kind: 'trusted' | 'key' | 'secret';
  /** DER, the alias's own certificate first; empty for a secret key and for a private key whose certificate is not in the store. */
  readonly chain: readonly Buffer[];
  /** The key as the file holds it, still encrypted; empty for a trusted certificate, and in a store that Java had to read. */
  readonly sealedKey: Buffer;
  /** Milliseconds since the epoch, in the formats that keep it; Java tells the day alone. */
  readonly createdAtMs?: number;
}

/** A file that was opened. */
export interface RawStore {
  readonly entries: readonly RawEntry[];
  /** The algorithms that guard the file, for comparison only: a store that is written again keeps them. */
  readonly protection: string;
  /** Whether a password guards the whole file against changes. */
  readonly hasMac: boolean;
}

/** A format's reader throws a plain Error with the reason when the bytes are not what they should be. */
export type ReadEntries = RawStore | 'wrong-password';

/** What the store holds can be read by Java only: a secret key, an algorithm that is not known here. */
export class NeedsJava extends Error {}

/** The bytes end before the store does. */
export class CutShort extends Error {}
