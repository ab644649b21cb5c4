import { BootstrapError } from '../../errors.js';
import type { Notice } from '../../step/step.js';
import { MESSAGES } from '../errors.js';

/** What a message about a login names. */
interface Place {
  readonly label: string;
  readonly address: string;
}

/**
 * The server wants to have the password in a way that shows it to whoever listens, or is in its place: in clear, as a hash that is as
 * good as it, or encrypted for a key that comes without proof of whose it is. Nothing of it was sent.
 */
export function loginExposed({ label, address }: Place, how: string): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_LOGIN_EXPOSED(label, address, how));
}

/** It got it so, because it was allowed to. */
export function exposedNotice({ label, address }: Place, how: string): Notice {
  return MESSAGES.DB_LOGIN_EXPOSED(label, address, how);
}
