import { withPrivateFolderBeside } from '../io/write-file.js';
import type { KeytoolOptions } from '../jvm/keytool.js';
import { encodePkcs12, type KeyIdentity } from './keystore/encode-pkcs12.js';
import type { StoreFile } from './keystore/keystore.js';
import { makeByKeytool } from './make-by-keytool.js';
import { makeRsaIdentity } from './make-certificate.js';
import { readPemIdentity } from './pem-identity.js';
import type { GeneratedIdentity, WantedIdentity } from './tls-plan.js';

export interface Making {
  /** Where the bytes will go: a key that keytool makes is beside it for a moment, in a folder that nobody else may look into. */
  readonly store: Pick<StoreFile, 'path' | 'password'>;
  readonly alias: string;
  readonly now: Date;
  readonly keytool: KeytoolOptions;
  readonly signal: AbortSignal;
}

/**
 * The bytes of a TLS keystore with the wanted key and certificate, which are made now, or read from the files that were brought.
 *
 * @throws BootstrapError those of {@link readPemIdentity} and {@link makeByKeytool}
 */
export async function makeTlsStore(wanted: WantedIdentity, making: Making): Promise<Buffer> {
  const identity = wanted.from === 'files' ? await readPemIdentity(wanted.files) : await makeIdentity(wanted, making);
  return encodePkcs12(making.alias, identity, making.store.password);
}

/** node-forge knows RSA only. */
async function makeIdentity(wanted: GeneratedIdentity, { store, now, keytool, signal }: Making): Promise<KeyIdentity> {
  const { names, days, key } = wanted;
  const authority = wanted.authority && (await readPemIdentity(wanted.authority));
  const request = { names, days, now };
  const [algorithm, bits] = [key.startsWith('ec') ? 'EC' : 'RSA', Number(key.replace(/\D/g, ''))] as const;
  const isRsaOnly = algorithm === 'RSA' && (authority?.key.asymmetricKeyType ?? 'rsa') === 'rsa';
  if (isRsaOnly) return makeRsaIdentity(request, bits === 3072 ? 3072 : 2048, authority);
  return withPrivateFolderBeside(store.path, (privateFolder) =>
    makeByKeytool({ ...request, key: { algorithm, bits }, authority, privateFolder }, keytool, signal),
  );
}
