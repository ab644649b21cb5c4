import { TomlRefusal } from './refusal.js';
import type { ArrayLiteral, Block, Entry, Header, InlineTable, Scalar, Span } from './syntax.js';

/** How a table came to be, which decides where a new key of it can stand. */
export type Origin =
  /** The top of the file, a `[table]`, or an entry of `[[tables]]`. */
  | { readonly by: 'block'; readonly block: Block }
  /** No header of its own: the header of a sub-table, the first of them, implied it. */
  | { readonly by: 'sub-table'; readonly first: Block }
  | DottedKey
  | { readonly by: 'inline table'; readonly literal: InlineTable };

/** A dotted key in `holder` implied the table; `last` is the latest entry that does. */
export interface DottedKey {
  readonly by: 'dotted key';
  readonly holder: Table;
  last: Entry;
}

export interface Table {
  readonly kind: 'table';
  /** From the root; an entry of an array of tables has the array's path. */
  readonly path: readonly string[];
  readonly origin: Origin;
  readonly nodes: Map<string, Node>;
  /** The header or key that defined it first. */
  readonly spot: Span;
  /** The latest block that says something about this table or what is below it. */
  lastBlock: Block;
}

/** An array of tables, written as `[[path]]` blocks. */
export interface TableArray {
  readonly kind: 'table array';
  readonly tables: Table[];
  readonly spot: Span;
}

export interface Leaf {
  readonly kind: 'leaf';
  readonly value: Scalar | ArrayLiteral;
  readonly spot: Span;
  readonly block: Block;
}

export type Node = Table | TableArray | Leaf;

/**
 * Builds the tables of a file by the rules of the servers' parser, cava-toml 0.5.0: it goes by headers in file order, and a table that a
 * sub-table or a dotted key implied may not get a header of its own afterwards. (The parser lets that pass, then holds a table that
 * contains itself and overflows the stack; found by running it.)
 *
 * @throws TomlRefusal with the two places that clash
 */
export function buildTables(blocks: readonly Block[]): Table {
  const [first = { header: undefined, entries: [] }] = blocks;
  const root = newTable([], { by: 'block', block: first }, { start: 0, end: 0 }, first);
  for (const block of blocks) addEntries(block.header ? openBlock(root, block, block.header) : root, block);
  return root;
}

/** The table that an inline table in `block` stands for. */
export function inlineTable(path: readonly string[], literal: InlineTable, spot: Span, block: Block): Table {
  const table = newTable(path, { by: 'inline table', literal }, spot, block);
  addEntries(table, { header: block.header, entries: literal.entries });
  return table;
}

function newTable(path: readonly string[], origin: Origin, spot: Span, lastBlock: Block): Table {
  return { kind: 'table', path, origin, nodes: new Map(), spot, lastBlock };
}

function openBlock(root: Table, block: Block, header: Header): Table {
  const { path } = header.key;
  root.lastBlock = block;
  const parent = path.slice(0, -1).reduce((table, name) => openParent(table, name, block, header), root);
  const table = newTable(path, { by: 'block', block }, header, block);
  const name = path.at(-1) ?? '';
  const node = parent.nodes.get(name);
  if (!node) parent.nodes.set(name, header.isArray ? { kind: 'table array', tables: [table], spot: header } : table);
  else if (header.isArray && node.kind === 'table array') node.tables.push(table);
  else throw header.isArray || !isImplied(node) ? definedTwice(header, node) : overflow(header, node);
  return table;
}

function openParent(table: Table, name: string, block: Block, header: Header): Table {
  const node = table.nodes.get(name);
  if (!node) return addTable(table, name, { by: 'sub-table', first: block }, header, block);
  const next = node.kind === 'table array' ? node.tables.at(-1) : node;
  if (next?.kind !== 'table') throw definedTwice(header, node);
  next.lastBlock = block;
  return next;
}

function addEntries(holder: Table, block: Block): void {
  for (const entry of block.entries) addEntry(holder, entry, block);
}

function addEntry(holder: Table, entry: Entry, block: Block): void {
  const { key, value } = entry;
  const table = key.path.slice(0, -1).reduce((parent, name) => openDotted(parent, name, holder, entry), holder);
  const name = key.path.at(-1) ?? '';
  const earlier = table.nodes.get(name);
  if (earlier) throw definedTwice(key, earlier);
  const path = [...table.path, name];
  const node: Node =
    value.kind === 'inline table' ? inlineTable(path, value, key, block) : { kind: 'leaf', value, spot: key, block };
  table.nodes.set(name, node);
}

function openDotted(table: Table, name: string, holder: Table, entry: Entry): Table {
  const node = table.nodes.get(name);
  if (!node) return addTable(table, name, { by: 'dotted key', holder, last: entry }, entry.key, holder.lastBlock);
  if (node.kind !== 'table') throw definedTwice(entry.key, node);
  if (node.origin.by === 'dotted key') node.origin.last = entry;
  return node;
}

function addTable(parent: Table, name: string, origin: Origin, spot: Span, block: Block): Table {
  const table = newTable([...parent.path, name], origin, spot, block);
  parent.nodes.set(name, table);
  return table;
}

function isImplied(node: Node): boolean {
  return node.kind === 'table' && (node.origin.by === 'sub-table' || node.origin.by === 'dotted key');
}

function overflow(header: Header, found: Node): TomlRefusal {
  return new TomlRefusal('stands after a part of its own, which overflows the stack of the servers’ parser', {
    at: header,
    other: found.spot,
    hint: 'Move the table above its part, with its keys; the servers do not start with the file as it is.',
  });
}

function definedTwice(at: Span, found: Node): TomlRefusal {
  return new TomlRefusal('defines again what is defined already', {
    at,
    other: found.spot,
    hint: 'Keep one of the two; the servers do not start with both.',
  });
}
