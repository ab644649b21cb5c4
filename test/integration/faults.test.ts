import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { type Fault, prepareTrial, recovers, spread } from '../support/faults.js';

const WORDS = ['apply', '--phase', 'offline', '--json'] as const;
/** A few of all points, which scripts/torture has all of; other ones at each run would hide a failure: they are fixed. */
const KILLS = 3;
const ERRORS = 2;

const folder = await mkdtemp(join(tmpdir(), 'km bootstrap-'));
const trial = await prepareTrial(folder, WORDS);
test.after(() => rm(folder, { recursive: true }));

test('killed at any point, the next apply ends where an undisturbed one does', async () => {
  assert.ok(trial.points.length > 50, `only ${trial.points.length} points were found`);
  for (const at of spread(KILLS, trial.points.length)) {
    const does = at % 2 === 0 ? 'before' : 'after';
    const { signal } = await recovers(trial, WORDS, { at, does });
    assert.is(signal, 'SIGKILL', `${does} ${at} was not reached`);
  }
});

test('a disk that is full or broken, and a right that is missing, are told by a code, and the next apply mends all', async () => {
  const onFiles = trial.points.filter((point) => point.startsWith('file '));
  const kinds: readonly Fault['does'][] = ['ENOSPC', 'EIO', 'EACCES'];
  const atRelease = onFiles.lastIndexOf('file rm .km-bootstrap.lock') + 1;
  assert.ok(atRelease > 0, onFiles.join('\n'));
  for (const [nth, at] of [...spread(ERRORS, onFiles.length), atRelease].entries()) {
    const does = kinds[nth % kinds.length] as Fault['does'];
    const { exitCode, stdout } = await recovers(trial, WORDS, { at, does });
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { type: string; exitCode: number };
    assert.is(last.type, 'summary');
    assert.is(last.exitCode, exitCode);
    if (at === atRelease) assert.is(exitCode, 1);
    for (const line of stdout.trim().split('\n')) {
      const { error } = JSON.parse(line) as { error?: { code: string; hint: string } };
      if (error) assert.ok(error.code in EXIT_CODE_OF && error.hint.length > 10, line);
    }
  }
});

test.run();
