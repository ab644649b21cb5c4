import { dirname } from 'node:path';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { mountOf } from './mounts.js';

/**
 * Why something could not be written, for a reader: one that lies on a read-only mount is told by that.
 *
 * @param what is done to the path, imperative: `write /opt/is7/repository/conf/deployment.toml`
 * @returns BootstrapError `FILE_UNWRITABLE`
 */
export async function unwritable(what: string, path: string, cause: unknown): Promise<BootstrapError> {
  const { code, message } = cause as NodeJS.ErrnoException;
  const mount = await mountOf(path);
  const isReadOnly = code === 'EROFS' || (mount?.access === 'read-only' && (code === 'EACCES' || code === 'EPERM'));
  if (!isReadOnly) {
    return new BootstrapError(MESSAGES.FILE_UNWRITABLE.refused(what, message), { cause });
  }
  const where = mount ? `the mount ${mount.point}` : `the file system of ${dirname(path)}`;
  return new BootstrapError(MESSAGES.FILE_UNWRITABLE.readOnly(what, where), { cause });
}
