import type NodeJava from 'java';
import type { Jvm } from '../../src/jvm/jvm.js';
import type { Secret } from '../../src/secret.js';
import type { Identity } from '../loaded-home.js';

/** A store that was opened with its password. */
export interface OpenKeystore {
  /** Undefined when there is no private key under the alias. Throws Java's exception for a wrong password. */
  identity(alias: string, keyPassword: Secret): Identity | undefined;
  /** PEM of every certificate that is trusted by itself, not as part of a private key's chain. */
  trusted(): readonly string[];
  /** PEM of the certificates of all private keys. */
  keyCertificates(): readonly string[];
}

/** Reads a store as the servers do: JKS and PKCS12 alike, whatever its name says. Throws Java's exception. */
export function openKeystore(jvm: Jvm, file: string, password: Secret): OpenKeystore {
  const store = loadStore(jvm, file, password);
  return {
    identity(alias, keyPassword) {
      if (!store.isKeyEntrySync(alias)) return undefined;
      const key = store.getKeySync(alias, charArray(jvm, keyPassword)).getEncodedSync();
      return {
        key: pem('PRIVATE KEY', key),
        cert: pem('CERTIFICATE', store.getCertificateSync(alias).getEncodedSync()),
      };
    },
    trusted: () => certificatesOf((alias) => store.isCertificateEntrySync(alias)),
    keyCertificates: () => certificatesOf((alias) => store.isKeyEntrySync(alias)),
  };

  function certificatesOf(isWanted: (alias: string) => boolean): readonly string[] {
    const aliases: string[] = jvm
      .callStaticMethodSync('java.util.Collections', 'list', store.aliasesSync())
      .toArraySync();
    return aliases
      .filter(isWanted)
      .map((alias) => pem('CERTIFICATE', store.getCertificateSync(alias).getEncodedSync()));
  }
}

/** `keystore.type.compat`, on by default, makes the JDK's JKS read PKCS12, too. */
function loadStore(jvm: Jvm, file: string, password: Secret): NodeJava.JavaObject {
  const store = jvm.callStaticMethodSync('java.security.KeyStore', 'getInstance', 'JKS');
  const stream = jvm.newInstanceSync('java.io.FileInputStream', file);
  try {
    store.loadSync(stream, charArray(jvm, password));
    return store;
  } finally {
    stream.closeSync();
  }
}

/** How Java takes passwords. */
export function charArray(jvm: Jvm, password: Secret): NodeJava.JavaObject {
  return jvm.newArray('char', [...password.reveal()]);
}

function pem(label: 'CERTIFICATE' | 'PRIVATE KEY', der: Int8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
