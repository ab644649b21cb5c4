import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spread } from '../support/faults.js';
import { freeOffset } from '../support/free-offset.js';
import { withTempFolder } from '../support/temp-folder.js';
import { withRaceTrack } from './race.js';

const OFFSET = await freeOffset();
const ROUNDS = 2;
const RUNS = 4;
/** A few of all points, always the same. */
const KILLS = 3;

test('full applies at once on the same homes and servers come to one result', () =>
  withTempFolder((folder) =>
    withRaceTrack(folder, OFFSET, async ({ race }) => {
      for (let round = 1; round <= ROUNDS; round++) {
        const { exitCodes } = await race(RUNS);
        assert.ok(exitCodes.filter((code) => code === 0).length >= RUNS - 1, `${exitCodes}`);
      }
    }),
  ));

test('registering and proving, killed at any point, come to one result with the next run', () =>
  withTempFolder((folder) =>
    withRaceTrack(folder, OFFSET + 2, async ({ recovers }) => {
      for (const verb of ['apply', 'verify']) {
        const words = [verb, '--phase', 'online'];
        const { exitCode, points } = await recovers(words);
        assert.is(exitCode, 0);
        assert.ok(points.filter((point) => /^other (?:GET|POST) /.test(point)).length > 5, points.join('\n'));
        for (const [nth, at] of spread(KILLS, points.length).entries()) {
          const { signal } = await recovers(words, { at, does: nth % 2 === 0 ? 'after' : 'before' });
          assert.is(signal, 'SIGKILL', `${at} of ${points.length} was not reached`);
        }
      }
    }),
  ));

test.run();
