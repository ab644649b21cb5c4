import { chmod, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withPrivateCopy } from '../../../src/database/drivers/private-copy.js';
import type { BootstrapError } from '../../../src/errors.js';
import { withTempFolder } from '../../support/temp-folder.js';

test('a copy is for this user alone, whatever the mode of the file, and is gone afterwards', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'T.mv.db');
    await writeFile(file, 'x');
    await chmod(file, 0o666);
    const copy = await withPrivateCopy(file, async (path) => {
      assert.equal([await modeOf(path), await modeOf(dirname(path)), basename(path)], [0o600, 0o700, 'T.mv.db']);
      return path;
    });
    assert.is(await modeOf(dirname(copy)).catch((error: NodeJS.ErrnoException) => error.code), 'ENOENT');
  }));

test('a copy that cannot be made names the file and the folder, and what to do', () =>
  withTempFolder(async (folder) => {
    const error = await withPrivateCopy(join(folder, 'none'), () => Promise.reject(new Error('not reached'))).catch(
      (thrown: BootstrapError) => thrown,
    );
    assert.is(error.code, 'FILE_UNWRITABLE');
    assert.match(error.message, /^cannot copy .*none to .* to look at it: ENOENT/);
    assert.match(error.hint, /TMPDIR/);
  }));

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}

test.run();
