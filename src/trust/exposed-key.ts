import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';

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
  throw new BootstrapError(MESSAGES.KEY_EXPOSED(mode, path));
}
