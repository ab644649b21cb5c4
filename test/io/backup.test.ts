import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Backups, createBackups } from '../../src/io/backup.js';
import { writeFileWhole } from '../../src/io/write-file.js';
import { runSteps } from '../../src/step/run.js';
import { anyStep, type PlannedChange, type Step } from '../../src/step/step.js';
import { assertRejects } from '../support/assert-rejects.js';
import { withTempFolder } from '../support/temp-folder.js';

const NOW = new Date('2026-11-23T14:05:09.123Z');

test('a file that is replaced is kept with its bytes, mode and time, under the time of the run, the step and its own path', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'conf', 'a.toml');
    await mkdir(join(folder, 'conf'));
    await writeFile(file, 'old');
    await chmod(file, 0o604);
    const before = await stat(file);
    const backups = createBackups(join(folder, 'backup'), NOW);
    await writeFileWhole(file, 'new', { keep: backups.keepFor('trust/is7') });
    const copy = join(folder, 'backup', '2026-11-23T140509.123Z', '01-trust-is7', file);
    assert.is(await readFile(copy, 'utf8'), 'old');
    const kept = await stat(copy);
    assert.equal([kept.mode, kept.uid, kept.gid], [before.mode, before.uid, before.gid]);
    assert.is(Math.round(kept.mtimeMs), Math.round(before.mtimeMs));
    assert.is(backups.folder(), join(folder, 'backup', '2026-11-23T140509.123Z'));
    assert.is((await stat(backups.folder() ?? '')).mode & 0o777, 0o700);
    assert.is((await stat(join(folder, 'backup'))).mode & 0o777, 0o700);
  }));

test('nothing is kept when nothing changes, when the file is new, and where no step is to keep anything', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    const backups = createBackups(join(folder, 'backup'), NOW);
    await writeFileWhole(file, 'one', { keep: backups.keepFor('x') });
    await writeFileWhole(file, 'one', { keep: backups.keepFor('x') });
    await writeFileWhole(file, 'two', { keep: undefined });
    assert.is(backups.folder(), undefined);
    assert.equal(await readdir(folder), ['a']);
  }));

test('each step keeps what it found; a step that writes twice keeps the first', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, '0');
    const backups = createBackups(join(folder, 'backup'), NOW);
    await writeFileWhole(file, '1', { keep: backups.keepFor('first') });
    await writeFileWhole(file, '2', { keep: backups.keepFor('first') });
    await writeFileWhole(file, '3', { keep: backups.keepFor('second') });
    assert.equal(await keptIn(backups, file), { '01-first': '0', '02-second': '2' });
  }));

test('two runs in one millisecond do not mix', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, '0');
    const runs = [createBackups(join(folder, 'b'), NOW), createBackups(join(folder, 'b'), NOW)];
    for (const [index, run] of runs.entries()) await writeFileWhole(file, `${index + 1}`, { keep: run.keepFor('x') });
    const kept = await Promise.all(runs.map((run) => keptIn(run, file)));
    assert.equal(kept, [{ '01-x': '0' }, { '01-x': '1' }]);
  }));

test('of a link the file behind it is kept', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink('real', join(folder, 'link'));
    const backups = createBackups(join(folder, 'backup'), NOW);
    await writeFileWhole(join(folder, 'link'), 'new', { keep: backups.keepFor('x') });
    assert.equal(await keptIn(backups, join(folder, 'real')), { '01-x': 'old' });
  }));

test('a file that cannot be kept is not touched', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    await writeFile(join(folder, 'no folder'), '');
    const backups = createBackups(join(folder, 'no folder'), NOW);
    const writing = writeFileWhole(file, 'new', { keep: backups.keepFor('x') });
    await assertRejects(writing, /^cannot keep .*a in .*no folder before it is replaced/);
    assert.is(await readFile(file, 'utf8'), 'old');
  }));

test('a step keeps files under its id, and only its own', () =>
  withTempFolder(async (folder) => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    await writeFile(one, 'old');
    await writeFile(other, 'old');
    const backups = createBackups(join(folder, 'backup'), NOW);
    const steps = [writingStep('deployment-toml/is7', one), writingStep('trust/is7', other)];
    const { signal } = new AbortController();
    for await (const { status } of runSteps(steps, { verb: 'apply', signal, backups })) assert.is(status, 'applied');
    assert.equal(await keptIn(backups, one), { '01-deployment-toml-is7': 'old' });
    assert.equal(await keptIn(backups, other), { '02-trust-is7': 'old' });
  }));

/** Keeps true: a file holds `new`. */
function writingStep(id: string, file: string): Step {
  return anyStep<string, PlannedChange>({
    id,
    inspect: () => readFile(file, 'utf8'),
    plan: (text) => (text === 'new' ? [] : [{ action: 'update', summary: 'write it' }]),
    apply: async (_change, _signal, { keep } = {}) => {
      await writeFileWhole(file, 'new', { keep });
    },
  });
}

/** What each step kept of a file. */
async function keptIn(backups: Backups, file: string): Promise<Record<string, string>> {
  const run = backups.folder() ?? '';
  const kept: Record<string, string> = {};
  for (const step of (await readdir(run)).sort()) {
    const text = await readFile(join(run, step, file), 'utf8').catch(() => undefined);
    if (text !== undefined) kept[step] = text;
  }
  return kept;
}

test.run();
