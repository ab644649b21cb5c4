import { BootstrapError } from '../errors.js';

/** The rights of everybody else. */
export const OTHERS = 0o007;

/**
 * Refuses a mode that lets everybody read a file with a private key.
 *
 * @param path of the file, where it is worth naming
 * @throws BootstrapError `KEY_EXPOSED`
 */
export function refuseOpenMode(mode: number, path?: string): void {
  if ((mode & OTHERS) === 0) return;
  const where = path === undefined ? '' : ` in ${path}`;
  throw new BootstrapError(
    `files.mode = ${mode.toString(8).padStart(4, '0')} would let everybody read a private key${where}`,
    {
      code: 'KEY_EXPOSED',
      hint: 'Set files.mode to 0640 or less, and files.group to the group of the server (802 in the images of IS 7, 10001 in those of API Manager).',
    },
  );
}
