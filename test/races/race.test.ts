import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { spread } from '../support/faults.js';
import { freeOffset } from '../support/free-offset.js';
import { withTempFolder } from '../support/temp-folder.js';
import { type RaceTrack, withRaceTrack } from './race.js';

const OFFSET = await freeOffset();
/** Short rounds: those of scripts/torture are long. */
const ROUNDS = 1;
const RUNS = 4;
/** A few of all points, always the same. */
const KILLS = 2;

test('full applies at once come to one result, and so does what is killed at any point, with the next run', () =>
  withTempFolder((folder) =>
    withRaceTrack(folder, OFFSET, async (track) => {
      for (let round = 1; round <= ROUNDS; round++) {
        const { exitCodes } = await track.race(RUNS);
        assert.ok(exitCodes.filter((code) => code === 0).length >= RUNS - 1, `${exitCodes}`);
      }
      for (const verb of ['apply', 'verify']) await killedAtAnyPoint(track, [verb, '--phase', 'online']);
    }),
  ));

async function killedAtAnyPoint({ recovers }: RaceTrack, words: readonly string[]): Promise<void> {
  const { exitCode, points } = await recovers(words);
  assert.is(exitCode, 0);
  assert.ok(points.filter((point) => /^other (?:GET|POST) /.test(point)).length > 5, points.join('\n'));
  for (const [nth, at] of spread(KILLS, points.length).entries()) {
    const { signal } = await recovers(words, { at, does: nth % 2 === 0 ? 'after' : 'before' });
    assert.is(signal, 'SIGKILL', `${at} of ${points.length} was not reached`);
  }
}

test.run();
