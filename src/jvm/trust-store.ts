import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withPrivateFolder } from '../io/private-folder.js';
import { type Jvm, startJvm } from './jvm.js';

/** A file of certificates as Java's TLS takes it. */
export interface TrustStore {
  readonly path: string;
  readonly type: 'PKCS12';
  readonly password: string;
}

/**
 * Lends a store that holds exactly these certificates, PEM, in a folder that only this user can enter, and removes both. A driver reads
 * what it is to believe from a file.
 *
 * @param jars the class path, should this start the JVM
 */
export async function withTrustStore<T>(
  certificates: readonly string[],
  jars: readonly string[],
  use: (store: TrustStore) => Promise<T>,
): Promise<T> {
  const java = startJvm(jars);
  return withPrivateFolder(async (folder) => {
    const pem = join(folder, 'trusted.pem');
    await writeFile(pem, certificates.join('\n'), { mode: 0o600 });
    const store: TrustStore = {
      path: join(folder, 'trusted.p12'),
      type: 'PKCS12',
      password: randomBytes(16).toString('hex'),
    };
    writeStore(java, pem, store);
    return use(store);
  });
}

function writeStore(java: Jvm, pem: string, { path, type, password }: TrustStore): void {
  const factory = java.callStaticMethodSync('java.security.cert.CertificateFactory', 'getInstance', 'X.509');
  const input = java.newInstanceSync('java.io.FileInputStream', pem);
  const trusted = factory.generateCertificatesSync(input).toArraySync() as readonly unknown[];
  input.closeSync();
  const store = java.callStaticMethodSync('java.security.KeyStore', 'getInstance', type);
  store.loadSync(null, null);
  for (const [index, certificate] of trusted.entries()) store.setCertificateEntrySync(`trusted-${index}`, certificate);
  const output = java.newInstanceSync('java.io.FileOutputStream', path);
  store.storeSync(output, java.newArray('char', [...password]));
  output.closeSync();
}
