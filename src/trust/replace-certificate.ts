import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BootstrapError } from '../errors.js';
import { withTempFileBeside, writeFileWhole } from '../io/write-file.js';
import { deleteAlias, importCertificate, type KeytoolOptions } from '../jvm/keytool.js';
import { parseStore, readStore, readStoreBytes, type Store, type StoreFile, trustedContent } from './keystore.js';

export interface TrustedCertificate {
  readonly alias: string;
  readonly certificate: X509Certificate;
}

/**
 * Puts a certificate under an alias of a store, in place of what the alias held. keytool works on a copy; only when the copy, read
 * again, has kept its format and every other alias with what it stands for, the copy's bytes replace the file.
 *
 * @throws BootstrapError those of {@link readStore} and of keytool; `KEYTOOL_FAILED` when the copy is not what it should be;
 *   `FILE_UNWRITABLE`. The store is untouched then, as it is when the signal aborts.
 */
export async function replaceCertificate(
  store: StoreFile,
  { alias, certificate }: TrustedCertificate,
  keytool: KeytoolOptions,
  signal: AbortSignal,
): Promise<void> {
  const bytes = await readStoreBytes(store);
  const before = parseStore(bytes, store);
  await withTempFileBeside(store.path, async (copyPath) => {
    await writeFileWhole(copyPath, bytes, { mode: 0o600 });
    const copy = { path: copyPath, format: before.format, password: store.password };
    if (before.contents.has(alias)) await deleteAlias(copy, alias, keytool, signal);
    await importCertificate(copy, alias, certificate.toString(), keytool, signal);
    const after = await readStore({ ...store, path: copyPath });
    requireOnly({ alias, certificate }, before, after, store.path);
    signal.throwIfAborted();
    await writeFileWhole(store.path, await readFile(copyPath));
  });
}

/** keytool can end well without having done anything, so its word is not taken. */
function requireOnly({ alias, certificate }: TrustedCertificate, before: Store, after: Store, path: string): void {
  const expected = new Map(before.contents).set(alias, trustedContent(certificate.fingerprint256));
  const aliases = new Set([...expected.keys(), ...after.contents.keys()]);
  const wrong = [...aliases].filter((name) => expected.get(name) !== after.contents.get(name));
  if (wrong.length === 0 && before.format === after.format) return;
  const what = wrong.length > 0 ? `other content under ${wrong.join(', ')}` : `the format ${after.format}`;
  throw new BootstrapError(`keytool would have left ${path} with ${what} than expected; the file was not touched`, {
    code: 'KEYTOOL_FAILED',
    hint: `Import the certificate by hand under the alias ${alias}, or use the keytool of another JDK through JAVA_HOME.`,
  });
}
