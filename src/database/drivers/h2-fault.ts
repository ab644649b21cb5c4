import { BootstrapError } from '../../errors.js';
import type { Fault } from '../dialects/dialect.js';
import { h2Dialect } from '../dialects/h2.js';
import { SqlError } from '../session.js';

/** What a message about an H2 file names. */
export interface Place {
  readonly label: string;
  /** The file itself, `.mv.db` included. */
  readonly path: string;
  readonly username: string;
}

/** The decision a failure of H2 leads to, if any. */
export function faultOf(error: unknown): Fault | undefined {
  return error instanceof SqlError ? h2Dialect.faultOf(error) : undefined;
}

/** Puts a failure of H2 into our words; what is not H2's passes as it is. */
export function explain(error: unknown, place: Place): unknown {
  if (!(error instanceof SqlError)) return error;
  return explainFault(h2Dialect.faultOf(error), place, error);
}

/** One sentence and one remedy for each fault. */
export function explainFault(fault: Fault | undefined, place: Place, cause: unknown): BootstrapError {
  const { label, path, username } = place;
  switch (fault) {
    case 'in-use':
      return inUse(place, cause);
    case 'not-found':
      return new BootstrapError(`the database ${label} is not there: no file ${path}`, {
        code: 'DATABASE_NOT_FOUND',
        hint: 'Check the home and the url of [database.identity_db] in its deployment.toml; the file comes with Identity Server 7 and is never created by km-bootstrap.',
        cause,
      });
    case 'password':
      return new BootstrapError(
        `the database ${label} refused the password of user ${JSON.stringify(username)}: ${path}`,
        {
          code: 'DATABASE_PASSWORD_WRONG',
          hint: 'Check username and password of [database.identity_db] in deployment.toml, or set KMB_DATABASE_USERNAME and KMB_DATABASE_PASSWORD.',
          cause,
        },
      );
    case 'damaged':
      return new BootstrapError(
        `the database ${label} cannot be read: ${path} is damaged, or of another version of H2`,
        {
          code: 'DATABASE_FAILED',
          hint: 'Start and stop Identity Server 7 once, which repairs a file that was not closed, or restore the file from a backup.',
          cause,
        },
      );
    case 'duplicates':
      return new BootstrapError(
        `the database ${label} got applications that share a consumer key since it was looked at`,
        {
          code: 'DATABASE_DUPLICATES',
          hint: 'Nothing was changed. Run again, which lists them.',
          cause,
        },
      );
    default:
      return new BootstrapError(`the database ${label} failed: ${(cause as Error).message}`, {
        code: 'DATABASE_FAILED',
        hint: `Check that ${path} is the identity database of Identity Server 7, that this user may list its folder, and that its disk is not full.`,
        cause,
      });
  }
}

/** Someone holds the file open. */
export function inUse({ label, path }: Place, cause?: unknown): BootstrapError {
  return new BootstrapError(
    `the database ${label} is held open by another process, the running server as a rule: ${path}`,
    {
      code: 'DATABASE_IN_USE',
      hint: 'Stop Identity Server 7 and run again, or run `km-bootstrap apply --phase offline` before it starts.',
      cause,
    },
  );
}

/** Someone holds the file open and no copy of it can be read. */
export function tornCopies({ label, path }: Place, copies: number, cause: unknown): BootstrapError {
  const message = `the database ${label} is held open by another process that keeps writing: ${copies} copies of ${path} were torn`;
  return new BootstrapError(message, {
    code: 'DATABASE_IN_USE',
    hint: 'Run again when Identity Server 7 is less busy, or stop it first.',
    cause,
  });
}
