import { BootstrapError } from '../errors.js';
import type { TomlDocument } from './document.js';
import { MESSAGES } from './errors.js';
import { blockEnd, blockStart, intoInlineTable, lineBelow, paragraphAt, type Splice } from './layout.js';
import { lineOf } from './refusal.js';
import { isAlike, renderEntry, renderPath, renderValue } from './render.js';
import type { DottedKey, Node, Table } from './server-tables.js';
import { decode } from './syntax.js';
import { isEmptyList, type TomlValue } from './wanted.js';

/** How one key gets its value. */
export interface Placement {
  readonly splice: Splice;
  /** The text of the value that is replaced. */
  readonly old: string | undefined;
}

/**
 * Where and how the key `path` below `base` gets its value, in whatever spelling its table is written; nothing if it has it.
 *
 * @throws BootstrapError `TOML_CONFLICT` something else stands where a table or the value must stand
 */
export function placeValue(
  document: TomlDocument,
  base: Table,
  path: readonly string[],
  value: TomlValue,
): Placement | undefined {
  const { table, missing } = deepestTable(document, base, path.slice(0, -1));
  const name = path.at(-1) ?? '';
  const node = missing.length === 0 ? table.nodes.get(name) : undefined;
  if (node && node.kind !== 'leaf') throw conflict(document, node, [...table.path, name], 'a value');
  const old = node && document.text.slice(node.value.start, node.value.end);
  if (old !== undefined && isAlike(decode(old), value)) return undefined;
  if (isEmptyList(value) && isInline(table)) throw noEmptyList(document, table, [...table.path, ...missing, name]);
  if (!node) return { splice: placeNew(document, table, [...missing, name], value), old };
  const { start, end } = node.value;
  return { splice: { start, end, insert: renderValue(value) }, old };
}

/** Whether the keys of a table stand between the braces of an inline table. */
export function isInline({ origin }: Table): boolean {
  return (origin.by === 'dotted key' ? origin.holder.origin : origin).by === 'inline table';
}

/** Goes down as far as tables exist. */
export function deepestTable(
  document: TomlDocument,
  base: Table,
  path: readonly string[],
): { readonly table: Table; readonly missing: readonly string[] } {
  let table = base;
  for (const [index, name] of path.entries()) {
    const next = table.nodes.get(name);
    if (!next) return { table, missing: path.slice(index) };
    if (next.kind !== 'table') throw conflict(document, next, [...table.path, name], 'a table');
    table = next;
  }
  return { table, missing: [] };
}

/** A key that is not there, `rest` below an existing table: one name, or more when sub-tables are missing too. */
function placeNew(document: TomlDocument, table: Table, rest: readonly string[], value: TomlValue): Splice {
  const { text } = document;
  const { origin } = table;
  if (origin.by === 'inline table') return intoInlineTable(origin.literal, renderEntry(rest, value));
  if (origin.by === 'dotted key') return placeDotted(text, [...table.path, ...rest], origin, value);
  if (rest.length > 1) {
    const header = `[${renderPath([...table.path, ...rest.slice(0, -1)])}]`;
    return paragraphAt(text, familyEnd(document, table), [header, renderEntry(rest.slice(-1), value)]);
  }
  if (origin.by === 'sub-table') {
    const lines = [`[${renderPath(table.path)}]`, renderEntry(rest, value)];
    return paragraphAt(text, blockStart(document, origin.first), lines);
  }
  const anchor = origin.block.entries.at(-1) ?? origin.block.header;
  if (anchor) return lineBelow(text, anchor, renderEntry(rest, value));
  const [, next] = document.blocks;
  return paragraphAt(text, next ? blockStart(document, next) : text.length, [renderEntry(rest, value)]);
}

/** A table that dotted keys imply gets one more of them: a header would overflow the stack of the servers’ parser. */
function placeDotted(text: string, path: readonly string[], { holder, last }: DottedKey, value: TomlValue): Splice {
  const line = renderEntry(path.slice(holder.path.length), value);
  return holder.origin.by === 'inline table'
    ? intoInlineTable(holder.origin.literal, line)
    : lineBelow(text, last, line);
}

/** Below everything that belongs to a table: the place for a new sub-table. */
export function familyEnd({ text }: TomlDocument, table: Table): number {
  return table.path.length === 0 ? text.length : blockEnd(text, table.lastBlock);
}

export function conflict(
  { text }: TomlDocument,
  found: Node,
  path: readonly string[],
  needed: 'a value' | 'a table' | 'an array of tables',
): BootstrapError {
  const line = lineOf(text, found.spot.start);
  return new BootstrapError(MESSAGES.TOML_CONFLICT.kind(line, renderPath(path), describe(found), needed));
}

function noEmptyList({ text }: TomlDocument, table: Table, path: readonly string[]): BootstrapError {
  const line = lineOf(text, table.spot.start);
  return new BootstrapError(MESSAGES.TOML_CONFLICT.emptyList(line, renderPath(path)));
}

function describe(found: Node): string {
  if (found.kind === 'leaf') return found.value.kind === 'array' ? 'an array' : 'a value';
  return found.kind === 'table' ? 'a table' : 'an array of tables';
}
