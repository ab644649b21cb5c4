import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import yauzl from 'yauzl';
import { openFile } from './read-whole.js';

/** A file in a ZIP file. */
export interface ZipEntry {
  /** As the ZIP file names it; it does not lead out of the folder that it is unpacked to. */
  readonly path: string;
  /** Unpacked, in bytes; more are never read. */
  readonly size: number;
  open(): Promise<Readable>;
}

/** What is wrong with a ZIP file; the message is a detail of it, for those who ask. */
export class ZipFault extends Error {
  constructor(
    readonly what: 'no ZIP file' | 'too many files' | 'encrypted' | 'damaged',
    detail: string,
  ) {
    super(detail);
  }
}

const MOST_ENTRIES = 200_000;

/**
 * Lends the files of a ZIP file. A name that leads out of it, a size that is not true, and encryption are refused.
 *
 * @param source its path, or its bytes
 * @throws ZipFault
 */
export async function withZip<T>(
  source: string | Buffer,
  use: (entries: readonly ZipEntry[]) => Promise<T>,
): Promise<T> {
  const zip = await open(source);
  try {
    return await use(await list(zip));
  } finally {
    zip.close();
  }
}

function open(source: string | Buffer): Promise<yauzl.ZipFile> {
  const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true };
  return new Promise((resolve, reject) => {
    const opened = (error: Error | null, zip: yauzl.ZipFile) => {
      if (zip) resolve(zip);
      else reject(new ZipFault('no ZIP file', error?.message ?? 'empty'));
    };
    try {
      if (typeof source === 'string') openPath(source, options, opened);
      else yauzl.fromBuffer(source, options, opened);
    } catch (error) {
      reject(new ZipFault('no ZIP file', (error as Error).message));
    }
  });
}

function openPath(path: string, options: yauzl.Options, opened: (error: Error | null, zip: yauzl.ZipFile) => void) {
  const descriptor = openFile(path);
  yauzl.fromFd(descriptor, options, (error, zip) => {
    if (!zip) closeSync(descriptor);
    opened(error, zip);
  });
}

function list(zip: yauzl.ZipFile): Promise<readonly ZipEntry[]> {
  if (zip.entryCount > MOST_ENTRIES) throw new ZipFault('too many files', String(zip.entryCount));
  return new Promise((resolve, reject) => {
    const entries: ZipEntry[] = [];
    zip.on('entry', (entry: yauzl.Entry) => {
      if (entry.isEncrypted()) {
        reject(new ZipFault('encrypted', entry.fileName));
        return;
      }
      if (!entry.fileName.endsWith('/')) entries.push(zipEntry(zip, entry));
      zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: Error) => reject(new ZipFault('damaged', error.message)));
    zip.readEntry();
  });
}

function zipEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): ZipEntry {
  const openEntry = () =>
    new Promise<Readable>((resolve, reject) => {
      zip.openReadStream(entry, (error, stream) => (stream ? resolve(stream) : reject(error)));
    });
  return { path: entry.fileName, size: entry.uncompressedSize, open: openEntry };
}
