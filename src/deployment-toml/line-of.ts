import type { TomlDocument } from './document.js';
import { lineOf } from './refusal.js';
import { inlineTable, type Node } from './server-tables.js';

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
