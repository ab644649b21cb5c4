import { BLOCK, type Chunk, isInUse, lastChunkBefore, parseChunk, readChunk } from './chunk.js';
import { Damage } from './damage.js';
import { type Fields, hexField, parseChecksummed } from './fields.js';
import type { RandomAccess } from './random-access.js';
import { openStore } from './store.js';

/** What the start of a store says of itself. */
export interface StoreHeader {
  /** Of the file format: 3 since H2 2.2. */
  readonly format: number;
  readonly fields: Fields;
}

/** A version of a store: its newest chunk, and where chunks are that are not where its layout says. */
export interface Version {
  readonly newest: Chunk;
  readonly copies: ReadonlyMap<number, Chunk>;
}

/** How far back chunks are looked for in a file that was not closed and whose end is torn: 64 MB. */
const SCANNED_BLOCKS = 16_384;

/** Of a file that was closed, H2 looks whether so many of its newest chunks are there. */
const CHECKED_CHUNKS = 19;

/**
 * The version that H2 would open, found as it finds it, with all its consequences: in a file that was closed, the one that the header
 * names, unless one of its newest chunks is not there (also one that is not in use any more): then the newest of those that were found
 * to be there before, which may be much older. In a file that is open, or was not closed, the last one in the file or in the chain of
 * those that were to follow the one that the header names, of which all chunks are there.
 *
 * @throws Damage
 */
export function findNewestVersion(file: RandomAccess): Version {
  const { newest, isClosed, isNamed } = readHeader(file);
  // H2 would go back to whatever older version it finds.
  if (!newest && isNamed) throw new Damage('the chunk that the header names is not there');
  const places = new Map<number, Chunk>();
  if (newest && isClosed) {
    if (areThere(file, newest, places)) return { newest, copies: new Map() };
  } else addNewest(file, newest, places);
  const found = newestWhole(file, places, 'so far') ?? newestWhole(file, addAll(file, places), 'all there are');
  if (found) return found;
  throw new Damage('no version of the store is whole');
}

interface Header {
  readonly newest: Chunk | undefined;
  /** Whether the header names a chunk at all. */
  readonly isNamed: boolean;
  readonly isClosed: boolean;
}

/** What the header and its copy say together: the second counts where it is newer, or the first one's chunk is not there. */
function readHeader(file: RandomAccess): Header {
  const headers = readHeaders(file);
  let [newest, isClosed] = [undefined as Chunk | undefined, headers.length === 2];
  let merged: Fields = new Map();
  for (const { fields } of headers) {
    const version = hexField(fields, 'version') ?? 0;
    if (newest && version !== newest.version) isClosed = false;
    if (newest && version <= newest.version) continue;
    merged = new Map([...merged, ...fields]);
    newest = chunkNamedBy(file, fields) ?? newest;
  }
  const isNamed = headers.some(({ fields }) => fields.has('chunk'));
  return { newest, isNamed, isClosed: isClosed && (hexField(merged, 'clean') ?? 0) !== 0 };
}

/** The oldest first; those that are there are noted. */
function areThere(file: RandomAccess, newest: Chunk, places: Map<number, Chunk>): boolean {
  const said = openStore(file, { newest, copies: places })
    .chunks()
    .map((text) => parseChunk(text, undefined));
  for (const { block, id } of said.sort(newestFirst).slice(0, CHECKED_CHUNKS).reverse()) {
    const chunk = readChunk(file, block);
    if (chunk?.id !== id) return false;
    places.set(block, chunk);
  }
  return true;
}

/** The last one in the file, and the chain from there or from the one that the header names. */
function addNewest(file: RandomAccess, named: Chunk | undefined, places: Map<number, Chunk>): void {
  const tail = lastChunkBefore(file, Math.floor(file.size / BLOCK), SCANNED_BLOCKS);
  if (tail) places.set(tail.block, tail);
  const isTailNewer = tail && (!named || tail.version > named.version);
  for (let last = isTailNewer ? tail : named, length = 0; last && length < MOST_CHAINED; length++) {
    places.set(last.block, last);
    const next = last.next === 0 ? undefined : readChunk(file, last.next);
    last = next?.id === ((last.id + 1) & LAST_ID) && next.version > last.version ? next : undefined;
  }
}

/** H2 writes the header at least once in 20 versions. */
const MOST_CHAINED = 1_000;

/** Chunks are numbered in a circle. */
const LAST_ID = 2 ** 26 - 1;

/** Every chunk, from the end. */
function addAll(file: RandomAccess, places: Map<number, Chunk>): Map<number, Chunk> {
  const end = Math.floor(file.size / BLOCK);
  for (let block = end; ; ) {
    const chunk = lastChunkBefore(file, block, SCANNED_BLOCKS - (end - block));
    if (!chunk) return places;
    places.set(chunk.block, chunk);
    block = chunk.block;
  }
}

const MOST_VERSIONS = 64;

/** The newest of these chunks whose version has all the chunks that it uses; each may be found by its number, too. */
function newestWhole(
  file: RandomAccess,
  places: ReadonlyMap<number, Chunk>,
  known: 'so far' | 'all there are',
): Version | undefined {
  const candidates = [...places.values()].sort(newestFirst);
  const copies = new Map(candidates.map((chunk) => [chunk.id, chunk]));
  return candidates
    .slice(0, MOST_VERSIONS)
    .map((newest) => ({ newest, copies }))
    .find((version) => isWhole(file, version, places, known));
}

function isWhole(
  file: RandomAccess,
  version: Version,
  places: ReadonlyMap<number, Chunk>,
  known: 'so far' | 'all there are',
): boolean {
  try {
    return openStore(file, version)
      .chunks()
      .every((text) => {
        const { id, block } = parseChunk(text, undefined);
        if (places.get(block)?.id === id || version.copies.has(id) || !isInUse(text)) return true;
        return known === 'so far' && readChunk(file, block)?.id === id;
      });
  } catch (error) {
    if (error instanceof Damage) return false;
    throw error;
  }
}

/** The store header and its copy, as far as they are whole. @throws Damage neither is */
export function readHeaders(file: RandomAccess): readonly StoreHeader[] {
  const headers = [0, 1].flatMap((block) => {
    const fields = file.size >= (block + 1) * BLOCK ? parseChecksummed(file.read(block * BLOCK, BLOCK)) : undefined;
    return fields ? [{ fields, format: formatOf(fields) }] : [];
  });
  if (headers.length === 0) throw new Damage('the file has no header of a store');
  return headers;
}

function formatOf(fields: Fields): number {
  const format = hexField(fields, 'format') ?? 1;
  return hexField(fields, 'formatRead') ?? format;
}

function chunkNamedBy(file: RandomAccess, fields: Fields): Chunk | undefined {
  const chunk = readChunk(file, hexField(fields, 'block') ?? 2);
  return chunk?.id === hexField(fields, 'chunk') ? chunk : undefined;
}

/** Of two copies of one chunk the one nearer to the start, which is as a rule the later. */
function newestFirst(one: Chunk, other: Chunk): number {
  return other.version - one.version || one.block - other.block;
}
