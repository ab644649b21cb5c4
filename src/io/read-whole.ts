import { readFileSync, statSync } from 'node:fs';

const MOST_BYTES = 64 * 1024 * 1024;

/**
 * The bytes of a file that somebody named. A device or a pipe may never end, and what is huge is not what was meant: both are refused
 * before they are read.
 *
 * @throws Error of the file system, with `code`; the messages of `EISDIR`, `ENOTFILE` and `EFBIG` are ours
 */
export function readWhole(path: string): Buffer {
  const stats = statSync(path);
  if (stats.isDirectory())
    throw refused(
      'EISDIR',
      'it is a folder, not a file; Docker makes one where the file that is to be mounted is missing',
    );
  if (!stats.isFile()) throw refused('ENOTFILE', 'it is a device, a pipe or a socket, not a file');
  if (stats.size > MOST_BYTES) throw refused('EFBIG', `it has ${stats.size} bytes, more than such a file can have`);
  return readFileSync(path);
}

function refused(why: 'EISDIR' | 'ENOTFILE' | 'EFBIG', message: string): Error {
  return Object.assign(new Error(message), { code: why });
}
