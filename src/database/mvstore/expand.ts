import { inflateSync } from 'node:zlib';
import { Damage } from './damage.js';

/**
 * Expands LZF (http://oldhome.schmorp.de/marc/liblzf.html): runs of up to 32 bytes as they are, and references to up to 264 bytes
 * within the last 8 KB.
 */
export function expandLzf(packed: Buffer, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let from = 0;
  for (let to = 0; to < length; ) {
    const control = byteAt(packed, from++);
    if (control < 32) {
      const run = control + 1;
      if (from + run > packed.length || to + run > length) throw new Damage('a page cannot be expanded');
      packed.copy(bytes, to, from, from + run);
      from += run;
      to += run;
      continue;
    }
    let copied = control >> 5;
    if (copied === 7) copied += byteAt(packed, from++);
    copied += 2;
    let source = to - ((control & 0x1f) << 8) - 1 - byteAt(packed, from++);
    if (source < 0 || to + copied > length) throw new Damage('a page cannot be expanded');
    // What is copied may overlap what is being written.
    for (const end = to + copied; to < end; ) bytes[to++] = bytes[source++] ?? 0;
  }
  return bytes;
}

function byteAt(bytes: Buffer, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw new Damage('a page cannot be expanded');
  return value;
}

/** Expands the format of zlib. */
export function expandDeflate(packed: Buffer, length: number): Buffer {
  try {
    const bytes = inflateSync(packed, { maxOutputLength: length });
    if (bytes.length === length) return bytes;
  } catch {
    // Told below: what zlib says helps nobody.
  }
  throw new Damage('a page cannot be expanded');
}
