import { type ErrorCode, EXIT_CODE_OF } from './codes.js';
import { oneLine, printable } from './printable.js';

export type { ErrorCode } from './codes.js';

export interface ErrorDetails {
  readonly code: ErrorCode;
  /** What to do next, imperative, one sentence or two. Safe to print. */
  readonly hint: string;
  readonly cause?: unknown;
}

/**
 * A failure that was understood. The message says what failed, on what, with which value, and never holds a secret;
 * the hint says what to do next.
 */
export class BootstrapError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(message: string, { code, hint, cause }: ErrorDetails) {
    super(printable(message), cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = printable(hint);
  }

  /** What the program exits with, when no other failure ranks higher. */
  get exitCode(): (typeof EXIT_CODE_OF)[ErrorCode] {
    return EXIT_CODE_OF[this.code];
  }
}

/** Nothing can be read yet, because a server or database is not there: `plan` defers the step instead of failing it. */
export class UnreachableError extends BootstrapError {}

/** One error for a whole list of problems. */
export function invalidConfiguration(problems: readonly string[]): BootstrapError {
  return new BootstrapError(problems.join('\n'), {
    code: 'CONFIG_INVALID',
    hint: 'Correct what is named; nothing was changed. `km-bootstrap explain` lists the settings.',
  });
}

/** Wraps whatever was thrown; what is not a {@link BootstrapError} is a defect of ours and says so. */
export function toBootstrapError(thrown: unknown): BootstrapError {
  if (thrown instanceof BootstrapError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new BootstrapError(`unexpected failure: ${oneLine(message)}`, {
    code: 'INTERNAL',
    hint: 'Run again with -vv and report this as a defect of km-bootstrap.',
    cause: thrown,
  });
}
