import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { type BundleEntry, invalid, MOST_ENTRIES } from './read-bundle.js';

/**
 * Lends the files of a ZIP file. A name that leads out of it, a size that is not true, and encryption are refused.
 *
 * @throws BootstrapError `BUNDLE_INVALID`
 */
export async function zipEntries(path: string, use: (entries: readonly BundleEntry[]) => Promise<void>): Promise<void> {
  const zip = await open(path);
  try {
    await use(await list(zip, path));
  } finally {
    zip.close();
  }
}

function open(path: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true }, (error, zip) => {
      if (zip) resolve(zip);
      else reject(invalid(path, noZip(error), 'Give a ZIP file; unpack others (tar.gz) and give the folder.'));
    });
  });
}

function noZip(error: Error | null): string {
  return `it is no ZIP file, or was cut short (${error?.message ?? 'empty'})`;
}

function list(zip: yauzl.ZipFile, path: string): Promise<readonly BundleEntry[]> {
  if (zip.entryCount > MOST_ENTRIES) {
    throw invalid(path, `it has ${zip.entryCount} files`, 'Give one that holds the homes alone.');
  }
  return new Promise((resolve, reject) => {
    const entries: BundleEntry[] = [];
    zip.on('entry', (entry: yauzl.Entry) => {
      if (entry.isEncrypted()) {
        reject(invalid(path, `${entry.fileName} is encrypted`, 'Unpack it with its password, and give the folder.'));
        return;
      }
      if (!entry.fileName.endsWith('/')) entries.push(bundleEntry(zip, entry));
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(invalid(path, error.message, 'Have it made and sent again.')));
    zip.readEntry();
  });
}

function bundleEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): BundleEntry {
  const openEntry = () =>
    new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, stream) => (stream ? resolve(stream) : reject(error)));
    });
  return { path: entry.fileName, size: entry.uncompressedSize, open: openEntry };
}
