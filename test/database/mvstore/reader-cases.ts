import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withTempFolder } from '../../support/temp-folder.js';
import { engineOf } from './engine.js';
import { histories, live } from './histories.js';
import { lookWhileItIsWritten } from './live-looks.js';

/** A short round, always the same; `test/long/mvstore.ts` does the long one. */
const HISTORIES = 8;
const SEED = 20261128;
const LOOKS = 100;

/** What the reader promises on files of one version of the engine, each version in a process of its own. */
export function readerCases(version: string): void {
  test('whatever was done to a database, it reads as H2’s engine answers', async () => {
    const engine = engineOf(version);
    const property = fc.asyncProperty(histories, (history) =>
      withTempFolder((folder) => live(engine, folder, history, new Map())),
    );
    await fc.assert(property, { numRuns: HISTORIES, seed: SEED });
  });

  test('a look at a file that an engine writes, compacts and closes meanwhile gives what was true then', () =>
    withTempFolder(async (folder) => {
      const { looks, changing, states } = await lookWhileItIsWritten(version, folder, LOOKS);
      assert.ok(looks > changing && states > 1, `${looks} looks, ${changing} in vain, ${states} states`);
    }));
}
