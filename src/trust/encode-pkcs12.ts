import { createHash, createHmac, type KeyObject, randomBytes, type X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import type { Secret } from '../config/secret.js';
import { type Asn1, encodeAsn1, parseAsn1 } from './asn1.js';
import { derivePkcs12Key } from './pkcs12-key.js';

const DATA = '1.2.840.113549.1.7.1';
const SHA_256 = '2.16.840.1.101.3.4.2.1';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const X509_CERTIFICATE = '1.2.840.113549.1.9.22.1';
const FRIENDLY_NAME = '1.2.840.113549.1.9.20';
const LOCAL_KEY_ID = '1.2.840.113549.1.9.21';
const MAC_ITERATIONS = 10_000;

/** A private key and the certificates from its own to its issuer's. */
export interface KeyIdentity {
  readonly key: KeyObject;
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
}

/**
 * A PKCS#12 store (RFC 7292) with one private key, which has the password of the store, as Java wants it. The key is encrypted with
 * AES-256, the whole guarded by a SHA-256 MAC; the certificates are in the clear. JDK 11.0.12 and later read it. node-forge can write
 * RSA keys only.
 */
export function encodePkcs12(alias: string, { key, chain }: KeyIdentity, password: Secret): Buffer {
  const [leaf] = chain;
  const keyId = createHash('sha1').update(leaf.raw).digest();
  const own = [attribute(FRIENDLY_NAME, bmpString(alias)), attribute(LOCAL_KEY_ID, octets(keyId))];
  const bags = [
    bag(SHROUDED_KEY_BAG, parseAsn1(sealed(key, password)), own),
    ...chain.map((certificate) => bag(CERTIFICATE_BAG, certificateBag(certificate), certificate === leaf ? own : [])),
  ];
  const content = encodeAsn1(sequence(data(encodeAsn1(sequence(...bags)))));
  return encodeAsn1(sequence(integer(3), data(content), mac(content, password)));
}

function sealed(key: KeyObject, password: Secret): Buffer {
  return key.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: password.reveal() });
}

function mac(content: Buffer, password: Secret): Asn1 {
  const salt = randomBytes(20);
  const request = {
    digest: 'sha256',
    password,
    salt,
    purpose: 3,
    iterations: MAC_ITERATIONS,
    lengthBytes: 32,
  } as const;
  const digest = createHmac('sha256', derivePkcs12Key(request)).update(content).digest();
  const algorithm = sequence(oid(SHA_256), create(forge.asn1.Type.NULL, ''));
  return sequence(sequence(algorithm, octets(digest)), octets(salt), integer(MAC_ITERATIONS));
}

function bag(kind: string, content: Asn1, attributes: readonly Asn1[]): Asn1 {
  return sequence(oid(kind), tagged(content), ...(attributes.length > 0 ? [set(...attributes)] : []));
}

function certificateBag({ raw }: X509Certificate): Asn1 {
  return sequence(oid(X509_CERTIFICATE), tagged(octets(raw)));
}

function attribute(name: string, value: Asn1): Asn1 {
  return sequence(oid(name), set(value));
}

function data(content: Buffer): Asn1 {
  return sequence(oid(DATA), tagged(octets(content)));
}

function create(type: forge.asn1.Type, value: string): Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, type, false, value);
}

function sequence(...nodes: Asn1[]): Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SEQUENCE, true, nodes);
}

function set(...nodes: Asn1[]): Asn1 {
  return forge.asn1.create(forge.asn1.Class.UNIVERSAL, forge.asn1.Type.SET, true, nodes);
}

/** `[0] EXPLICIT` */
function tagged(node: Asn1): Asn1 {
  return forge.asn1.create(forge.asn1.Class.CONTEXT_SPECIFIC, 0 as forge.asn1.Type, true, [node]);
}

function oid(dotted: string): Asn1 {
  return create(forge.asn1.Type.OID, forge.asn1.oidToDer(dotted).getBytes());
}

function octets(bytes: Buffer): Asn1 {
  return create(forge.asn1.Type.OCTETSTRING, bytes.toString('latin1'));
}

function integer(value: number): Asn1 {
  return create(forge.asn1.Type.INTEGER, forge.asn1.integerToDer(value).getBytes());
}

function bmpString(text: string): Asn1 {
  return create(forge.asn1.Type.BMPSTRING, text);
}
