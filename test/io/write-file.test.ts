import { chmod, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { removeLeftovers, writeFileWhole } from '../../src/io/write-file.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

test('equal bytes are not written again: inode and ctime stay', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'a'), 'x');
    const before = await snapshot(folder);
    assert.is(await writeFileWhole(join(folder, 'a'), 'x', { keep: undefined }), false);
    assert.equal(await snapshot(folder), before);
  }));

test('a replaced file keeps its mode, and no temporary file stays behind', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'a'), 'x');
    await chmod(join(folder, 'a'), 0o604);
    assert.is(await writeFileWhole(join(folder, 'a'), 'y', { keep: undefined }), true);
    assert.is((await stat(join(folder, 'a'))).mode & 0o777, 0o604);
    assert.equal(await readdir(folder), ['a']);
  }));

test('a new file gets the mode that was asked for', () =>
  withTempFolder(async (folder) => {
    await writeFileWhole(join(folder, 'a'), 'y', { mode: 0o600, keep: undefined });
    assert.is((await stat(join(folder, 'a'))).mode & 0o777, 0o600);
  }));

test('a symbolic link stays a link and its target is replaced', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'real'), 'x');
    await symlink('real', join(folder, 'link'));
    await writeFileWhole(join(folder, 'link'), 'y', { keep: undefined });
    assert.is(await readFile(join(folder, 'real'), 'utf8'), 'y');
    assert.is((await readdir(folder)).length, 2);
  }));

test('a folder that is not there is a clear error with a code', () =>
  withTempFolder(async (folder) => {
    try {
      await writeFileWhole(join(folder, 'none', 'a'), 'y', { keep: undefined });
      assert.unreachable();
    } catch (error) {
      assert.is((error as { code?: string }).code, 'FILE_UNWRITABLE');
    }
  }));

test('what a killed run left beside a file is removed, and nothing else', () =>
  withTempFolder(async (folder) => {
    const path = join(folder, 'store.jks');
    const kept = ['store.jks', '.store.jks.backup', '.store.jks.old', '.other.jks.0123456789ab.km-bootstrap'];
    for (const name of [...kept, '.store.jks.0123456789ab.km-bootstrap']) await writeFile(join(folder, name), 'text');
    await removeLeftovers(path);
    assert.equal((await readdir(folder)).sort(), kept.sort());
  }));

test.run();
