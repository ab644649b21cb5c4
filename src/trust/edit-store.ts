import type { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { BootstrapError } from '../errors.js';
import type { Keep } from '../io/backup.js';
import { makeFolder } from '../io/make-folder.js';
import type { NewFile } from '../io/ownership.js';
import { withPrivateFolder } from '../io/private-folder.js';
import { readWhole } from '../io/read-whole.js';
import { removeLeftovers, writeFileWhole } from '../io/write-file.js';
import { deleteAlias, importCertificate, type KeytoolOptions, type KeytoolStore, renameAlias } from '../jvm/keytool.js';
import { MESSAGES } from './errors.js';
import { refuseOpenMode } from './exposed-key.js';
import { parseStore, readStore, type Store, type StoreFile, trustedContent } from './keystore/keystore.js';
import { locateStore, readStoreBytes } from './keystore/store-file.js';

/** One change of a truststore's entries. */
export type StoreEdit =
  | { readonly does: 'import'; readonly alias: string; readonly certificate: X509Certificate }
  | { readonly does: 'rename'; readonly alias: string; readonly to: string }
  | { readonly does: 'delete'; readonly alias: string };

export interface EditOptions {
  readonly keytool: KeytoolOptions;
  /** Of a new file, in an overlay; what is not said depends on what the store holds. */
  readonly files?: NewFile;
  /** Keeps the store as it was. */
  readonly keep?: Keep | undefined;
}

/**
 * Makes edits in a store, in their order, all or none. keytool works on a copy in a folder of ours; only when the copy, read again, has
 * kept its format and protection, every other alias with what it stands for, its date and its place, the copy's bytes replace the file.
 *
 * @throws BootstrapError those of {@link readStore} and of keytool; `KEYTOOL_FAILED` when the copy is not what it should be;
 *   `FILE_UNWRITABLE`; `KEY_EXPOSED` when a copy in an overlay would let everybody read a key. The store is untouched then, as it is when
 *   the signal aborts.
 */
export async function editStore(
  store: StoreFile,
  edits: readonly StoreEdit[],
  { keytool, files = {}, keep }: EditOptions,
  signal: AbortSignal,
): Promise<void> {
  const located = await locateStore(store);
  const bytes = await readStoreBytes(located);
  const before = await parseStore(bytes, located);
  const target = store.overlayPath ?? store.path;
  const usualMode = usualModeOf(before);
  if (target !== located.path) refuseExposedKey(before, files.mode ?? usualMode, target);
  await makeFolder(dirname(target), { like: files.like ?? dirname(located.path), within: files.within });
  await removeLeftovers(target, files.within);
  const edited = await withPrivateFolder(async (folder) => {
    const copyPath = join(folder, basename(target));
    await writeFile(copyPath, bytes, { flag: 'wx', mode: 0o600 });
    const copy = { path: copyPath, format: before.format, password: store.password };
    for (const edit of edits) await runEdit(copy, edit, keytool, signal);
    const after = await readStore({ path: copyPath, password: store.password, ...(store.keytool && { keytool }) });
    requireOnly(edits, before, after, located.path);
    return readWhole(copyPath);
  });
  signal.throwIfAborted();
  await writeFileWhole(target, edited, { usualMode, like: located.path, ...files, keep });
}

/** Of a new file in an overlay, which servers of other users read: certificates are no secret, keys are. */
function usualModeOf(store: Store): number {
  return holdsKey(store) ? 0o640 : 0o644;
}

function refuseExposedKey(store: Store, mode: number, target: string): void {
  if (holdsKey(store)) refuseOpenMode(mode, target);
}

function holdsKey({ contents }: Store): boolean {
  return [...contents.values()].some((content) => !content.startsWith('trusted '));
}

async function runEdit(
  copy: KeytoolStore,
  edit: StoreEdit,
  keytool: KeytoolOptions,
  signal: AbortSignal,
): Promise<void> {
  switch (edit.does) {
    case 'import':
      return importCertificate(copy, edit.alias, edit.certificate.toString(), keytool, signal);
    case 'rename':
      return renameAlias(copy, edit.alias, edit.to, keytool, signal);
    case 'delete':
      return deleteAlias(copy, edit.alias, keytool, signal);
  }
}

/** keytool can end well without having done anything, so its word is not taken. */
function requireOnly(edits: readonly StoreEdit[], before: Store, after: Store, path: string): void {
  const faults = [
    ...changedContents(edits, before, after),
    ...changedDates(edits, before, after),
    ...changedOrder(edits, before, after),
    ...(before.format === after.format ? [] : [`the format ${after.format}`]),
    ...(before.protection === after.protection
      ? []
      : [`the protection ${after.protection} instead of ${before.protection}`]),
  ];
  if (faults.length === 0) return;
  throw new BootstrapError(MESSAGES.KEYTOOL_FAILED(path, faults));
}

function changedContents(edits: readonly StoreEdit[], before: Store, after: Store): readonly string[] {
  const expected = expectedContents(edits, before);
  const aliases = new Set([...expected.keys(), ...after.contents.keys()]);
  const wrong = [...aliases].filter((alias) => expected.get(alias) !== after.contents.get(alias));
  return wrong.length > 0 ? [`other content under ${wrong.join(', ')} than expected`] : [];
}

function expectedContents(edits: readonly StoreEdit[], before: Store): ReadonlyMap<string, string> {
  const contents = new Map(before.contents);
  for (const edit of edits) {
    const held = contents.get(edit.alias);
    if (edit.does !== 'import') contents.delete(edit.alias);
    if (edit.does === 'import') contents.set(edit.alias, trustedContent(edit.certificate.fingerprint256));
    if (edit.does === 'rename' && held !== undefined) contents.set(edit.to, held);
  }
  return contents;
}

function changedDates(edits: readonly StoreEdit[], before: Store, after: Store): readonly string[] {
  const wrong = foreignAliases(edits, before).filter(
    (alias) => before.createdAtMs.get(alias) !== after.createdAtMs.get(alias),
  );
  return wrong.length > 0 ? [`another creation date of ${wrong.join(', ')}`] : [];
}

/** JKS comes out of a hash table, in no order; PKCS#12 keeps one. */
function changedOrder(edits: readonly StoreEdit[], before: Store, after: Store): readonly string[] {
  if (before.format !== 'PKCS12') return [];
  const [was, is] = [foreignAliases(edits, before), foreignAliases(edits, after)];
  return was.join('\n') === is.join('\n') ? [] : ['its entries in another order'];
}

function foreignAliases(edits: readonly StoreEdit[], { contents }: Store): readonly string[] {
  const ours = new Set(edits.flatMap((edit) => (edit.does === 'rename' ? [edit.alias, edit.to] : [edit.alias])));
  return [...contents.keys()].filter((alias) => !ours.has(alias));
}
