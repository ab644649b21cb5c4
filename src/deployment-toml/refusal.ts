import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import type { Span } from './syntax.js';

/** Why the servers would not load a file, and where; {@link refusedAt} puts it into words. */
export class TomlRefusal extends Error {
  readonly at: Span;
  /** The header or key that it clashes with. */
  readonly other: Span | undefined;
  readonly hint: string;

  constructor(why: string, { at, other, hint }: { at: Span; other?: Span; hint?: string }) {
    super(why);
    this.at = at;
    this.other = other;
    this.hint = hint ?? 'Correct this place; the servers do not start with the file as it is.';
  }
}

/**
 * The refusal with line and column, and with both lines of a clash. Only headers and keys are quoted: a value may be a secret.
 *
 * @returns BootstrapError `TOML_INVALID`
 */
export function refusedAt(text: string, { message, at, other, hint, cause }: TomlRefusal): BootstrapError {
  const where = `line ${lineOf(text, at.start)}, column ${columnOf(text, at.start)}`;
  const clash = other && `${quote(text, at)} ${message}: ${quote(text, other)} of line ${lineOf(text, other.start)}`;
  return new BootstrapError(MESSAGES.TOML_INVALID.server(where, clash, message, hint), { cause });
}

/** Counted from 1. */
export function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

function columnOf(text: string, offset: number): number {
  return offset - text.lastIndexOf('\n', offset - 1);
}

function quote(text: string, { start, end }: Span): string {
  return `\`${text.slice(start, end)}\``;
}
