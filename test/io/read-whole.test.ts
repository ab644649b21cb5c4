import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openFile, readWhole } from '../../src/io/read-whole.js';
import { withTempFolder } from '../support/temp-folder.js';

test('a file is read whole, an empty one and one behind a link, too, and one whose size is not told', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, 'a'), 'abc');
    await writeFile(join(folder, 'empty'), '');
    await symlink('a', join(folder, 'link'));
    const texts = ['a', 'empty', 'link'].map((name) => readWhole(join(folder, name)).toString());
    assert.equal(texts, ['abc', '', 'abc']);
    if (process.platform === 'linux') assert.match(readWhole('/proc/self/status').toString(), /^Pid:\t/m);
  }));

test('what is not there, a folder, a pipe, a socket and a device are refused by a code, and at once', () =>
  withTempFolder(async (folder) => {
    const [pipe, socket] = [join(folder, 'pipe'), join(folder, 'socket')];
    execFileSync('mkfifo', [pipe]);
    await symlink('pipe', join(folder, 'link'));
    await mkdir(join(folder, 'folder'));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const codes = [join(folder, 'none'), join(folder, 'folder'), pipe, join(folder, 'link'), socket, '/dev/zero'].map(
      (path) => codeOf(() => readWhole(path)),
    );
    assert.equal(codes, ['ENOENT', 'EISDIR', 'ENOTFILE', 'ENOTFILE', 'ENOTFILE', 'ENOTFILE']);
    assert.is(
      codeOf(() => openFile(pipe)),
      'ENOTFILE',
    );
    server.close();
  }));

test('more than the limit is refused, however much more, and nothing of it is kept in memory', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, 'abc');
    assert.is(readWhole(file, 3).toString(), 'abc');
    await appendFile(file, 'd');
    assert.is(
      codeOf(() => readWhole(file, 3)),
      'EFBIG',
    );
    await truncate(file, 2 ** 40);
    const before = process.memoryUsage.rss();
    assert.is(
      codeOf(() => readWhole(file)),
      'EFBIG',
    );
    assert.ok(process.memoryUsage.rss() - before < 32 * 1024 * 1024);
    if (process.platform === 'linux')
      assert.is(
        codeOf(() => readWhole('/proc/self/status', 10)),
        'EFBIG',
      );
  }));

function codeOf(use: () => unknown): string | undefined {
  try {
    use();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
  return undefined;
}

test.run();
