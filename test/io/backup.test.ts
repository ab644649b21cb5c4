import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Backups, createBackups, keepReplaced } from '../../src/io/backup.js';
import { writeFileWhole } from '../../src/io/write-file.js';
import { anyStep } from '../../src/step/step.js';
import { withBackups } from '../../src/step/with-backups.js';
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
    await backups.during('trust/is7', () => writeFileWhole(file, 'new'));
    const copy = join(folder, 'backup', '2026-11-23T140509.123Z', '01-trust-is7', file);
    assert.is(await readFile(copy, 'utf8'), 'old');
    const kept = await stat(copy);
    assert.equal([kept.mode, kept.uid, kept.gid], [before.mode, before.uid, before.gid]);
    assert.is(Math.round(kept.mtimeMs), Math.round(before.mtimeMs));
    assert.is(backups.folder(), join(folder, 'backup', '2026-11-23T140509.123Z'));
    assert.is((await stat(backups.folder() ?? '')).mode & 0o777, 0o700);
    assert.is((await stat(join(folder, 'backup'))).mode & 0o777, 0o700);
  }));

test('nothing is kept when nothing changes, when the file is new, and outside of a step', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    const backups = createBackups(join(folder, 'backup'), NOW);
    await backups.during('x', () => writeFileWhole(file, 'one'));
    await backups.during('x', () => writeFileWhole(file, 'one'));
    await writeFileWhole(file, 'two');
    await keepReplaced(file);
    assert.is(backups.folder(), undefined);
    assert.equal(await readdir(folder), ['a']);
  }));

test('each step keeps what it found; a step that writes twice keeps the first', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, '0');
    const backups = createBackups(join(folder, 'backup'), NOW);
    await backups.during('first', () => writeFileWhole(file, '1'));
    await backups.during('first', () => writeFileWhole(file, '2'));
    await backups.during('second', () => writeFileWhole(file, '3'));
    assert.equal(await keptIn(backups, file), { '01-first': '0', '02-second': '2' });
  }));

test('two runs in one millisecond do not mix', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, '0');
    const runs = [createBackups(join(folder, 'b'), NOW), createBackups(join(folder, 'b'), NOW)];
    for (const [index, run] of runs.entries()) await run.during('x', () => writeFileWhole(file, `${index + 1}`));
    const kept = await Promise.all(runs.map((run) => keptIn(run, file)));
    assert.equal(kept, [{ '01-x': '0' }, { '01-x': '1' }]);
  }));

test('of a link the file behind it is kept', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'real'), 'old');
    await symlink('real', join(folder, 'link'));
    const backups = createBackups(join(folder, 'backup'), NOW);
    await backups.during('x', () => writeFileWhole(join(folder, 'link'), 'new'));
    assert.equal(await keptIn(backups, join(folder, 'real')), { '01-x': 'old' });
  }));

test('a file that cannot be kept is not touched', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, 'old');
    await writeFile(join(folder, 'no folder'), '');
    const backups = createBackups(join(folder, 'no folder'), NOW);
    const writing = backups.during('x', () => writeFileWhole(file, 'new'));
    await assertRejects(writing, /^cannot keep .*a in .*no folder before it is replaced/);
    assert.is(await readFile(file, 'utf8'), 'old');
  }));

test('a step keeps files under its id, and only its own', () =>
  withTempFolder(async (folder) => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')];
    await writeFile(one, 'old');
    await writeFile(other, 'old');
    const backups = createBackups(join(folder, 'backup'), NOW);
    const step = anyStep({
      id: 'deployment-toml/is7',
      inspect: async () => {},
      plan: () => [],
      apply: async () => {
        await writeFileWhole(one, 'new');
      },
    });
    const { signal } = new AbortController();
    const writing = withBackups(step, backups).apply({ action: 'update', summary: '' }, signal);
    await Promise.all([writing, writeFileWhole(other, 'new')]);
    assert.equal(await keptIn(backups, one), { '01-deployment-toml-is7': 'old' });
    assert.equal(await keptIn(backups, other), {});
  }));

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
