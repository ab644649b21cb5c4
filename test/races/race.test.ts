import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withTempFolder } from '../support/temp-folder.js';
import { withRaceTrack } from './race.js';

const OFFSET = 31_000 + ((process.pid * 4) % 4_000);
const ROUNDS = 2;
const RUNS = 4;

test('full applies at once on the same homes and servers come to one result', () =>
  withTempFolder((folder) =>
    withRaceTrack(folder, OFFSET, async ({ race }) => {
      for (let round = 1; round <= ROUNDS; round++) {
        const { exitCodes } = await race(RUNS);
        assert.ok(exitCodes.filter((code) => code === 0).length >= RUNS - 1, `${exitCodes}`);
      }
    }),
  ));

test.run();
