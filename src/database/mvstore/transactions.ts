import type { Cursor } from './cursor.js';
import type { Store } from './store.js';

/** Whether what a transaction changed counts: it was committed, though its changes are not all marked so yet. */
export type IsCommitted = (transaction: number) => boolean;

/** An operation is a transaction and, in these low bits, the number of the change in it. */
const CHANGE_BITS = 40n;
const LAST_CHANGE = (1n << CHANGE_BITS) - 1n;

/**
 * Asks the undo logs of a store, one a transaction: where a transaction was committed, its log ends with a mark. What an open transaction
 * changed counts as it was before, and what one without a log changed, too: H2 would take it back as it opens the file.
 */
export function readTransactions(store: Store): IsCommitted {
  const known = new Map<number, boolean>();
  return (transaction) => {
    const before = known.get(transaction);
    if (before !== undefined) return before;
    const isCommitted = endsWithMark(store, transaction);
    known.set(transaction, isCommitted);
    return isCommitted;
  };
}

export function transactionOf(operation: bigint): number {
  return Number(operation >> CHANGE_BITS);
}

function endsWithMark(store: Store, transaction: number): boolean {
  // Versions before 2.0 renamed the log instead of marking it.
  if (hasEntries(store, store.mapId(`undoLog-${transaction}`))) return true;
  const mapId = store.mapId(`undoLog.${transaction}`);
  if (mapId === undefined) return false;
  let last: bigint | undefined;
  for (const page of store.leaves(mapId)) last = lastKey(page.body(), page.count) ?? last;
  return last !== undefined && (last & LAST_CHANGE) === LAST_CHANGE;
}

function hasEntries(store: Store, mapId: number | undefined): boolean {
  if (mapId === undefined) return false;
  for (const page of store.leaves(mapId)) if (page.count > 0) return true;
  return false;
}

function lastKey(cursor: Cursor, count: number): bigint | undefined {
  let key: bigint | undefined;
  for (let left = count; left > 0; left--) key = cursor.varLong();
  return key;
}
