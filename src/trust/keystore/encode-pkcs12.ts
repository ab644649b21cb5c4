import { createHash, createHmac, type KeyObject, randomBytes, type X509Certificate } from 'node:crypto';
import type { Secret } from '../../secret.js';
import { encode, encodeOid, TAG } from '../asn1.js';
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
 * AES-256, the whole guarded by a SHA-256 MAC; the certificates are in the clear. JDK 11.0.12 and later read it.
 */
export function encodePkcs12(alias: string, { key, chain }: KeyIdentity, password: Secret): Buffer {
  const [leaf] = chain;
  const keyId = createHash('sha1').update(leaf.raw).digest();
  const own = [attribute(FRIENDLY_NAME, bmpString(alias)), attribute(LOCAL_KEY_ID, encode(TAG.octets, keyId))];
  const bags = [
    bag(SHROUDED_KEY_BAG, sealed(key, password), own),
    ...chain.map((certificate) => bag(CERTIFICATE_BAG, certificateBag(certificate), certificate === leaf ? own : [])),
  ];
  const content = sequence(data(sequence(...bags)));
  return sequence(integer(3), data(content), mac(content, password));
}

function sealed(key: KeyObject, password: Secret): Buffer {
  return key.export({ type: 'pkcs8', format: 'der', cipher: 'aes-256-cbc', passphrase: password.reveal() });
}

function mac(content: Buffer, password: Secret): Buffer {
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
  const algorithm = sequence(encodeOid(SHA_256), encode(TAG.null));
  return sequence(sequence(algorithm, encode(TAG.octets, digest)), encode(TAG.octets, salt), integer(MAC_ITERATIONS));
}

function bag(kind: string, content: Buffer, attributes: readonly Buffer[]): Buffer {
  const described = attributes.length > 0 ? [encode(TAG.set, ...attributes)] : [];
  return sequence(encodeOid(kind), encode(TAG.explicit0, content), ...described);
}

function certificateBag({ raw }: X509Certificate): Buffer {
  return sequence(encodeOid(X509_CERTIFICATE), encode(TAG.explicit0, encode(TAG.octets, raw)));
}

function attribute(name: string, value: Buffer): Buffer {
  return sequence(encodeOid(name), encode(TAG.set, value));
}

function data(content: Buffer): Buffer {
  return sequence(encodeOid(DATA), encode(TAG.explicit0, encode(TAG.octets, content)));
}

function sequence(...elements: readonly Buffer[]): Buffer {
  return encode(TAG.sequence, ...elements);
}

/** A positive number below 2^31. */
function integer(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  // Leading zero bytes go, but for one that keeps the number positive.
  const start = bytes.findIndex((byte, index) => byte !== 0 || index === 3 || (bytes[index + 1] ?? 0) >= 0x80);
  return encode(TAG.integer, bytes.subarray(start));
}

function bmpString(text: string): Buffer {
  return encode(TAG.bmpString, Buffer.from(text, 'utf16le').swap16());
}
