import { startJvm } from '../../jvm/jvm.js';

/**
 * Whether a running server (or any Java program) holds a lock on the file. Asked before H2 is, because H2, even for reading, first deletes
 * the temporary files beside a database, and these belong to the server.
 *
 * Only for files that this process has not open itself: on POSIX, closing a file once releases every lock the process has on it.
 *
 * @param jars the class path, should this start the JVM
 */
export function isHeldByAnother(path: string, jars: readonly string[]): boolean {
  const java = startJvm(jars);
  const file = java.newInstanceSync('java.io.RandomAccessFile', path, 'r');
  try {
    const [start, length] = [java.newLong(0), java.newLong(Number.MAX_SAFE_INTEGER)];
    return file.getChannelSync().tryLockSync(start, length, SHARED) === null;
  } finally {
    file.closeSync();
  }
}

/** A shared lock is refused only while someone may write; it ends with the file being closed, at once. */
const SHARED = true;
