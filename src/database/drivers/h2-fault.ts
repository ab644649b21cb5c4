import { BootstrapError } from '../../errors.js';
import type { Fault } from '../dialects/dialect.js';
import { h2Dialect } from '../dialects/h2.js';
import type { Obstacle } from '../mvstore/look.js';
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

/** Why the file could not be looked at as data. */
export function explainLook(obstacle: Obstacle, place: Place, cause: unknown): BootstrapError {
  const { label, path } = place;
  switch (obstacle.kind) {
    case 'damaged':
      return explainFault('damaged', place, cause);
    case 'not a file':
      return new BootstrapError(`the database ${label} may not be read: ${path} is a folder, a device or a pipe`, {
        code: 'FILE_UNREADABLE',
        hint: 'Check the url of [database.identity_db] in deployment.toml: it names the file without .mv.db.',
        cause,
      });
    case 'changing':
      return new BootstrapError(`the database ${label} was written to so fast that no look at it was whole: ${path}`, {
        code: 'DATABASE_CHANGING',
        hint: 'Run again when Identity Server 7 is less busy, or stop it first.',
        cause,
      });
    case 'encrypted':
      return new BootstrapError(`the database ${label} is encrypted, so that nothing can be read of it: ${path}`, {
        code: 'DATABASE_ENCRYPTED',
        hint: 'Nothing was changed. Let its administrator add the constraint and set database.constraint = false, or keep the database in the clear on an encrypted disk.',
        cause,
      });
    case 'unknown format':
      return unknownFormat(obstacle.format, place, cause);
  }
}

/** H2 2.2 and later write 3 and read no other. */
function unknownFormat(format: string, { label, path }: Place, cause: unknown): BootstrapError {
  const isOlder = Number(format) < 3;
  const known = isOlder ? 'which only H2 before 2.2 reads' : 'which is not known here';
  return new BootstrapError(`the database ${label} has the format ${format}, ${known}: ${path}`, {
    code: isOlder ? 'DATABASE_FORMAT_OLDER' : 'DATABASE_FORMAT_UNKNOWN',
    hint: isOlder
      ? 'Nothing was changed. Identity Server 7 cannot open it either: export it with the H2 that wrote it, and import it with the one that the server ships.'
      : 'Nothing was changed. Check that it is the file of an H2 database, and run a km-bootstrap that knows this version of H2.',
    cause,
  });
}

/** What is in the file that nobody but its author knows the effect of. */
export function unsafe({ label, path }: Place, strangers: readonly string[]): BootstrapError {
  const listed = strangers.slice(0, LISTED_STRANGERS);
  const more = strangers.length > listed.length ? [`and ${strangers.length - listed.length} more`] : [];
  const message = `the database ${label} has what the scripts of Identity Server 7 do not create, and opening it may run it: ${path}`;
  return new BootstrapError([message, ...listed, ...more].join('\n  '), {
    code: 'DATABASE_UNSAFE',
    hint: 'Nothing was opened or changed. Find out who made these; where they are wanted, let the administrator of the database add the constraint, and set database.constraint = false.',
  });
}

const LISTED_STRANGERS = 10;
