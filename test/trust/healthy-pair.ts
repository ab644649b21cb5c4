import { createHash, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import forge from 'node-forge';
import { Secret } from '../../src/secret.js';
import type { PeerCertificate } from '../../src/trust/certificate.js';
import type { StoreFile } from '../../src/trust/keystore/keystore.js';
import { withTempFolder } from '../support/temp-folder.js';
import { selfSigned, testKey } from './self-signed.js';

const TEXT = 'wso2carbon';

/** One server of a pair, as its deployment.toml would describe it; a defect is seeded by changing files or this. */
export interface Side {
  keystore: StoreFile;
  truststore: StoreFile;
  alias: string;
  keyPassword: Secret;
  /** The names by which the other server reaches it. */
  hosts: string[];
  /** In place of the keystore, for a server whose home is elsewhere. */
  certificate?: PeerCertificate;
}

export interface Pair {
  readonly folder: string;
  readonly is7: Side;
  readonly apim: Side;
}

/** A pair of homes' stores in which every edge of trust holds and there is nothing to say. */
export function withHealthyPair<T>(use: (pair: Pair) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) =>
    use({ folder, is7: await sideIn(folder, 'is7'), apim: await sideIn(folder, 'apim') }),
  );
}

export const PEMS = {
  is7: selfSigned({
    commonName: 'is7.test',
    dnsNames: ['is7.test', 'localhost'],
    usages: ['serverAuth', 'clientAuth'],
  }),
  apim: selfSigned({ commonName: 'apim.test', dnsNames: ['apim.test', 'localhost'] }),
};

async function sideIn(folder: string, name: 'is7' | 'apim'): Promise<Side> {
  const password = new Secret(TEXT);
  const keystore = { path: join(folder, `${name}-keystore.p12`), password, declaredType: 'PKCS12' };
  const truststore = { path: join(folder, `${name}-truststore.jks`), password, declaredType: 'JKS' };
  await writeFile(keystore.path, keystoreBytes(PEMS[name]));
  await writeFile(truststore.path, truststoreBytes({ wso2is: PEMS.is7, wso2apim: PEMS.apim }));
  return { keystore, truststore, alias: 'wso2carbon', keyPassword: password, hosts: [`${name}.test`] };
}

/** A PKCS#12 keystore with the test key under `wso2carbon`, by a writer that is not ours. */
export function keystoreBytes(pem: string, key = testKey(), alias = 'wso2carbon'): Buffer {
  const options = { algorithm: '3des', friendlyName: alias, count: 10 } as const;
  const chain = [forge.pki.certificateFromPem(pem)];
  const asn1 = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(key), chain, TEXT, options);
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1');
}

/** A JKS with trusted certificates, laid out as the JDK does. */
export function truststoreBytes(certificates: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(certificates).map(([alias, pem]) => {
    const der = new X509Certificate(pem).raw;
    return Buffer.concat([uint32(2), text(alias), Buffer.alloc(8), text('X.509'), uint32(der.length), der]);
  });
  const content = Buffer.concat([Buffer.from('feedfeed', 'hex'), uint32(2), uint32(entries.length), ...entries]);
  const password = Buffer.from(TEXT, 'utf16le').swap16();
  return Buffer.concat([
    content,
    createHash('sha1').update(password).update('Mighty Aphrodite').update(content).digest(),
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}
