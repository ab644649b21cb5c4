import { BLOCK, type Chunk } from './chunk.js';
import { Cursor } from './cursor.js';
import { Damage } from './damage.js';
import { expandDeflate, expandLzf } from './expand.js';
import { type Position, positionOf } from './position.js';
import type { RandomAccess } from './random-access.js';

/** A page of a B-tree. */
export interface Page {
  /** Of keys. A node has one child more. */
  readonly count: number;
  /** Empty in a leaf; undefined where a child is empty. */
  readonly children: readonly (Position | undefined)[];
  /** At the keys, which in a leaf are followed by the values. */
  body(): Cursor;
}

const NODE = 1;
const COMPRESSED = 2;
const DEFLATED = 4;

/** The largest that a page may expand to, bytes. */
const MOST_EXPANDED = 64 << 20;

/**
 * Reads a page of a map. H2 protects what identifies it (chunk, offset, length and map), not its content.
 *
 * @throws Damage
 */
export function readPage(file: RandomAccess, chunk: Chunk, position: Position, mapId: number): Page {
  const bytes = readBytes(file, chunk, position);
  const outer = new Cursor(bytes);
  const length = outer.uint32();
  if (length < 4 || length > bytes.length) throw new Damage(`a page of ${length} bytes`);
  const expected = checkOf(position.chunk) ^ checkOf(position.offset) ^ checkOf(length);
  if (outer.int16() !== (expected << 16) >> 16) throw new Damage('a page is not the one that was referred to');
  const cursor = new Cursor(bytes.subarray(0, length), outer.at);
  cursor.count(); // The number of the page in its chunk.
  if (cursor.varInt() !== mapId) throw new Damage('a page is of another map');
  const count = cursor.count();
  const type = cursor.byte();
  if (((type & NODE) === 0) !== position.isLeaf) throw new Damage('a page is of another kind');
  if (count > cursor.left) throw new Damage(`a page with ${count} keys`);
  const children = position.isLeaf ? [] : readChildren(cursor, count + 1);
  const content = (type & COMPRESSED) === 0 ? cursor.take(cursor.left) : expand(file, cursor, (type & DEFLATED) !== 0);
  if (count > content.length) throw new Damage(`a page with ${count} keys`);
  return { count, children, body: () => new Cursor(content) };
}

function readBytes(file: RandomAccess, { block, length }: Chunk, { offset, mostBytes }: Position): Buffer {
  const start = block * BLOCK + offset;
  const left = length * BLOCK - offset;
  // The length in a page leaves out the number that follows it, which came later.
  const wanted = mostBytes > 0 ? mostBytes : file.read(start, 4).readUInt32BE() + 4;
  return file.read(start, Math.min(left, wanted));
}

function checkOf(value: number): number {
  const low = value | 0;
  return (low >> 16) ^ low;
}

/** After the positions, how many entries each has below it. */
function readChildren(cursor: Cursor, count: number): readonly (Position | undefined)[] {
  const children: (Position | undefined)[] = [];
  for (let index = 0; index < count; index++) children.push(positionOf(cursor.uint32(), cursor.uint32()));
  for (let index = 0; index < count; index++) cursor.skipVarLong();
  return children;
}

function expand(file: RandomAccess, cursor: Cursor, isDeflated: boolean): Buffer {
  const length = cursor.count() + cursor.left;
  if (length > MOST_EXPANDED) throw new Damage(`a page that expands to ${length} bytes`);
  file.spend(length);
  const packed = cursor.take(cursor.left);
  return isDeflated ? expandDeflate(packed, length) : expandLzf(packed, length);
}
