import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nextPauseMs } from '../../src/watch/loop.js';

const CASES: readonly [title: string, intervalMs: number, looksDown: number, random: number, pauseMs: number][] = [
  ['the interval', 60_000, 0, 0.5, 60_000],
  ['up to a tenth less', 60_000, 0, 0, 54_000],
  ['up to a tenth more', 60_000, 0, 1, 66_000],
  ['the interval after the first look that found a server down', 60_000, 1, 0.5, 60_000],
  ['twice that after the second', 60_000, 2, 0.5, 120_000],
  ['four times after the third', 60_000, 3, 0.5, 240_000],
  ['five minutes at most', 60_000, 4, 0.5, 300_000],
  ['five minutes also after a month', 60_000, 50_000, 0.5, 300_000],
  ['an interval that is longer than that', 3_600_000, 9, 0.5, 3_600_000],
];

for (const [title, intervalMs, looksDown, random, pauseMs] of CASES) {
  test(`the pause is ${title}`, () => assert.is(nextPauseMs(intervalMs, looksDown, random), pauseMs));
}

test.run();
