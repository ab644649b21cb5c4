import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import forge from 'node-forge';
import { Secret } from '../../src/secret.js';
import { keystoreBytes, type Pair, PEMS, type Side, truststoreBytes } from './healthy-pair.js';
import { type SelfSigned, selfSigned, testKey } from './self-signed.js';
import { twoKeysBytes } from './stores.js';

/**
 * What breaks the trust of two servers, from what people reported and from what the servers' packs hold. The list was written before the
 * detector. One line a defect: what it is, the code that must name it, and how it is made.
 */
export const DEFECTS: readonly (readonly [title: string, code: string, seed: (pair: Pair) => Promise<void>])[] = [
  ['the truststore is not there', 'STORE_MISSING', ({ apim }) => rm(apim.truststore.path)],
  ['a folder is in the place of the truststore', 'STORE_IS_FOLDER', folderInPlaceOfStore],
  ['the truststore is a link to nothing', 'STORE_LINK_BROKEN', linkToNothing],
  ['the truststore is empty', 'STORE_EMPTY', ({ apim }) => writeFile(apim.truststore.path, '')],
  ['the truststore was cut short by a full disk', 'STORE_TRUNCATED', ({ apim }) => cutShort(apim.truststore.path)],
  ['the keystore was cut short', 'STORE_TRUNCATED', ({ is7 }) => cutShort(is7.keystore.path)],
  ['the truststore is a PEM file', 'STORE_UNREADABLE', ({ apim }) => writeFile(apim.truststore.path, PEMS.is7)],
  ['the keystore was converted for FIPS', 'STORE_FORMAT_UNSUPPORTED', ({ is7 }) => bouncyCastle(is7.keystore.path)],
  ['the truststore password is wrong', 'STORE_PASSWORD_WRONG', async ({ apim }) => wrongPassword(apim, 'truststore')],
  ['the keystore password is wrong', 'STORE_PASSWORD_WRONG', async ({ is7 }) => wrongPassword(is7, 'keystore')],
  ['a JKS truststore is declared as PKCS12', 'STORE_TYPE_DIFFERS', async ({ is7 }) => declare(is7, 'PKCS12')],
  ['a JKS truststore is declared as BCFKS', 'STORE_TYPE_DIFFERS', async ({ is7 }) => declare(is7, 'BCFKS')],
  ['the keystore has no MAC', 'STORE_UNPROTECTED', ({ apim }) => withoutMac(apim.keystore.path)],
  ['the truststore holds a private key', 'STORE_HOLDS_KEY', keyInTruststore],
  ['the alias of the keystore is misspelt', 'STORE_ALIAS_MISSING', ({ is7 }) => change(is7, { alias: 'wso2carbn' })],
  ['our alias holds a private key', 'STORE_ALIAS_TAKEN', keyUnderOurAlias],
  [
    'our alias holds another certificate',
    'ALIAS_HOLDS_OTHER',
    ({ apim }) => trusts(apim, { wso2is: another(), wso2apim: PEMS.apim }),
  ],
  [
    'the same certificate is under several aliases',
    'CERT_SEVERAL_ALIASES',
    ({ apim }) => trusts(apim, { wso2is: PEMS.is7, byhand: PEMS.is7, wso2apim: PEMS.apim }),
  ],
  ['the alias is a certificate without its key', 'KEY_MISSING', certificateOnly],
  [
    'the key password is wrong',
    'KEY_PASSWORD_WRONG',
    ({ is7 }) => change(is7, { keyPassword: new Secret('nonsense') }),
  ],
  ['the private key is not that of the certificate', 'KEY_MISMATCH', otherKey],
  ['the chain does not lead from the certificate', 'CERT_CHAIN_BROKEN', (pair) => presents(pair, {}, another())],
  ['the certificate has expired', 'CERT_EXPIRED', (pair) => presents(pair, { notAfter: new Date('2025-01-07') })],
  ['the certificate expires next week', 'CERT_EXPIRES_SOON', (pair) => presents(pair, { notAfter: daysFromNow(7) })],
  ['the certificate is not valid yet', 'CERT_NOT_YET_VALID', (pair) => presents(pair, { notBefore: daysFromNow(2) })],
  [
    'the shipped certificate is used with a service name',
    'CERT_HOST_MISMATCH',
    (pair) => presents(pair, { dnsNames: ['localhost'] }),
  ],
  ['a wildcard does not reach two labels deep', 'CERT_HOST_MISMATCH', wildcardTooHigh],
  [
    'the peer is reached by an address that is no name of it',
    'CERT_ADDRESS_MISMATCH',
    ({ is7 }) => change(is7, { hosts: ['10.0.0.7'] }),
  ],
  ['the certificate has a common name only', 'CERT_NO_SAN', (pair) => presents(pair, { dnsNames: [] })],
  ['the key has 1024 bits', 'CERT_KEY_WEAK', (pair) => presents(pair, { keyBits: 1024 })],
  ['the signature is by SHA-1', 'CERT_HASH_WEAK', (pair) => presents(pair, { digest: 'sha1' })],
  ['the certificate is for clients only', 'CERT_USAGE_WRONG', (pair) => presents(pair, { usages: ['clientAuth'] })],
  [
    'a leaf whose CA is not in the store',
    'CERT_ISSUER_MISSING',
    (pair) => presents(pair, { authority: { commonName: 'Our CA' } }),
  ],
  [
    'a leaf whose CA is in the store',
    'CERT_ISSUER_TRUSTED',
    (pair) => issuedBy(pair, selfSigned({ commonName: 'Our CA' })),
  ],
  [
    'a leaf whose CA is in the store and has expired',
    'CERT_ISSUER_EXPIRED',
    (pair) => issuedBy(pair, selfSigned({ commonName: 'Our CA', notAfter: new Date('2025-01-01') })),
  ],
  ['the certificate file holds the key only', 'CERTIFICATE_UNREADABLE', keyFileOnly],
  [
    'the certificate file is not there',
    'FILE_UNREADABLE',
    ({ is7, folder }) => change(is7, { certificate: { pemFile: join(folder, 'absent.pem') } }),
  ],
];

async function change(side: Side, differences: Partial<Side>): Promise<void> {
  Object.assign(side, differences);
}

async function folderInPlaceOfStore({ apim }: Pair): Promise<void> {
  await rm(apim.truststore.path);
  await mkdir(apim.truststore.path);
}

async function linkToNothing({ apim, folder }: Pair): Promise<void> {
  await rm(apim.truststore.path);
  await symlink(join(folder, 'unmounted', 'store.jks'), apim.truststore.path);
}

async function cutShort(path: string): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
}

function bouncyCastle(path: string): Promise<void> {
  return writeFile(path, Buffer.from('3082010030820080300d', 'hex'));
}

async function wrongPassword(side: Side, which: 'keystore' | 'truststore'): Promise<void> {
  side[which] = { ...side[which], password: new Secret('nonsense') };
}

async function declare(side: Side, declaredType: string): Promise<void> {
  side.truststore = { ...side.truststore, declaredType };
}

/** The outer structure is version, content and MAC; the last goes, and the length with it. */
async function withoutMac(path: string): Promise<void> {
  const store = forge.asn1.fromDer((await readFile(path)).toString('latin1'));
  (store.value as forge.asn1.Asn1[]).pop();
  await writeFile(path, Buffer.from(forge.asn1.toDer(store).getBytes(), 'latin1'));
}

async function keyInTruststore({ apim }: Pair): Promise<void> {
  await writeFile(apim.truststore.path, await twoKeysBytes());
}

async function keyUnderOurAlias({ apim }: Pair): Promise<void> {
  await writeFile(apim.truststore.path, keystoreBytes(PEMS.apim, testKey(), 'wso2is'));
}

function trusts(side: Side, certificates: Readonly<Record<string, string>>): Promise<void> {
  return writeFile(side.truststore.path, truststoreBytes(certificates));
}

function another(): string {
  return selfSigned({ commonName: 'another', dnsNames: ['another.test'] });
}

async function certificateOnly({ is7 }: Pair): Promise<void> {
  await writeFile(is7.keystore.path, truststoreBytes({ wso2carbon: PEMS.is7 }));
}

async function otherKey({ is7 }: Pair): Promise<void> {
  await writeFile(is7.keystore.path, keystoreBytes(PEMS.is7, testKey(1024)));
}

/** IS 7 presents a certificate that differs from the healthy one in this; its home is elsewhere, so it comes as a PEM file. */
async function presents(
  { is7, folder }: Pair,
  wanted: Partial<SelfSigned>,
  ...chain: readonly string[]
): Promise<void> {
  const pemFile = join(folder, 'is7.pem');
  const leaf = selfSigned({ commonName: 'is7.test', dnsNames: ['is7.test'], ...wanted });
  await writeFile(pemFile, [leaf, ...chain].join(''));
  is7.certificate = { pemFile };
}

async function wildcardTooHigh(pair: Pair): Promise<void> {
  pair.is7.hosts = ['is7.identity.test'];
  await presents(pair, { dnsNames: ['*.test'] });
}

async function issuedBy(pair: Pair, authority: string): Promise<void> {
  await presents(pair, { authority: { commonName: 'Our CA' } });
  await trusts(pair.apim, { 'our-ca': authority, wso2apim: PEMS.apim });
}

async function keyFileOnly({ is7, folder }: Pair): Promise<void> {
  const pemFile = join(folder, 'is7.key');
  await writeFile(pemFile, testKey());
  is7.certificate = { pemFile };
}

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
