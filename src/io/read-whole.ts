import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import type { Readable } from 'node:stream';

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a file that somebody named, or that lies in a home. This and {@link withDescriptor} are the only readers of such files.
 *
 * @param mostBytes more are refused, and never read
 * @throws Error those of {@link withDescriptor}; `EFBIG` is ours, too
 */
export function readWhole(path: string, mostBytes = MOST_BYTES): Buffer {
  return withDescriptor(path, (descriptor) => readHandle(descriptor, mostBytes));
}

/** The same of a file that is open. Throws like {@link readWhole}. */
export function readHandle(descriptor: number, mostBytes = MOST_BYTES): Buffer {
  const stats = fstatSync(descriptor);
  requireFile(stats);
  if (stats.size > mostBytes) throw tooLarge(stats.size);
  // One more than it has: whether it has grown meanwhile is seen by that.
  let bytes = Buffer.alloc(stats.size + 1);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, length);
    length += read;
    if (length > mostBytes) throw tooLarge(length);
    if (read === 0) return bytes.subarray(0, length);
    if (length === bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)]);
  }
}

/** A stream of a file. Throws like {@link openFile}. */
export function streamOf(path: string): Readable {
  return createReadStream(path, { fd: openFile(path) });
}

/** Lends a descriptor of a file to read parts of it. Throws like {@link openFile}. */
export function withDescriptor<T>(path: string, use: (descriptor: number, stats: Stats) => T): T {
  const descriptor = openFile(path);
  try {
    return use(descriptor, fstatSync(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Opens a file to be read, which the caller closes. A device or a pipe may never end, and a pipe that nobody writes to keeps whoever opens
 * it: neither is read, also when it has taken the place of the file a moment ago.
 *
 * @throws Error of the file system, with `code`; the messages of `EISDIR` and `ENOTFILE` are ours
 */
export function openFile(path: string): number {
  requireFile(statSync(path));
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    requireFile(fstatSync(descriptor));
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function requireFile(stats: Stats): void {
  if (stats.isFile()) return;
  if (stats.isDirectory())
    throw refused(
      'EISDIR',
      'it is a folder, not a file; Docker makes one where the file that is to be mounted is missing',
    );
  throw refused('ENOTFILE', 'it is a device, a pipe or a socket, not a file');
}

function tooLarge(bytes: number): Error {
  return refused('EFBIG', `it has ${bytes} bytes, more than such a file can have`);
}

function refused(why: 'EISDIR' | 'ENOTFILE' | 'EFBIG', message: string): Error {
  return Object.assign(new Error(message), { code: why });
}
