import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { Damage } from './damage.js';

/** A file that is read in places, within a budget, so that no file makes us work without end. */
export interface RandomAccess {
  /** Bytes. */
  readonly size: number;
  /**
   * Exactly so many bytes.
   *
   * @throws Damage the file ends before, or the budget is used up
   */
  read(position: number, length: number): Buffer;
  /** Takes what is made of what was read from the budget, bytes. @throws Damage it is used up */
  spend(bytes: number): void;
  /** Whether all that was read up to here would read the same now. Always false when nothing was noted down. */
  readsTheSame(): boolean;
}

export interface RandomAccessOptions {
  readonly size: number;
  /** Of reading, and of expanding what was read, in all, bytes. */
  readonly budget: number;
  /** Whether what is read is noted down for {@link RandomAccess.readsTheSame}. */
  readonly isNoted: boolean;
}

/** No page of a database of ours is near it: the largest value that H2 takes in a row is 1 MB of text. */
const MOST_AT_ONCE = 64 << 20;

/** On a file descriptor, by its position: nothing else moves it, and no lock is taken. */
export function randomAccess(descriptor: number, { size, budget, isNoted }: RandomAccessOptions): RandomAccess {
  const noted = new Map<string, string>();
  let left = budget;

  function read(position: number, length: number): Buffer {
    if (!(length >= 0 && length <= MOST_AT_ONCE && position >= 0 && position + length <= size)) {
      throw new Damage(`${length} bytes at ${position} are beyond the end of the file`);
    }
    spend(length);
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length; ) {
      const found = readSync(descriptor, bytes, done, length - done, position + done);
      if (found === 0) throw new Damage(`the file ended at ${position + done}`);
      done += found;
    }
    return bytes;
  }

  function spend(bytes: number): void {
    left -= bytes;
    if (left < 0) throw new Damage('there is more to read than any such database has');
  }

  return {
    size,
    spend,
    read(position, length) {
      const bytes = read(position, length);
      if (isNoted) noted.set(`${position} ${length}`, digest(bytes));
      return bytes;
    },
    readsTheSame() {
      if (!isNoted) return false;
      try {
        left = budget;
        for (const [place, before] of noted) {
          const [position = 0, length = 0] = place.split(' ').map(Number);
          if (digest(read(position, length)) !== before) return false;
        }
        return true;
      } catch {
        return false;
      }
    },
  };
}

function digest(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('base64');
}
