import { generateKeyPair, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { BootstrapError } from '../errors.js';
import { childrenOf, parseAsn1 } from './asn1.js';
import { MESSAGES } from './errors.js';
import { encodePkcs12, type KeyIdentity } from './keystore/encode-pkcs12.js';
import type { StoreFile } from './keystore/keystore.js';
import { readPemIdentity } from './pem-identity.js';
import type { GeneratedIdentity, TlsKey, WantedIdentity } from './tls-plan.js';

const { asn1 } = forge;
const { SEQUENCE, BITSTRING, OID, NULL } = asn1.Type;

const DAY_MS = 86_400_000;
/** The clocks of two machines differ. */
const CLOCK_LEEWAY_MS = 3_600_000;
const DNS_NAME = 2;
const IP_ADDRESS = 7;

export interface Making {
  readonly store: Pick<StoreFile, 'password'>;
  readonly alias: string;
  readonly now: Date;
}

/**
 * The bytes of a TLS keystore with the wanted key and certificate, which are made now, or read from the files that were brought.
 *
 * @throws BootstrapError those of {@link readPemIdentity}; `KEY_UNREADABLE` for an authority with a key that cannot sign certificates
 */
export async function makeTlsStore(wanted: WantedIdentity, { store, alias, now }: Making): Promise<Buffer> {
  const identity = wanted.from === 'files' ? await readPemIdentity(wanted.files) : await makeIdentity(wanted, now);
  return encodePkcs12(alias, identity, store.password);
}

/** A new key, and its certificate for a TLS server that may also be a TLS client. */
async function makeIdentity(wanted: GeneratedIdentity, now: Date): Promise<KeyIdentity> {
  const authority = wanted.authority && (await readPemIdentity(wanted.authority));
  const { privateKey, publicKey } = await makeKeyPair(wanted.key);
  const signer = authority?.key ?? privateKey;
  const algorithm = signatureOf(signer, wanted);
  const certificate = signed(contentOf({ wanted, now, publicKey, authority, algorithm }), algorithm, signer);
  return { key: privateKey, chain: [certificate, ...(authority?.chain ?? [])] };
}

function makeKeyPair(key: TlsKey): Promise<{ readonly privateKey: KeyObject; readonly publicKey: KeyObject }> {
  const size = Number(key.replace(/\D/g, ''));
  return key.startsWith('ec')
    ? promisify(generateKeyPair)('ec', { namedCurve: `P-${size}` })
    : promisify(generateKeyPair)('rsa', { modulusLength: size });
}

/** An algorithm that signs certificates: its identifier (RFC 4055, RFC 5758, RFC 8410), and the digest that comes before it. */
interface SignatureAlgorithm {
  readonly oid: string;
  readonly digest: 'sha256' | null;
  /** RSA's identifier has NULL for its parameters, the others have none. */
  readonly parameters: readonly forge.asn1.Asn1[];
}

const SIGNATURES: Readonly<Record<string, SignatureAlgorithm>> = {
  rsa: {
    oid: '1.2.840.113549.1.1.11',
    digest: 'sha256',
    parameters: [asn1.create(asn1.Class.UNIVERSAL, NULL, false, '')],
  },
  ec: { oid: '1.2.840.10045.4.3.2', digest: 'sha256', parameters: [] },
  ed25519: { oid: '1.3.101.112', digest: null, parameters: [] },
  ed448: { oid: '1.3.101.113', digest: null, parameters: [] },
};

function signatureOf({ asymmetricKeyType }: KeyObject, { authority }: GeneratedIdentity): SignatureAlgorithm {
  const algorithm = SIGNATURES[asymmetricKeyType ?? ''];
  if (algorithm) return algorithm;
  throw new BootstrapError(
    MESSAGES.KEY_UNREADABLE.signsNothing(authority?.key, asymmetricKeyType, authority?.settings),
  );
}

interface Content {
  readonly wanted: GeneratedIdentity;
  readonly now: Date;
  readonly publicKey: KeyObject;
  readonly authority: KeyIdentity | undefined;
  readonly algorithm: SignatureAlgorithm;
}

/** The part of a certificate that is signed. node-forge writes it for RSA keys alone, so that what goes by the keys is put in its place. */
function contentOf({ wanted, now, publicKey, authority, algorithm }: Content): forge.asn1.Asn1 {
  const { names } = wanted;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const certificate = forge.pki.createCertificate();
  const subject = [{ name: 'commonName', value: commonName(names) }];
  certificate.publicKey = forge.pki.setRsaPublicKey(ONE, ONE);
  // The first digit keeps the number positive, and of one length.
  certificate.serialNumber = `4${randomBytes(10).toString('hex').slice(1)}`;
  certificate.validity.notBefore = new Date(now.getTime() - CLOCK_LEEWAY_MS);
  certificate.validity.notAfter = endOf(wanted, now, authority);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.generateSubjectKeyIdentifier = () => sha1Of(spki);
  certificate.setExtensions(extensionsFor(names, publicKey));
  certificate.siginfo.algorithmOid = algorithm.oid;
  certificate.signatureOid = algorithm.oid;
  const [content] = partsOf(forge.pki.certificateToAsn1(certificate));
  const fields = partsOf(content);
  fields.splice(FIELD.signature, 1, identifierOf(algorithm));
  if (authority) fields.splice(FIELD.issuer, 1, asn1Of(subjectOf(authority.chain[0])));
  fields.splice(FIELD.publicKey, 1, asn1Of(spki));
  return sequence(fields);
}

const ONE = new forge.jsbn.BigInteger('1');

/** The fields of a TBSCertificate whose version is there (RFC 5280, 4.1). */
const FIELD = { signature: 2, issuer: 3, publicKey: 6 } as const;
const SUBJECT_WITHOUT_VERSION = 4;
const VERSION_TAG = 0xa0;

/** Byte for byte, as it has to stand in what the certificate's owner signs. */
function subjectOf({ raw }: X509Certificate): Buffer {
  const fields = childrenOf(childrenOf(parseAsn1(raw))[0]).filter(({ tag }) => tag !== VERSION_TAG);
  return fields[SUBJECT_WITHOUT_VERSION]?.encoded ?? Buffer.alloc(0);
}

function signed(content: forge.asn1.Asn1, algorithm: SignatureAlgorithm, signer: KeyObject): X509Certificate {
  const signature = sign(algorithm.digest, bytesOf(content), signer);
  const bits = asn1.create(asn1.Class.UNIVERSAL, BITSTRING, false, `\0${signature.toString('latin1')}`);
  return new X509Certificate(bytesOf(sequence([content, identifierOf(algorithm), bits])));
}

function identifierOf({ oid, parameters }: SignatureAlgorithm): forge.asn1.Asn1 {
  const name = asn1.create(asn1.Class.UNIVERSAL, OID, false, asn1.oidToDer(oid).getBytes());
  return sequence([name, ...parameters]);
}

function sequence(parts: forge.asn1.Asn1[]): forge.asn1.Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, SEQUENCE, true, parts);
}

function partsOf(element: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] {
  return [element?.value ?? []].flat().filter((part) => typeof part !== 'string');
}

function asn1Of(der: Buffer): forge.asn1.Asn1 {
  return asn1.fromDer(der.toString('latin1'));
}

function bytesOf(element: forge.asn1.Asn1): Buffer {
  return Buffer.from(asn1.toDer(element).getBytes(), 'latin1');
}

function sha1Of(bytes: Buffer): forge.util.ByteStringBuffer {
  return forge.md.sha1.create().update(bytes.toString('latin1')).digest();
}

/** A common name has 64 characters at most (RFC 5280, upper bounds); the names that count are in the SAN. */
function commonName(names: readonly [string, ...string[]]): string {
  return names.find((name) => name.length <= 64) ?? names[0].slice(0, 64);
}

/** No certificate outlives the one that signs it. */
function endOf({ days }: GeneratedIdentity, now: Date, authority: KeyIdentity | undefined): Date {
  const end = now.getTime() + days * DAY_MS;
  return new Date(Math.min(end, ...(authority?.chain ?? []).map(({ validTo }) => Date.parse(validTo))));
}

/** Only with an RSA key can a client encrypt the key of a session. */
function extensionsFor(names: readonly string[], { asymmetricKeyType }: KeyObject): object[] {
  const altNames = names.map((name) => (isIP(name) ? { type: IP_ADDRESS, ip: name } : { type: DNS_NAME, value: name }));
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: asymmetricKeyType === 'rsa', critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'subjectKeyIdentifier' },
  ];
}
