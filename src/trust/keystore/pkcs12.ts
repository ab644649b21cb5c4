import { createHmac, type X509Certificate } from 'node:crypto';
import type { Secret } from '../../secret.js';
import { type Asn1, childrenOf, derOf, integerOf, octetsOf, oidOf, parseAsn1, stringOf, TAG } from '../asn1.js';
import { judgeRounds, roundsOf } from '../rounds.js';
import { parseX509 } from '../x509.js';
import { decryptByPassword } from './pkcs12-decrypt.js';
import { derivePkcs12Key, isMacAccepted, type Pkcs12Digest } from './pkcs12-key.js';
import { NeedsJava, type RawEntry, type ReadEntries } from './raw-entry.js';

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
/** Oracle's mark of a trusted certificate; Java does not see one without it. */
const TRUSTED_KEY_USAGE = '2.16.840.1.113894.746875.1.1';
/** The first is a key in the clear, which Java passes over and would lose: it is seen here, so that such a write is refused. */
const BAG_KINDS: Readonly<Record<string, Bag['kind']>> = {
  '1.2.840.113549.1.12.10.1.1': 'key',
  '1.2.840.113549.1.12.10.1.2': 'key',
  '1.2.840.113549.1.12.10.1.3': 'certificate',
  '1.2.840.113549.1.12.10.1.5': 'secret',
};
const MAC_DIGESTS: Readonly<Record<string, Pkcs12Digest>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** The `protection` of a store that any password opens. */
export const UNPROTECTED = 'MAC none, encryption none';

/**
 * Reads a PKCS#12 store (RFC 7292) as Java sees it: the same aliases, and only certificates that are marked as trusted or belong to a key.
 * It may lack a MAC and encryption, as the stores of API Manager 4.4 and 4.5 do. Private keys are not decrypted.
 *
 * @throws Error with the reason, when the bytes are not such a store; {@link NeedsJava} for a scheme that is not known
 */
export function readPkcs12(bytes: Buffer, password: Secret): ReadEntries {
  const [, authSafe, macData] = childrenOf(parseAsn1(bytes));
  const [contentType, content] = childrenOf(authSafe);
  if (oidOf(contentType) !== DATA) throw new Error('it is protected by a public key, not by a password');
  const signed = octetsOf(childrenOf(content)[0]);
  const safes = childrenOf(parseAsn1(signed));
  refuseManyRounds(macData, safes);
  if (macData && !isMacAccepted(bytes, password) && !macFits(macData, signed, password)) return 'wrong-password';
  const bags: Bag[] = [];
  for (const safe of safes) {
    const opened = openSafe(safe, password);
    if (!opened) return 'wrong-password';
    bags.push(...childrenOf(opened).flatMap(readBag));
  }
  const ciphers = new Set(safes.map(cipherOf));
  const protection = `MAC ${macData ? macAlgorithmOf(macData) : 'none'}, encryption ${[...ciphers].sort().join(' and ')}`;
  return { entries: entriesOf(bags), protection, hasMac: macData !== undefined };
}

/** Salts have 8 to 20 bytes, and a digest 64 at the most. */
const LONGEST_SALT = 1_024;
const LONGEST_DIGEST = 64;

/** @throws Error, {@link NeedsJava} when to open the store would take too long */
function refuseManyRounds(macData: Asn1 | undefined, safes: readonly Asn1[]): void {
  const [digestInfo, salt, count] = macData ? childrenOf(macData) : [];
  const digest = digestInfo && childrenOf(digestInfo)[1];
  if ((salt?.content.length ?? 0) > LONGEST_SALT || (digest?.content.length ?? 0) > LONGEST_DIGEST)
    throw new Error('its MAC is no digest with a salt');
  const counts = [...(count ? [integerOf(count)] : []), ...safes.flatMap((safe) => roundsOf(encryptionOf(safe)))];
  if (judgeRounds(counts) === 'too many') throw new NeedsJava('it asks for too many iterations of key derivation');
}

/** The algorithm that encrypts a safe. */
function encryptionOf(safe: Asn1): Asn1 | undefined {
  const [contentType, content] = childrenOf(safe);
  return oidOf(contentType) === ENCRYPTED_DATA ? childrenOf(childrenOf(childrenOf(content)[0])[1])[1] : undefined;
}

function macAlgorithmOf(macData: Asn1): string {
  const [digestInfo] = childrenOf(macData);
  return oidOf(childrenOf(childrenOf(digestInfo)[0])[0]);
}

/** The scheme that encrypts a safe, by its identifier. */
function cipherOf(safe: Asn1): string {
  const algorithm = encryptionOf(safe);
  return algorithm ? oidOf(childrenOf(algorithm)[0]) : 'none';
}

function macFits(macData: Asn1, signed: Buffer, password: Secret): boolean {
  const [digestInfo, salt, count] = childrenOf(macData);
  const [, expected] = childrenOf(digestInfo);
  const oid = macAlgorithmOf(macData);
  const digest = MAC_DIGESTS[oid];
  if (!digest) throw new NeedsJava(`its MAC algorithm ${oid} is not known`);
  const expectedBytes = octetsOf(expected);
  const key = derivePkcs12Key({
    digest,
    password,
    salt: octetsOf(salt),
    purpose: 3,
    iterations: count ? integerOf(count) : 1,
    lengthBytes: expectedBytes.length,
  });
  return createHmac(digest, key).update(signed).digest().equals(expectedBytes);
}

/** The bags of one safe; nothing when the password does not open it. */
function openSafe(safe: Asn1, password: Secret): Asn1 | undefined {
  const [contentType, content] = childrenOf(safe);
  const oid = oidOf(contentType);
  const inner = childrenOf(content)[0];
  if (oid === DATA) return parseAsn1(octetsOf(inner));
  if (oid !== ENCRYPTED_DATA) throw new Error(`it holds content of the unknown type ${oid}`);
  const [, algorithm, sealed] = childrenOf(childrenOf(inner)[1]);
  const clear = decryptByPassword(algorithm, octetsOf(sealed), password);
  return clear && parseIfAsn1(clear);
}

/** One wrong password in 256 leaves a padding that looks right. */
function parseIfAsn1(bytes: Buffer): Asn1 | undefined {
  try {
    return parseAsn1(bytes);
  } catch {
    return undefined;
  }
}

interface Bag {
  readonly kind: 'key' | 'certificate' | 'secret';
  readonly name: string | undefined;
  readonly keyId: string | undefined;
  readonly trusted: boolean;
  /** A certificate's DER, or the key as it stands in the file. */
  readonly content: Buffer;
}

/** Bags of other kinds (revocation lists) make no entry in Java either. */
function readBag(node: Asn1): readonly Bag[] {
  const [type, value, attributeSet] = childrenOf(node);
  const kind = BAG_KINDS[oidOf(type)];
  const inner = childrenOf(value)[0];
  if (!kind || !inner) return [];
  const attributes = new Map((attributeSet ? childrenOf(attributeSet) : []).map(readAttribute));
  const keyId = attributes.get(LOCAL_KEY_ID);
  return [
    {
      kind,
      name: stringOf(attributes.get(FRIENDLY_NAME)),
      keyId: keyId && octetsOf(keyId).toString('hex'),
      trusted: attributes.has(TRUSTED_KEY_USAGE),
      content: kind === 'certificate' ? certificateIn(inner) : derOf(inner),
    },
  ];
}

function readAttribute(node: Asn1): readonly [string, Asn1 | undefined] {
  const [type, values] = childrenOf(node);
  return [oidOf(type), childrenOf(values)[0]];
}

function certificateIn(bag: Asn1): Buffer {
  return octetsOf(childrenOf(childrenOf(bag).find(({ tag }) => tag === TAG.explicit0))[0]);
}

/** Java numbers entries without a name, from 1, in the order of the file. */
function entriesOf(bags: readonly Bag[]): readonly RawEntry[] {
  let unnamed = 0;
  return bags
    .filter(({ kind, trusted }) => kind !== 'certificate' || trusted)
    .map((bag) => {
      const alias = (bag.name ?? String(++unnamed)).toLowerCase();
      if (bag.kind === 'certificate') {
        return { alias, kind: 'trusted', chain: [bag.content], sealedKey: Buffer.alloc(0) };
      }
      return { alias, kind: bag.kind, chain: bag.kind === 'key' ? chainOf(bag, bags) : [], sealedKey: bag.content };
    });
}

/** A key's certificate bears the key's id; from there on each certificate is followed by its issuer, as far as the store has it. */
function chainOf(key: Bag, bags: readonly Bag[]): readonly Buffer[] {
  const certificates = bags.filter(({ kind }) => kind === 'certificate');
  const leaf = certificates.find(({ trusted, keyId }) => !trusted && keyId === key.keyId);
  if (!leaf) return [];
  const chain = [leaf.content];
  let last = parseX509(leaf.content);
  // The servers' own certificates sign themselves: a hundred others need not be parsed. OpenSSL does not call them issuers, for want of
  // the key usage; by their names Java, too, ends a chain there.
  if (!last || last.issuer === last.subject) return chain;
  const candidates = certificates.flatMap(({ content }) => parseX509(content) ?? []);
  while (last && chain.length <= candidates.length) {
    last = issuerOf(last, candidates);
    if (last) chain.push(last.raw);
  }
  return chain;
}

function issuerOf(certificate: X509Certificate, candidates: readonly X509Certificate[]): X509Certificate | undefined {
  if (certificate.issuer === certificate.subject) return undefined;
  return candidates.find((candidate) => certificate.checkIssued(candidate));
}
