import fc from 'fast-check';
import { test } from 'uvu';
import { withTempFolder } from '../../support/temp-folder.js';
import { engineOf } from './engine.js';
import { histories, live } from './histories.js';

/** A short round, always the same; `test/long/mvstore.ts` does the long one. */
const HISTORIES = 12;
const SEED = 20261128;

/** What the reader promises on files of one version of the engine, each version in a process of its own. */
export function readerCases(version: string): void {
  test('whatever was done to a database, it reads as H2’s engine answers', async () => {
    const engine = engineOf(version);
    const property = fc.asyncProperty(histories, (history) =>
      withTempFolder((folder) => live(engine, folder, history, new Map())),
    );
    await fc.assert(property, { numRuns: HISTORIES, seed: SEED });
  });
}
