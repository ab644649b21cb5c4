import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { BootstrapError } from '../errors.js';
import { createKeyPair, type KeytoolOptions, requestCertificate, signRequest } from '../jvm/keytool.js';
import { Secret } from '../secret.js';
import { encodePkcs12, type KeyIdentity } from './keystore/encode-pkcs12.js';
import { readStore } from './keystore/keystore.js';
import { type CertificateRequest, commonName, endOf } from './make-certificate.js';
import { openPrivateKey } from './private-key.js';

const DAY_MS = 86_400_000;
const ALIAS = 'tls';
const AUTHORITY = 'authority';

export interface KeytoolKey {
  readonly algorithm: 'RSA' | 'EC';
  readonly bits: number;
}

/** What node-forge cannot make: a key pair and certificate in which an elliptic curve takes part, be it the authority's only. */
export interface KeytoolRequest extends CertificateRequest {
  readonly key: KeytoolKey;
  readonly authority: KeyIdentity | undefined;
  /** Where keytool may put the key for a moment: readable by nobody else. */
  readonly privateFolder: string;
}

/**
 * Makes a key and its certificate with keytool, signed by itself or by the authority.
 *
 * @throws BootstrapError `KEYTOOL_MISSING`, `KEYTOOL_FAILED`
 */
export async function makeByKeytool(
  request: KeytoolRequest,
  keytool: KeytoolOptions,
  signal: AbortSignal,
): Promise<KeyIdentity> {
  const { names, key, authority, privateFolder } = request;
  const password = new Secret(crypto.randomUUID());
  const store = { path: join(privateFolder, 'made.p12'), format: 'PKCS12', password } as const;
  const wanted = { subject: `CN=${commonName(names)}`, extensions: extensionsFor(names), days: wholeDays(request) };
  await createKeyPair(store, ALIAS, { ...key, ...wanted }, keytool, signal);
  const [entry] = (await readStore(store)).entries;
  const opened = entry && openPrivateKey(entry.sealedKey, password);
  const certificate = entry?.chain[0];
  if (!certificate || !opened || opened === 'unknown') throw unusable(store.path);
  if (!authority) return { key: opened, chain: [certificate] };
  const signer = { path: join(privateFolder, 'authority.p12'), format: 'PKCS12', password } as const;
  await writeFile(signer.path, encodePkcs12(AUTHORITY, authority, password), { mode: 0o600 });
  const signingRequest = await requestCertificate(store, ALIAS, keytool, signal);
  const signed = await signRequest(signer, AUTHORITY, { ...wanted, signingRequest }, keytool, signal);
  return { key: opened, chain: [new X509Certificate(signed), ...authority.chain] };
}

function extensionsFor(names: readonly string[]): readonly string[] {
  const altNames = names.map((name) => `${isIP(name) ? 'ip' : 'dns'}:${name}`);
  return [
    'BasicConstraints:critical=ca:false',
    'KeyUsage:critical=digitalSignature',
    'ExtendedKeyUsage=serverAuth,clientAuth',
    `SubjectAlternativeName=${altNames.join(',')}`,
  ];
}

function wholeDays(request: KeytoolRequest): number {
  return Math.max(1, Math.floor((endOf(request, request.authority).getTime() - request.now.getTime()) / DAY_MS));
}

function unusable(path: string): BootstrapError {
  return new BootstrapError(`keytool made a keystore whose key cannot be read: ${path}`, {
    code: 'KEYTOOL_FAILED',
    hint: 'Use the keytool of another JDK through JAVA_HOME, or set tls.key to rsa2048.',
  });
}
