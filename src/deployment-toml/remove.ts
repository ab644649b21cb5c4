import { isDeepStrictEqual } from 'node:util';
import { BootstrapError } from '../errors.js';
import { readDocument, type TomlDocument } from './document.js';
import { MESSAGES } from './errors.js';
import { cutItem, cutLine, cutParagraph } from './layout.js';
import { lineOf } from './refusal.js';
import { renderPath } from './render.js';
import type { Leaf, Node, Table } from './server-tables.js';
import type { Block, Entry } from './syntax.js';

type Values = Readonly<Record<string, unknown>>;

/** What is to go: a key, or the entry of an array of tables at this index. */
export interface TomlPlace {
  readonly path: readonly string[];
  readonly index?: number | undefined;
}

/**
 * Takes one key or one entry of an array of tables out of a deployment.toml. A header that this leaves without keys goes too, unless
 * comments stand below it; every comment stays. What is not there is left alone.
 *
 * @returns the text, and the line on which it stood, counted from 1
 * @throws BootstrapError `TOML_INVALID` the servers could not load the text as it is; `TOML_EDIT_UNPROVEN` (a defect) the result would
 *   differ by more or less than what goes
 */
export function removeFromToml(text: string, place: TomlPlace): { readonly text: string; readonly line: number } {
  const before = readDocument(text);
  const node = findNode(before.root, place.path);
  if (!node) return { text, line: 0 };
  const { start } = node.kind === 'table array' ? (node.tables[place.index ?? 0] ?? node).spot : node.spot;
  const after = readDocument(cutNode(before, node, place));
  if (!isDeepStrictEqual(prune(after.values), prune(without(before.values, place)))) throw unproven(place);
  return { text: after.text, line: lineOf(text, start) };
}

function findNode(root: Table, path: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path) node = node?.kind === 'table' ? node.nodes.get(name) : undefined;
  return node;
}

function cutNode(document: TomlDocument, found: Node, { path, index }: TomlPlace): string {
  if (index === undefined) return found.kind === 'leaf' ? cutKey(document, found, path) : document.text;
  if (found.kind === 'table array') {
    const entry = found.tables[index];
    const below = new Set(entry && blocksOf(entry));
    return cutBlocks(
      document.text,
      document.blocks.filter((block) => below.has(block)),
    );
  }
  const items = found.kind === 'leaf' && found.value.kind === 'array' ? found.value.items : [];
  const item = items[index];
  if (found.kind !== 'leaf' || !item) return document.text;
  return items.length === 1 ? cutKey(document, found, path) : cutItem(document.text, items, item);
}

function cutKey(document: TomlDocument, node: Leaf | Table, path: readonly string[]): string {
  const holder = node.kind === 'leaf' ? node.block : node.lastBlock;
  const entry = holder.entries.find(({ key }) => key === node.spot);
  if (!entry) return document.text;
  return cutIfEmpty(cutFrom(document, holder, entry), path.slice(0, -1));
}

function cutFrom({ text, blocks }: TomlDocument, holder: Block, entry: Entry): string {
  return blocks.includes(holder) ? cutLine(text, entry) : cutItem(text, holder.entries, entry);
}

/** The table that held what went, and so on upwards. One that has sub-tables needs no header of its own. */
function cutIfEmpty(text: string, path: readonly string[]): string {
  const document = readDocument(text);
  const table = findNode(document.root, path);
  if (path.length === 0 || table?.kind !== 'table') return text;
  const { origin, nodes } = table;
  if (origin.by === 'inline table') return nodes.size > 0 ? text : cutKey(document, table, path);
  if (origin.by !== 'block' || origin.block.entries.length > 0) return text;
  const { header } = origin.block;
  if (!header || header.isArray) return text;
  const hasComments = /^[^\n]*(#|\n[ \t]*#)/.test(text.slice(header.end));
  return hasComments ? text : cutIfEmpty(cutParagraph(text, header), path.slice(0, -1));
}

/** From the last to the first, so that the places before stay what they are. */
function cutBlocks(text: string, blocks: readonly Block[]): string {
  return blocks.toReversed().reduce((rest, { header, entries }) => {
    const bare = entries.toReversed().reduce(cutLine, rest);
    return header ? cutParagraph(bare, header) : bare;
  }, text);
}

/** Of an entry and of the tables below it. */
function blocksOf({ origin, nodes }: Table): readonly Block[] {
  const below = [...nodes.values()].flatMap(tablesIn).flatMap(blocksOf);
  return [...(origin.by === 'block' ? [origin.block] : []), ...below];
}

function tablesIn(node: Node): readonly Table[] {
  if (node.kind === 'table array') return node.tables;
  return node.kind === 'table' ? [node] : [];
}

function without(table: Values, { path: [name = '', ...rest], index }: TomlPlace): Values {
  const value = table[name];
  if (rest.length > 0) return { ...table, [name]: without(asTable(value), { path: rest, index }) };
  const list = Array.isArray(value) && index !== undefined ? value.toSpliced(index, 1) : [];
  const { [name]: _, ...others } = table;
  return list.length > 0 ? { ...others, [name]: list } : others;
}

/** Without empty tables, which mean nothing to the servers. */
function prune(table: Values): Values {
  const kept = Object.entries(table).flatMap(([name, value]): [string, unknown][] => {
    if (!isTable(value)) return [[name, value]];
    const inner = prune(value);
    return Object.keys(inner).length > 0 ? [[name, inner]] : [];
  });
  return Object.fromEntries(kept);
}

function asTable(value: unknown): Values {
  return isTable(value) ? value : {};
}

function isTable(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function unproven({ path }: TomlPlace): BootstrapError {
  return new BootstrapError(MESSAGES.TOML_EDIT_UNPROVEN.removal(renderPath(path)));
}
