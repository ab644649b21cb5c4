import { lstat } from 'node:fs/promises';
import { BootstrapError } from '../../errors.js';
import { readWhole } from '../../io/read-whole.js';
import type { KeytoolOptions } from '../../jvm/keytool.js';
import type { Secret } from '../../secret.js';
import { MESSAGES } from '../errors.js';

/** A Java keystore or truststore on disk. */
export interface StoreFile {
  readonly path: string;
  /** The same file in a folder that is copied over the home at each start: it counts once it is there, and is what gets written. */
  readonly overlayPath?: string;
  readonly password: Secret;
  /** `type` in deployment.toml. The servers load it as that; JKS and PKCS12 are one to Java. */
  readonly declaredType?: string;
  /** Whose Java is asked about a format that cannot be read in this process; absent: such a file is refused. */
  readonly keytool?: KeytoolOptions;
  /** Where the password comes from, for messages: `[truststore] password in /opt/is/repository/conf/deployment.toml`. */
  readonly passwordSetting?: string;
}

/** The store with the path that counts: that of the overlay, once the file is there. */
export async function locateStore(store: StoreFile): Promise<StoreFile> {
  const { overlayPath } = store;
  if (overlayPath === undefined) return store;
  const isThere = await lstat(overlayPath).then(
    () => true,
    () => false,
  );
  return isThere ? { ...store, path: overlayPath } : store;
}

/**
 * The bytes of a store's file.
 *
 * @throws BootstrapError `STORE_MISSING`, `STORE_LINK_BROKEN`, `STORE_IS_FOLDER`, `FILE_UNREADABLE`
 */
export async function readStoreBytes({ path }: StoreFile): Promise<Buffer> {
  try {
    return readWhole(path);
  } catch (cause) {
    throw await unreadable(path, cause as NodeJS.ErrnoException);
  }
}

async function unreadable(path: string, cause: NodeJS.ErrnoException): Promise<BootstrapError> {
  if (cause.code === 'EISDIR') {
    return new BootstrapError(MESSAGES.STORE_IS_FOLDER(path), { cause });
  }
  if (cause.code === 'ENOENT' && (await isLink(path))) {
    return new BootstrapError(MESSAGES.STORE_LINK_BROKEN(path), { cause });
  }
  if (cause.code === 'ENOENT') {
    return new BootstrapError(MESSAGES.STORE_MISSING(path), { cause });
  }
  return new BootstrapError(MESSAGES.FILE_UNREADABLE.store(path, cause.message), { cause });
}

function isLink(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  );
}

/**
 * Whether Java takes a password for encryption by password, which PKCS#12 stores rest on: blanks, and the printable characters of ASCII
 * (the JDK's `com.sun.crypto.provider.PBEKey`). JKS takes any.
 */
export function isAsciiPassword(password: Secret): boolean {
  return /^[ -~]*$/.test(password.reveal());
}
