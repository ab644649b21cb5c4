import { type Chunk, parseChunk, readChunk } from './chunk.js';
import { Damage } from './damage.js';
import { type Page, readPage } from './page.js';
import { nameOf, type Position, parsePosition } from './position.js';
import type { RandomAccess } from './random-access.js';
import type { Version } from './versions.js';

/** One version of a store, as of its newest chunk: maps from names to B-trees. */
export interface Store {
  readonly file: RandomAccess;
  /** The id of a map by its name, such as `table.3`; undefined when there is none. */
  mapId(name: string): number | undefined;
  /** What is said about a map: `name:table.3,key:…,val:…`. */
  mapText(id: number): string | undefined;
  /** The names of all maps that start with a prefix. */
  mapNames(prefix: string): readonly string[];
  /** What the layout says of each chunk that this version may use. */
  chunks(): readonly string[];
  /** The pages of a map that hold its entries, in the order of their keys. @throws Damage */
  leaves(mapId: number): Generator<Page>;
}

const LAYOUT = 0;

/** Behind every key of ours with the letters before it. */
const AFTER = '\uffff';

/** @throws Damage */
export function openStore(file: RandomAccess, { newest, copies }: Version): Store {
  const chunks = new Map<number, Chunk>([[newest.id, newest]]);
  const pages = new Map<string, StringPage>();
  const awaited = new Set<number>();
  const layout: StringMap = { id: LAYOUT, root: newest.layoutRoot };
  const metaId = hexOf(get(layout, 'meta.id'));
  if (metaId === undefined) throw new Damage('the store has no map of maps');
  const meta: StringMap = { id: metaId, root: rootOf(metaId) };

  return {
    file,
    mapId: (name) => hexOf(get(meta, `name.${name}`)),
    mapText: (id) => get(meta, `map.${id.toString(16)}`),
    mapNames: (prefix) => entriesFrom(meta, `name.${prefix}`).map(([key]) => key.slice('name.'.length)),
    chunks: () => entriesFrom(layout, 'chunk.').map(([, text]) => text),
    leaves: (mapId) => leavesBelow(rootOf(mapId), mapId),
  };

  function rootOf(mapId: number): Position | undefined {
    const text = get(layout, `root.${mapId.toString(16)}`);
    return text === undefined ? undefined : parsePosition(text);
  }

  function pageAt(position: Position, mapId: number): Page {
    return readPage(file, chunkOf(position.chunk), position, mapId);
  }

  /** Looked up in the layout, whose own pages may lie in chunks that are looked up there. */
  function chunkOf(id: number): Chunk {
    const known = chunks.get(id);
    if (known) return known;
    if (awaited.has(id)) throw new Damage(`the place of chunk ${id} is in itself`);
    awaited.add(id);
    const text = get(layout, `chunk.${id.toString(16)}`);
    if (text === undefined) throw new Damage(`there is no chunk ${id}`);
    const found = placed(parseChunk(text, undefined));
    awaited.delete(id);
    chunks.set(id, found);
    return found;
  }

  /** Where it was said to be, or where a copy of it was found. */
  function placed(said: Chunk): Chunk {
    const there = readChunk(file, said.block);
    const found = there?.id === said.id ? there : copies.get(said.id);
    if (found?.length === said.length && found.version === said.version) return found;
    throw new Damage(`chunk ${said.id} is not where it should be`);
  }

  /** The value of a key, by its way down from the root. */
  function get({ id, root }: StringMap, key: string): string | undefined {
    let position = root;
    for (let depth = 0; position; depth++) {
      if (depth > DEEPEST) throw new Damage('a tree is deeper than any');
      const { keys, values, page } = stringPage(position, id);
      const at = search(keys, key);
      if (position.isLeaf) return keys[at] === key ? values[at] : undefined;
      // A key of a node is the first one of the child to the right of it.
      position = page.children[keys[at] === key ? at + 1 : at];
    }
    return undefined;
  }

  function entriesFrom({ id, root }: StringMap, prefix: string): readonly (readonly [key: string, value: string])[] {
    const found: (readonly [string, string])[] = [];
    const collect = (position: Position | undefined, depth: number): void => {
      if (!position) return;
      if (depth > DEEPEST) throw new Damage('a tree is deeper than any');
      const { keys, values, page } = stringPage(position, id);
      if (position.isLeaf) {
        for (const [at, key] of keys.entries()) if (key.startsWith(prefix)) found.push([key, values[at] ?? '']);
        return;
      }
      const [first, last] = [search(keys, prefix), search(keys, prefix + AFTER)];
      for (let at = first; at <= last; at++) collect(page.children[at], depth + 1);
    };
    collect(root, 0);
    return found;
  }

  function stringPage(position: Position, mapId: number): StringPage {
    const name = nameOf(position);
    const known = pages.get(name);
    if (known) return known;
    const page = pageAt(position, mapId);
    const body = page.body();
    const read = { page, keys: body.strings(page.count), values: position.isLeaf ? body.strings(page.count) : [] };
    if (pages.size >= MOST_KEPT) pages.clear();
    pages.set(name, read);
    return read;
  }

  function* leavesBelow(root: Position | undefined, mapId: number): Generator<Page> {
    const seen = new Set<string>();
    const left = root ? [{ position: root, depth: 0 }] : [];
    for (let next = left.pop(); next; next = left.pop()) {
      const { position, depth } = next;
      const name = nameOf(position);
      if (depth > DEEPEST || seen.has(name)) throw new Damage('a tree is no tree');
      seen.add(name);
      const page = pageAt(position, mapId);
      if (position.isLeaf) yield page;
      for (const child of [...page.children].reverse()) if (child) left.push({ position: child, depth: depth + 1 });
    }
  }
}

interface StringMap {
  readonly id: number;
  readonly root: Position | undefined;
}

interface StringPage {
  readonly page: Page;
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** H2's trees have at least two children a node. */
const DEEPEST = 32;

/** Pages with names in them that are kept, of some 4 KB each. */
const MOST_KEPT = 256;

function hexOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{1,8}$/i.test(text)) throw new Damage('no id of a map');
  return Number.parseInt(text, 16);
}

/** Where a key is, or would be: the first that is not less, by UTF-16 code units as Java compares. */
function search(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
