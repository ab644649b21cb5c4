import { BLOCK, type Chunk, headerAt, isInUse, lastChunkBefore, parseChunk, readChunk } from './chunk.js';
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

/** How far back chunks are looked for, from the end of a file: 64 MB. */
const SCANNED_BLOCKS = 16_384;

/** Of a file that was closed, H2 looks whether so many of its newest chunks are there. */
const CHECKED_CHUNKS = 19;

/**
 * The version that H2 would open. In a file that is open, or was not closed, it is the last one in the file, or in the chain of those that
 * were to follow the one that the header names. In a file that was closed, it is the one that the header names; unless one of its newest
 * chunks is not there, also one that is not in use any more: then H2 goes back to the newest of those that it had found to be there, which
 * may be much older.
 *
 * @throws Damage also where H2 would go back in a file that was not closed: it may be open, and an engine may be writing just there
 */
export function findNewestVersion(file: RandomAccess): Version {
  const { newest, isClosed } = readHeader(file);
  const places = new Map<number, Chunk>();
  if (newest && isClosed) {
    const gap = firstGap(file, newest, places);
    // An engine that has just opened the file writes its first chunk before it takes back that the file is closed.
    if (gap === undefined || (headerAt(file, gap)?.version ?? 0) > newest.version) return { newest, copies: new Map() };
    const found = newestWhole(file, places, 'so far') ?? newestWhole(file, addAll(file, places), 'all there are');
    if (found) return found;
  } else {
    addNewest(file, newest, places);
    const [last] = candidatesIn(places);
    if (last && isWhole(file, last, places, 'so far')) return last;
  }
  throw new Damage('the newest version of the store is not whole');
}

interface Header {
  readonly newest: Chunk | undefined;
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
  return { newest, isClosed: isClosed && (hexField(merged, 'clean') ?? 0) !== 0 };
}

/** The block of the first chunk that is not there, of the newest ones with the oldest first; those that are there are noted. */
function firstGap(file: RandomAccess, newest: Chunk, places: Map<number, Chunk>): number | undefined {
  const texts = openStore(file, { newest, copies: places }).chunks();
  const said = texts.map((text) => ({ ...parseChunk(text, undefined), isInUse: isInUse(text) }));
  if (said.some((chunk) => chunk.isInUse && (chunk.block + chunk.length) * BLOCK > file.size)) {
    throw new Damage('the file was cut off');
  }
  for (const { block, id } of said.sort(newestFirst).slice(0, CHECKED_CHUNKS).reverse()) {
    const chunk = readChunk(file, block);
    if (chunk?.id !== id) return block;
    places.set(block, chunk);
  }
  return undefined;
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

/** The newest of these chunks whose version has all the chunks that it uses. */
function newestWhole(
  file: RandomAccess,
  places: ReadonlyMap<number, Chunk>,
  known: 'so far' | 'all there are',
): Version | undefined {
  return candidatesIn(places)
    .slice(0, MOST_VERSIONS)
    .find((version) => isWhole(file, version, places, known));
}

/** The newest first; a chunk of theirs may be found by its number, too. */
function candidatesIn(places: ReadonlyMap<number, Chunk>): readonly Version[] {
  const chunks = [...places.values()].sort(newestFirst);
  const copies = new Map(chunks.map((chunk) => [chunk.id, chunk]));
  return chunks.map((newest) => ({ newest, copies }));
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

/** H2 shortens a file only after it wrote a header that names none beyond: one that does was cut off by somebody else. */
function chunkNamedBy(file: RandomAccess, fields: Fields): Chunk | undefined {
  const block = hexField(fields, 'block') ?? 2;
  const id = hexField(fields, 'chunk');
  if (id !== undefined && isCutOff(file, block, id)) throw new Damage('the file was cut off');
  const chunk = readChunk(file, block);
  return chunk?.id === id ? chunk : undefined;
}

function isCutOff(file: RandomAccess, block: number, id: number): boolean {
  if ((block + 1) * BLOCK > file.size) return true;
  const header = headerAt(file, block);
  return header?.id === id && (block + header.length) * BLOCK > file.size;
}

/** Of two copies of one chunk the one nearer to the start, which is as a rule the later. */
function newestFirst(one: Chunk, other: Chunk): number {
  return other.version - one.version || one.block - other.block;
}
