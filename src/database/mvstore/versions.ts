import { BLOCK, type Chunk, lastChunkBefore, readChunk } from './chunk.js';
import { Damage } from './damage.js';
import { type Fields, hexField, parseChecksummed } from './fields.js';
import type { RandomAccess } from './random-access.js';

/** What the start of a store says of itself. */
export interface StoreHeader {
  /** Of the file format: 3 since H2 2.2. */
  readonly format: number;
  readonly fields: Fields;
}

/** How far back a chunk is looked for in a file that was not closed and whose end is torn: 64 MB. */
const SCANNED_BLOCKS = 16_384;

const MOST_VERSIONS = 32;

/**
 * The newest chunks of a store that are whole, the newest first. As H2 does: after it was closed, the header names the last one; else it
 * is the last one in the file, or in the chain of those that were to follow the one that the header names.
 *
 * @throws Damage no header is whole, or the chunk that it names is not there, because the file was cut off
 */
export function* newestChunks(file: RandomAccess): Generator<Chunk> {
  const headers = readHeaders(file);
  const named = headers.flatMap(({ fields }) => chunkNamedBy(file, fields) ?? []).sort(newestFirst);
  if (named.length === 0 && headers.some(({ fields }) => fields.has('chunk')))
    throw new Damage('the last chunk is not there');
  if (named[0] && wasClosed(headers)) yield named[0];
  const end = Math.floor(file.size / BLOCK);
  const tail = lastChunkBefore(file, end, SCANNED_BLOCKS);
  const known = [...named, ...(tail ? [tail] : [])].sort(newestFirst);
  yield* distinct([...(known[0] ? chainFrom(file, known[0]) : []), ...known]);
  const scanned: Chunk[] = [];
  for (let last = tail; last; ) {
    last = lastChunkBefore(file, last.block, SCANNED_BLOCKS - (end - last.block));
    if (last) scanned.push(last);
  }
  yield* distinct(scanned).slice(0, MOST_VERSIONS);
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

/** Both headers agree, and say so. */
export function wasClosed(headers: readonly StoreHeader[]): boolean {
  const [one, other] = headers;
  if (!one || !other || one.fields.get('version') !== other.fields.get('version')) return false;
  return [one, other].every(({ fields }) => (hexField(fields, 'clean') ?? 0) !== 0);
}

/** Chunks are numbered in a circle. */
const LAST_ID = 2 ** 26 - 1;

/** The newest first. */
function chainFrom(file: RandomAccess, start: Chunk): readonly Chunk[] {
  const chain: Chunk[] = [];
  for (let last = start; last.next !== 0 && chain.length < MOST_VERSIONS * 8; ) {
    const next = readChunk(file, last.next);
    if (next?.id !== ((last.id + 1) & LAST_ID) || next.version <= last.version) break;
    chain.unshift(next);
    last = next;
  }
  return chain;
}

/** Of two copies of one chunk the one nearer to the start, which is as a rule the later. */
function newestFirst(one: Chunk, other: Chunk): number {
  return other.version - one.version || one.block - other.block;
}

function distinct(chunks: readonly Chunk[]): readonly Chunk[] {
  const places = new Map(chunks.map((chunk) => [chunk.block, chunk]));
  return [...places.values()].sort(newestFirst);
}
