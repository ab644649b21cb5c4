import { link, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withPlace } from '../../src/io/held-folder.js';
import { finishOverwrites, hasOverwrites, overwriteFile } from '../../src/io/overwrite-file.js';
import { withTempFolder } from '../support/temp-folder.js';

const ID = '0123456789ab';
const [BACKUP, WANTED] = [`.a.backup-${ID}`, `.a.wanted-${ID}`];

/** A folder with the file `a`, and what a run leaves beside it that is killed while it writes. */
function withInterrupted(
  found: string,
  left: { readonly old?: string; readonly wanted?: string },
  use: (folder: string) => Promise<void>,
) {
  return withTempFolder(async (folder) => {
    await writeFile(join(folder, 'a'), found);
    if (left.old !== undefined) await writeFile(join(folder, BACKUP), left.old);
    if (left.wanted !== undefined) await writeFile(join(folder, WANTED), left.wanted);
    await use(folder);
  });
}

async function overwrite(path: string, text: string): Promise<void> {
  const known = await stat(path);
  await withPlace(path, undefined, (place) => overwriteFile(place, known, Buffer.from(text)));
}

test('a file with a second name, and one that has taken the place of another, are not written in place', () =>
  withTempFolder(async (folder) => {
    const [a, other] = [join(folder, 'a'), join(folder, 'other')];
    await writeFile(other, 'other');
    await link(other, a);
    await overwrite(a, 'x').then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, 'hard links'),
    );
    const known = await stat(other);
    await rm(a);
    await writeFile(a, 'new');
    await withPlace(a, undefined, (place) => overwriteFile(place, known, Buffer.from('x'))).then(
      () => assert.unreachable(),
      (error: Error) => assert.match(error.message, 'replaced'),
    );
    assert.equal([await readFile(a, 'utf8'), await readFile(other, 'utf8')], ['new', 'other']);
  }));

test('what is written in place is all there afterwards, and nothing stays beside it', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'a'), 'long before');
    await overwrite(join(folder, 'a'), 'after');
    assert.is(await readFile(join(folder, 'a'), 'utf8'), 'after');
    assert.equal(await readdir(folder), ['a']);
    assert.is(await hasOverwrites(folder), false);
  }));

const STATES: readonly (readonly [string, string, { old?: string; wanted?: string }, string])[] = [
  ['cut in the middle', 'NEWdef', { old: 'abcdef', wanted: 'NEWNEW' }, 'NEWNEW'],
  ['cut before it was made shorter', 'NEWdef', { old: 'abcdef', wanted: 'NEW' }, 'NEW'],
  ['cut before it was made longer', 'NEWNEW', { old: 'abc', wanted: 'NEWNEWNEW' }, 'NEWNEWNEW'],
  ['cut before the first byte', 'abcdef', { old: 'abcdef', wanted: 'NEW' }, 'abcdef'],
  ['cut after the last byte', 'NEW', { old: 'abcdef', wanted: 'NEW' }, 'NEW'],
  ['cut before anything was touched', 'abcdef', { wanted: 'NEW' }, 'abcdef'],
];
for (const [how, found, left, expected] of STATES) {
  test(`a file whose writing was ${how} is whole again, and its copy is gone`, () =>
    withInterrupted(found, left, async (folder) => {
      assert.is(await hasOverwrites(folder), true);
      await finishOverwrites(folder);
      assert.is(await readFile(join(folder, 'a'), 'utf8'), expected);
      assert.equal(await readdir(folder), ['a']);
    }));
}

test('a file that somebody has changed since is left alone, and so is the copy', () =>
  withInterrupted('by hand', { old: 'abcdef', wanted: 'NEW' }, async (folder) => {
    await finishOverwrites(folder);
    assert.is(await readFile(join(folder, 'a'), 'utf8'), 'by hand');
    assert.equal((await readdir(folder)).sort(), [BACKUP, WANTED, 'a']);
  }));

test('a link in the place of the file or of its copy is not followed', () =>
  withInterrupted('NEWdef', { wanted: 'NEWNEW' }, async (folder) => {
    await writeFile(join(folder, 'secret'), 'abcdef');
    await symlink('secret', join(folder, BACKUP));
    await finishOverwrites(folder);
    assert.is(await readFile(join(folder, 'a'), 'utf8'), 'NEWdef');
  }));

test.run();
