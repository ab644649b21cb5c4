import { createPrivateKey } from 'node:crypto';
import type NodeJava from 'java';
import type { Jvm } from '../../src/jvm/jvm.js';
import type { Secret } from '../../src/secret.js';
import type { Identity } from '../loaded-home.js';
import { charArray } from './open-keystore.js';
import type { NamedCertificate } from './public-authorities.js';
import type { StoreEncoding } from './releases.js';

export interface StoreContent {
  readonly keys: readonly (Identity & { readonly alias: string })[];
  readonly certificates: readonly NamedCertificate[];
  /** Default that of the store, from which it can differ in JKS alone. */
  readonly keyPassword?: Secret;
}

/** Writes a keystore the way the JDK does. */
export function encodeKeystore(jvm: Jvm, encoding: StoreEncoding, password: Secret, content: StoreContent): Buffer {
  return withSystemProperties(jvm, PROPERTIES[encoding], () => {
    const chars = charArray(jvm, password);
    const type = encoding === 'jks' ? 'JKS' : 'PKCS12';
    const store = jvm.callStaticMethodSync('java.security.KeyStore', 'getInstance', type);
    store.loadSync(null, chars);
    setKeys(jvm, store, content.keys, charArray(jvm, content.keyPassword ?? password));
    setCertificates(jvm, store, content.certificates);
    const bytes = jvm.newInstanceSync('java.io.ByteArrayOutputStream');
    store.storeSync(bytes, chars);
    return Buffer.from(bytes.toByteArraySync());
  });
}

/**
 * The JDK reads these each time it takes a key into a store and each time it writes one
 * (https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/security/KeyStore.html and `java.security` of the JDK).
 */
const PROPERTIES: Readonly<Record<StoreEncoding, Readonly<Record<string, string>>>> = {
  jks: {},
  'pkcs12-legacy': { 'keystore.pkcs12.legacy': 'true' },
  'pkcs12-open': { 'keystore.pkcs12.certProtectionAlgorithm': 'NONE', 'keystore.pkcs12.macAlgorithm': 'NONE' },
};

function withSystemProperties<T>(jvm: Jvm, properties: Readonly<Record<string, string>>, use: () => T): T {
  for (const [name, value] of Object.entries(properties)) {
    jvm.callStaticMethodSync('java.lang.System', 'setProperty', name, value);
  }
  try {
    return use();
  } finally {
    for (const name of Object.keys(properties)) jvm.callStaticMethodSync('java.lang.System', 'clearProperty', name);
  }
}

function setKeys(jvm: Jvm, store: NodeJava.JavaObject, keys: StoreContent['keys'], chars: NodeJava.JavaObject): void {
  for (const { alias, key, cert } of keys) {
    const chain = jvm.newArray('java.security.cert.Certificate', parseCertificates(jvm, [cert]));
    store.setKeyEntrySync(alias, parseKey(jvm, key), chars, chain);
  }
}

function setCertificates(jvm: Jvm, store: NodeJava.JavaObject, certificates: StoreContent['certificates']): void {
  const parsed = parseCertificates(
    jvm,
    certificates.map(({ cert }) => cert),
  );
  for (const [index, { alias }] of certificates.entries()) store.setCertificateEntrySync(alias, parsed[index]);
}

/** StringBufferInputStream takes the whole text in one call, where an array of bytes crosses the bridge one by one. */
function parseCertificates(jvm: Jvm, certificates: readonly string[]): NodeJava.JavaObject[] {
  const factory = jvm.callStaticMethodSync('java.security.cert.CertificateFactory', 'getInstance', 'X.509');
  const stream = jvm.newInstanceSync('java.io.StringBufferInputStream', certificates.join('\n'));
  return factory.generateCertificatesSync(stream).toArraySync();
}

function parseKey(jvm: Jvm, pem: string): NodeJava.JavaObject {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' });
  const spec = jvm.newInstanceSync('java.security.spec.PKCS8EncodedKeySpec', jvm.newArray('byte', [...der]));
  return jvm.callStaticMethodSync('java.security.KeyFactory', 'getInstance', 'RSA').generatePrivateSync(spec);
}
