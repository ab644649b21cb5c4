import type { TomlDocument } from './document.js';
import { matchesFirst } from './first-match.js';
import { blockEnd, blockStart, insertAt, intoInlineTable, newlineOf, paragraphAt, type Splice } from './layout.js';
import { conflict, deepestTable, familyEnd, isInline } from './place-value.js';
import { isAlike, renderInlineTable, renderPath, renderTableEntry } from './render.js';
import { inlineTable, type Leaf, type Table, type TableArray } from './server-tables.js';
import { type ArrayLiteral, decode } from './syntax.js';
import { isEmptyList, type TomlFields, type TomlValue, type WantedEntry } from './wanted.js';

/** The entry that is there, or how it comes in. */
export type FoundEntry =
  | { readonly isThere: true; readonly table: Table }
  /** `before`: the context of the entry that it must precede, because that would match first. */
  | { readonly isThere: false; readonly splice: Splice; readonly before: string | undefined };

/**
 * Finds an entry of an array of tables, or the place for it: next to its siblings, and before the first one that would hide it.
 *
 * @throws BootstrapError `TOML_CONFLICT` something else stands where the array must stand
 */
export function findEntry(document: TomlDocument, wanted: WantedEntry): FoundEntry {
  const { path, value } = wanted;
  const { table, missing } = deepestTable(document, document.root, path.slice(0, -1));
  const array = missing.length === 0 ? table.nodes.get(path.at(-1) ?? '') : undefined;
  if (!array) return { isThere: false, splice: newArray(document, table, path, value), before: undefined };
  const tables = tablesOf(document, array, path);
  const index = tables.findIndex((entry) => isSame(document, entry, wanted));
  const hiding = tables.slice(0, index < 0 ? undefined : index).find((entry) => hides(document, entry, wanted));
  const there = tables[index];
  if (there && !hiding) return { isThere: true, table: there };
  const splice =
    array.kind === 'table array'
      ? newBlock(document, array, hiding, wanted)
      : newItem(document.text, (array as Leaf).value as ArrayLiteral, hiding, value);
  return { isThere: false, splice, before: hiding && String(readKey(document, hiding, 'context')) };
}

/**
 * What of an entry can be written into a table: the servers’ parser cannot read an empty array in an inline table, and for the servers a
 * list that is not there is empty.
 */
export function writableFields(table: Table, fields: TomlFields): TomlFields {
  if (!isInline(table)) return fields;
  return Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => !isEmptyList(value) || table.nodes.has(name)),
  );
}

function newArray(document: TomlDocument, table: Table, path: readonly string[], fields: TomlFields): Splice {
  const holder = table.origin.by === 'dotted key' ? table.origin.holder : table;
  if (holder.origin.by === 'inline table') {
    const key = renderPath(path.slice(holder.path.length));
    return intoInlineTable(holder.origin.literal, `${key} = [${renderInlineTable(fields)}]`);
  }
  return paragraphAt(document.text, familyEnd(document, table), renderTableEntry(path, fields));
}

function tablesOf(document: TomlDocument, array: Table | TableArray | Leaf, path: readonly string[]): readonly Table[] {
  if (array.kind === 'table array') return array.tables;
  if (array.kind === 'table' || array.value.kind !== 'array')
    throw conflict(document, array, path, 'an array of tables');
  return array.value.items.map((item) => {
    if (item.kind !== 'inline table') throw conflict(document, array, path, 'an array of tables');
    return inlineTable(path, item, item, array.block);
  });
}

function isSame(document: TomlDocument, entry: Table, { identity, value }: WantedEntry): boolean {
  return identity.every((key) => isAlike(readKey(document, entry, key), value[key] as TomlValue));
}

/** The order counts in `[[resource.access_control]]` only. */
function hides(document: TomlDocument, entry: Table, { path, value }: WantedEntry): boolean {
  if (path.join('.') !== 'resource.access_control') return false;
  const earlier = {
    context: readKey(document, entry, 'context'),
    method: readKey(document, entry, 'http_method'),
  };
  return matchesFirst(earlier, { context: value['context'], method: value['http_method'] });
}

function readKey({ text }: TomlDocument, table: Table, key: string): unknown {
  const node = table.nodes.get(key);
  return node?.kind === 'leaf' ? decode(text.slice(node.value.start, node.value.end)) : undefined;
}

function newBlock(
  document: TomlDocument,
  { tables }: TableArray,
  hiding: Table | undefined,
  wanted: WantedEntry,
): Splice {
  const { text } = document;
  const lines = renderTableEntry(wanted.path, wanted.value);
  if (hiding?.origin.by === 'block') return paragraphAt(text, blockStart(document, hiding.origin.block), lines);
  const last = tables.at(-1);
  return paragraphAt(text, last ? blockEnd(text, last.lastBlock) : text.length, lines);
}

/** In an array over several lines the entry gets a line of its own; the servers’ parser wants the commas at the ends of lines. */
function newItem(
  text: string,
  { items, ...array }: ArrayLiteral,
  hiding: Table | undefined,
  fields: TomlFields,
): Splice {
  const item = renderInlineTable(fields);
  const next = items.find(({ start }) => start === hiding?.spot.start);
  if (next) return insertAt(next.start, `${item},${separator(text, next.start) || ' '}`);
  const last = items.at(-1);
  if (!last) return { start: array.start, end: array.end, insert: `[${item}]` };
  const line = separator(text, last.start);
  const [rest, comma = ''] = /^[ \t]*(,?)[^\n]*?(?=\r?\n)/.exec(text.slice(last.end, array.end)) ?? [];
  if (!line || rest === undefined) return insertAt(last.end, `,${line || ' '}${item}`);
  const tail = `${comma ? '' : ','}${rest}${line}${item}${comma}`;
  return { start: last.end, end: last.end + rest.length, insert: tail };
}

/** The line end and indentation of an item that begins its line; nothing for one that does not. */
function separator(text: string, start: number): string {
  const indentation = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return /^[ \t]*$/.test(indentation) ? newlineOf(text) + indentation : '';
}
