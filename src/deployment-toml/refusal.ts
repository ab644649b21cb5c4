import { BootstrapError } from '../errors.js';
import type { TomlDocument } from './document.js';
import { MESSAGES } from './errors.js';
import { inlineTable, type Node } from './server-tables.js';
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

/**
 * The line, counted from 1, on which a key, a table or an entry of an array stands; of one that is not there, that of the nearest table
 * that is. A number in the path is an index.
 */
export function lineOfPath({ text, root }: TomlDocument, path: readonly (string | number)[]): number | undefined {
  let node: Node = root;
  for (const name of path) {
    const next = below(node, name);
    if (!next) break;
    node = next;
  }
  return node === root ? undefined : lineOf(text, node.spot.start);
}

function below(node: Node, name: string | number): Node | undefined {
  if (node.kind === 'table') return node.nodes.get(String(name));
  if (node.kind === 'table array') return node.tables[Number(name)];
  const item = node.value.kind === 'array' ? node.value.items[Number(name)] : undefined;
  if (!item) return undefined;
  if (item.kind === 'inline table') return inlineTable([], item, item, node.block);
  return { kind: 'leaf', value: item, spot: item, block: node.block };
}
