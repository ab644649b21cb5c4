import { BootstrapError } from '../../errors.js';
import type { Fault } from '../dialects/dialect.js';
import { h2Dialect } from '../dialects/h2.js';
import { MESSAGES } from '../errors.js';
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
      return new BootstrapError(MESSAGES.DATABASE_NOT_FOUND.noFile(label, path), { cause });
    case 'password':
      return new BootstrapError(MESSAGES.DATABASE_PASSWORD_WRONG.ofFile(label, username, path), { cause });
    case 'damaged':
      return new BootstrapError(MESSAGES.DATABASE_FAILED.damaged(label, path), { cause });
    case 'duplicates':
      return new BootstrapError(MESSAGES.DATABASE_DUPLICATES.sinceTheLook(label), { cause });
    default:
      return new BootstrapError(MESSAGES.DATABASE_FAILED.h2(label, (cause as Error).message, path), { cause });
  }
}

/** Someone holds the file open. */
export function inUse({ label, path }: Place, cause?: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_IN_USE(label, path), { cause });
}

/** Why the file could not be looked at as data. */
export function explainLook(obstacle: Obstacle, place: Place, cause: unknown): BootstrapError {
  const { label, path } = place;
  switch (obstacle.kind) {
    case 'damaged':
      return explainFault('damaged', place, cause);
    case 'not a file':
      return new BootstrapError(MESSAGES.FILE_UNREADABLE.notAFile(label, path), { cause });
    case 'changing':
      return new BootstrapError(MESSAGES.DATABASE_CHANGING(label, path), { cause });
    case 'encrypted':
      return new BootstrapError(MESSAGES.DATABASE_ENCRYPTED(label, path), { cause });
    case 'unknown format': {
      // H2 2.2 and later write 3 and read no other.
      const isOlder = Number(obstacle.format) < 3;
      const tell = isOlder ? MESSAGES.DATABASE_FORMAT_OLDER : MESSAGES.DATABASE_FORMAT_UNKNOWN;
      return new BootstrapError(tell(label, obstacle.format, path), { cause });
    }
  }
}

/** What is in the file that nobody but its author knows the effect of. */
export function unsafe({ label, path }: Place, strangers: readonly string[]): BootstrapError {
  const listed = strangers.slice(0, LISTED_STRANGERS);
  const more = strangers.length > listed.length ? [`and ${strangers.length - listed.length} more`] : [];
  return new BootstrapError(MESSAGES.DATABASE_UNSAFE(label, path, [...listed, ...more]));
}

const LISTED_STRANGERS = 10;
