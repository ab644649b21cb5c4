import forge from 'node-forge';

export type Asn1 = forge.asn1.Asn1;

/** Parses DER or BER. @throws Error with the reason */
export function parseAsn1(bytes: Buffer): Asn1 {
  return forge.asn1.fromDer(bytes.toString('latin1'));
}

/** The bytes of a node with its tag and length. */
export function encodeAsn1(node: Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

/** The nodes inside a constructed node. @throws Error when it is not one */
export function childrenOf(node: Asn1 | undefined): readonly Asn1[] {
  if (node === undefined || typeof node.value === 'string') throw new Error('a part of its ASN.1 structure is missing');
  return node.value;
}

/** The one child with this context tag (`[0]` → 0). */
export function taggedChild(nodes: readonly Asn1[], tag: number): Asn1 | undefined {
  return nodes.find((node) => node.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && Number(node.type) === tag);
}

/** The bytes of an octet string, also of one that BER cut into chunks. */
export function octetsOf(node: Asn1 | undefined): Buffer {
  if (node && typeof node.value === 'string') return Buffer.from(node.value, 'latin1');
  return Buffer.concat(childrenOf(node).map(octetsOf));
}

/** The dotted form of an object identifier. */
export function oidOf(node: Asn1 | undefined): string {
  if (node?.type !== forge.asn1.Type.OID) throw new Error('an object identifier is missing in its ASN.1 structure');
  return forge.asn1.derToOid(node.value as string);
}

/** A small positive integer, as iteration counts are. */
export function integerOf(node: Asn1 | undefined): number {
  return Number.parseInt(octetsOf(node).toString('hex'), 16);
}

/** The text of a BMPString, which forge has decoded already. */
export function textOf(node: Asn1 | undefined): string | undefined {
  return typeof node?.value === 'string' ? node.value : undefined;
}
