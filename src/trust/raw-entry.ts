/** What a keystore file holds under one alias, as bytes, whatever the file's format. */
export interface RawEntry {
  /** Lower case: Java compares aliases without regard to case. */
  readonly alias: string;
  readonly kind: 'trusted' | 'key' | 'secret';
  /** DER, the alias's own certificate first; empty for a secret key and for a private key whose certificate is not in the store. */
  readonly chain: readonly Buffer[];
  /** The key as the file holds it, still encrypted; empty for a trusted certificate. */
  readonly sealedKey: Buffer;
}

/** A format's reader throws a plain Error with the reason when the bytes are not what they should be. */
export type ReadEntries = readonly RawEntry[] | 'wrong-password';
