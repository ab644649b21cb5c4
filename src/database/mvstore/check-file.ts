import { type BigIntStats, fstatSync, statSync } from 'node:fs';
import { isInUse, parseChunk, readChunk } from './chunk.js';
import { Damage } from './damage.js';
import { readRecords } from './definition.js';
import { findStrangers } from './judge-definition.js';
import { BUDGET, isSame, LookFailed, requireKnownFormat, requireRegularFile, withFile } from './look.js';
import { type RandomAccess, randomAccess } from './random-access.js';
import { findUnknownClasses } from './row-format.js';
import { openStore, type Store } from './store.js';
import { findNewestVersion, readHeaders } from './versions.js';

/** A file that was checked. */
export interface CheckedFile {
  /** What is in it that H2's engine would run, or load, as it opens the file, by kind and name. */
  readonly strangers: readonly string[];
  /** Whether the file is still the one that was checked, to the last byte as far as its times tell. */
  isUnchanged(): boolean;
}

/**
 * Reads all that H2's engine would act on as it opens a file: each definition in every version that a transaction left of it, and the
 * Java classes that it would load to read the rest.
 *
 * H2 itself may go back to an older version of a file that was not closed. So the file must be one of which it takes the newest, because
 * every chunk that this version uses is there.
 *
 * @throws LookFailed, Damage; what `open` throws
 */
export function checkFile(path: string): Promise<CheckedFile> {
  return withFile(path, async (descriptor) => {
    const before = requireRegularFile(descriptor);
    const file = randomAccess(descriptor, { size: Number(before.size), budget: BUDGET, isNoted: false });
    const strangers = damaged(() => strangersIn(newestStore(file)));
    if (!isSame(before, fstatSync(descriptor, { bigint: true }))) throw new LookFailed({ kind: 'changing' });
    return { strangers, isUnchanged: () => isSameFile(path, before) };
  });
}

function isSameFile(path: string, before: BigIntStats): boolean {
  const now = statSync(path, { bigint: true, throwIfNoEntry: false });
  return now !== undefined && now.dev === before.dev && now.ino === before.ino && isSame(now, before);
}

function damaged<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    throw error instanceof Damage ? new LookFailed({ kind: 'damaged', why: error.message }) : error;
  }
}

/** The version that H2, too, takes for the newest. */
function newestStore(file: RandomAccess): Store {
  requireKnownFormat(file);
  const [one, other] = readHeaders(file);
  if (
    one &&
    other &&
    !['block', 'chunk', 'version', 'clean'].every((key) => one.fields.get(key) === other.fields.get(key))
  ) {
    throw new Damage('its two headers do not agree');
  }
  const store = openStore(file, findNewestVersion(file));
  for (const text of store.chunks()) {
    const chunk = parseChunk(text, undefined);
    if (isInUse(text) && readChunk(file, chunk.block)?.id !== chunk.id) {
      throw new Damage(`chunk ${chunk.id} is not where it should be`);
    }
  }
  return store;
}

function strangersIn(store: Store): readonly string[] {
  const defined = findStrangers(readRecords({ store, isCommitted: undefined }));
  const classes = findUnknownClasses(store).map((name) => `the Java class ${name}`);
  // H2 reads these as serialised Java objects.
  const prepared = hasEntries(store, 'openTransactions') ? ['a transaction that was prepared and not ended'] : [];
  return [...new Set([...defined, ...classes, ...prepared])];
}

function hasEntries(store: Store, mapName: string): boolean {
  const mapId = store.mapId(mapName);
  if (mapId === undefined) return false;
  for (const page of store.leaves(mapId)) if (page.count > 0) return true;
  return false;
}
