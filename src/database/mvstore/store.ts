import { type Chunk, parseChunk, readHeader } from './chunk.js';
import { Damage, VersionLost } from './damage.js';
import { type Page, readPage } from './page.js';
import { nameOf, type Position, parsePosition } from './position.js';
import type { RandomAccess } from './random-access.js';

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

/** @throws VersionLost, Damage */
export function openStore(file: RandomAccess, newest: Chunk): Store {
  const chunks = new Map<number, Chunk>([[newest.id, newest]]);
  const pages = new Map<string, StringPage>();
  const awaited = new Set<number>();
  const layout: StringMap = { id: LAYOUT, root: newest.layoutRoot };
  const metaId = lost(() => hexOf(get(layout, 'meta.id')));
  if (metaId === undefined) throw new VersionLost('the store has no map of maps');
  const meta: StringMap = { id: metaId, root: rootOf(metaId) };

  return {
    file,
    mapId: (name) => hexOf(get(meta, `name.${name}`)),
    mapText: (id) => get(meta, `map.${id.toString(16)}`),
    mapNames: (prefix) => entriesFrom(meta, `name.${prefix}`).map(([key]) => key.slice('name.'.length)),
    chunks: () => lost(() => entriesFrom(layout, 'chunk.').map(([, text]) => text)),
    leaves: (mapId) => leavesBelow(rootOf(mapId), mapId),
  };

  function rootOf(mapId: number): Position | undefined {
    const text = lost(() => get(layout, `root.${mapId.toString(16)}`));
    return text === undefined ? undefined : parsePosition(text);
  }

  function pageAt(position: Position, mapId: number): Page {
    return readPage(file, chunkOf(position.chunk), position, mapId);
  }

  /** Looked up in the layout, whose own pages may lie in chunks that are looked up there. */
  function chunkOf(id: number): Chunk {
    const known = chunks.get(id);
    if (known) return known;
    if (awaited.has(id)) throw new VersionLost(`the place of chunk ${id} is in itself`);
    awaited.add(id);
    const found = lost(() => {
      const text = get(layout, `chunk.${id.toString(16)}`);
      if (text === undefined) throw new Damage(`there is no chunk ${id}`);
      const said = parseChunk(text, undefined);
      const there = readHeader(file, said.block);
      if (there.id !== id || there.length !== said.length || there.version !== said.version) {
        throw new Damage(`chunk ${id} is not where it should be`);
      }
      return there;
    });
    awaited.delete(id);
    chunks.set(id, found);
    return found;
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

/** What is wrong with the layout is wrong with the whole version. */
function lost<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof Damage) throw new VersionLost(error.message);
    throw error;
  }
}

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
