// 20 full applies at once, offline and online, on the same homes and servers: every one ends with 0, or with 75 when it was told not to
// wait, and what they leave is what one undisturbed run leaves.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRaceTrack } from '../races/race.js';

const OFFSET = 22_000;

/** @returns what held, in a sentence */
export async function tortureFull({ rounds, runs }: { rounds: number; runs: number }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'km-torture-'));
  let turnedAway = 0;
  try {
    await withRaceTrack(folder, OFFSET, async ({ race }) => {
      for (let round = 1; round <= rounds; round++) {
        const result = await race(runs).catch((error) => {
          throw new Error(`round ${round}: ${(error as Error).message}`, { cause: error });
        });
        turnedAway += result.turnedAway;
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return `${rounds} rounds of ${runs} full applies at once: one result each time; ${turnedAway} that may not wait ended with 75, the rest with 0`;
}
