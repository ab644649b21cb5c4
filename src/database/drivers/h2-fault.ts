import { BootstrapError } from '../../errors.js';
import type { Fault } from '../dialects/dialect.js';
import { h2Dialect } from '../dialects/h2.js';
import { MESSAGES } from '../errors.js';
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
  return new BootstrapError(MESSAGES.DATABASE_IN_USE.held(label, path), { cause });
}

/** Someone holds the file open and no copy of it can be read. */
export function tornCopies({ label, path }: Place, copies: number, cause: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_IN_USE.tornCopies(label, copies, path), { cause });
}
