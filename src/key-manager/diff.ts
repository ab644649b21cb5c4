import { differences } from './compare.js';
import { buildPayload, MASK } from './payload.js';
import type { KeyManagerState } from './state.js';

/** Field by field: what a new Key Manager is created with, or `~ field old → new`. A secret is only ever `*****`. */
export function diffKeyManager({ declaration, connector, actual, secret }: KeyManagerState): readonly string[] {
  const declared = buildPayload(declaration, connector, 'masked');
  const rows = differences(declared, actual?.fields ?? {});
  const width = Math.max(...rows.map(({ field }) => field.length));
  const sign = actual ? '~' : '+';
  const lines = rows.map(
    ({ field, change }) => `${sign} ${field.padEnd(width)}  ${actual ? change : newValueOf(change)}`,
  );
  return actual && secret === 'differs' ? [...lines, `~ ${MASK} its secret, sent again`] : lines;
}

/** Of one that is not there yet only the new side is worth a word. */
function newValueOf(change: string): string {
  return change.replace(/^\(not set\) → /, '').replaceAll(/(^|, )\+ /g, '$1');
}
