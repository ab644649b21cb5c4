import { BootstrapError } from '../../errors.js';
import type { Notice } from '../../step/step.js';

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
  return new BootstrapError(
    `the database ${label} at ${address} wants the password without TLS, ${how}, which shows it to whoever listens there or is in its place; it was not sent`,
    {
      code: 'DATABASE_LOGIN_EXPOSED',
      hint: 'Ask for TLS in the URL (PostgreSQL: sslmode=verify-full, MySQL: sslMode=VERIFY_IDENTITY, SQL Server: encrypt=true, DB2: sslConnection=true) and give its authority with --ca-file; or set database.exposed_login = true on a network that you trust.',
    },
  );
}

/** It got it so, because it was allowed to. */
export function exposedNotice({ label, address }: Place, how: string): Notice {
  return {
    code: 'DB_LOGIN_EXPOSED',
    message: `the database ${label} at ${address} got the password without TLS, ${how}, as database.exposed_login allows`,
    hint: 'Whoever listened there has the password now. Ask for TLS in the URL, and take the setting away.',
  };
}
