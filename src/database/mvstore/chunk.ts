import { Damage } from './damage.js';
import { hexField, parseChecksummed, parseFields } from './fields.js';
import { type Position, parsePosition } from './position.js';
import type { RandomAccess } from './random-access.js';

/** Chunks start at multiples of it, bytes. */
export const BLOCK = 4096;

/** The store header and its copy come first. */
const FIRST_BLOCK = 2;

const HEADER_BYTES = 1024;
const FOOTER_BYTES = 128;

/** A run of blocks that H2 wrote at once: the pages that changed since the version before. */
export interface Chunk {
  readonly id: number;
  /** Where it starts, and how long it is, in blocks of {@link BLOCK}. */
  readonly block: number;
  readonly length: number;
  readonly version: number;
  /** The root page of the layout map as of this version. */
  readonly layoutRoot: Position | undefined;
  /** The block that H2 expected to write the next chunk to; 0 for none. */
  readonly next: number;
}

/** What an entry `chunk.ID` of the layout map says, or the header of a chunk, which does not say where it is itself. */
export function parseChunk(text: string, block: number | undefined): Chunk {
  const fields = parseFields(text.trim());
  const field = (key: string) => hexField(fields, key) ?? 0;
  const id = hexField(fields, 'chunk');
  const root = fields.get('root');
  const said = field('block');
  const chunk = {
    id: id ?? -1,
    // A header as a rule says none.
    block: said || (block ?? 0),
    length: field('len'),
    version: hexField(fields, 'version') ?? id ?? 0,
    layoutRoot: root === undefined ? undefined : parsePosition(root),
    next: field('next'),
  };
  if (chunk.id < 0 || (block !== undefined && chunk.block !== block) || chunk.block < FIRST_BLOCK || chunk.length < 1)
    throw new Damage('no chunk');
  return chunk;
}

/** Whether any version that is kept has pages in a chunk, by its entry in the layout. */
export function isInUse(text: string): boolean {
  const fields = parseFields(text);
  return (hexField(fields, 'livePages') ?? hexField(fields, 'pages') ?? 0) > 0;
}

/** The chunk whose header stands at a block; undefined when none does, or it is not whole. */
export function readChunk(file: RandomAccess, block: number): Chunk | undefined {
  const chunk = headerAt(file, block);
  if (!chunk || (block + chunk.length) * BLOCK > file.size) return undefined;
  const footer = footerBefore(file, block + chunk.length);
  return footer?.id === chunk.id && footer.block === block ? chunk : undefined;
}

/** What the header at a block says, whether the chunk is whole or not. */
export function headerAt(file: RandomAccess, block: number): Chunk | undefined {
  try {
    return readHeader(file, block);
  } catch (error) {
    if (error instanceof Damage) return undefined;
    throw error;
  }
}

/** The header alone: whether a chunk still is where it was said to be. @throws Damage */
function readHeader(file: RandomAccess, block: number): Chunk {
  const start = block * BLOCK;
  const bytes = file.read(start, Math.min(HEADER_BYTES, file.size - start));
  const end = bytes.indexOf('\n');
  if (end < 0) throw new Damage(`no chunk at block ${block}`);
  return parseChunk(bytes.toString('latin1', 0, end), block);
}

interface Footer {
  readonly id: number;
  /** Where the chunk starts that it ends. */
  readonly block: number;
}

function footerBefore(file: RandomAccess, block: number): Footer | undefined {
  const bytes = file.read(block * BLOCK - FOOTER_BYTES, FOOTER_BYTES);
  if (bytes.toString('latin1', 0, 6) !== 'chunk:') return undefined;
  const fields = parseChecksummed(bytes);
  return fields && { id: hexField(fields, 'chunk') ?? -1, block: block - (hexField(fields, 'len') ?? 0) };
}

/**
 * The last whole chunk that ends at a block or before, as H2 looks for it: one in whose middle another one starts or ends was written
 * over. Looked for in so many blocks.
 */
export function lastChunkBefore(file: RandomAccess, block: number, mostBlocks: number): Chunk | undefined {
  let candidate: Chunk | undefined;
  for (let at = block; at > FIRST_BLOCK && at > block - mostBlocks; ) {
    if (at === candidate?.block) return candidate;
    const footer = footerBefore(file, at);
    if (footer) {
      const chunk = footer.block >= FIRST_BLOCK ? headerAt(file, footer.block) : undefined;
      candidate = chunk?.id === footer.id ? chunk : undefined;
    }
    at--;
    if (candidate && at > candidate.block && headerAt(file, at)) candidate = undefined;
  }
  return candidate?.block === FIRST_BLOCK ? candidate : undefined;
}
