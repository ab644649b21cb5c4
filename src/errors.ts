import { type ErrorCode, EXIT_CODE_OF, type NoticeCode } from './codes.js';
import { oneLine, printable } from './printable.js';

export type { ErrorCode } from './codes.js';

type Code = ErrorCode | NoticeCode;

/** What is said of one fact, as a failure, a notice or a finding. Safe to print, and without a secret. */
export interface Message<C extends Code = Code> {
  readonly code: C;
  /** What does not hold, of what, with which value. */
  readonly message: string;
  /** What to do next, imperative, one sentence or two. */
  readonly hint: string;
}

type Words = Omit<Message, 'code'>;
type Wording = (...details: never[]) => Words;
type Catalogue = { readonly [C in Code]?: Wording | Readonly<Record<string, Wording>> };

type Told<C extends Code, W> = W extends (...details: infer Details) => Words
  ? (...details: Details) => Message<C>
  : { readonly [Way in keyof W]: Told<C, W[Way]> };

/**
 * The messages of one domain by their codes, and where one code is said in several ways, by a name for each. A code that is not in
 * src/codes.ts does not compile.
 */
export function messages<const T extends Catalogue>(
  wordings: T & { readonly [Unknown in Exclude<keyof T, Code>]: never },
): { readonly [C in keyof T & Code]: Told<C, T[C]> } {
  const told = Object.entries<Catalogue[Code]>(wordings).map(([code, wording]) => [code, withCode(code, wording)]);
  return Object.fromEntries(told);
}

function withCode(code: string, wording: Catalogue[Code]): unknown {
  if (typeof wording === 'function') return (...details: never[]) => ({ code, ...wording(...details) });
  const ways = Object.entries(wording ?? {});
  return Object.fromEntries(ways.map(([way, words]) => [way, withCode(code, words)]));
}

/** A failure that was understood. */
export class BootstrapError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor({ code, message, hint }: Message<ErrorCode>, { cause }: { readonly cause?: unknown } = {}) {
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
  return new BootstrapError(MESSAGES.CONFIG_INVALID(problems));
}

/** Wraps whatever was thrown; what is not a {@link BootstrapError} is a defect of ours and says so. */
export function toBootstrapError(thrown: unknown): BootstrapError {
  if (thrown instanceof BootstrapError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new BootstrapError(MESSAGES.INTERNAL(oneLine(reason)), { cause: thrown });
}

export const MESSAGES = messages({
  CONFIG_INVALID: (problems: readonly string[]) => ({
    message: problems.join('\n'),
    hint: 'Correct what is named; nothing was changed. `km-bootstrap explain` lists the settings.',
  }),
  INTERNAL: (reason: string) => ({
    message: `unexpected failure: ${reason}`,
    hint: 'Run again with -vv and report this as a defect of km-bootstrap.',
  }),
});
