import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mountOf } from '../../src/io/mounts.js';
import { mayMount } from '../support/may-mount.js';
import { withTempFolder } from '../support/temp-folder.js';

const WRITE_FILE = fileURLToPath(new URL('../../src/io/write-file.js', import.meta.url));

/** Writes `after` to the file FILE and says what came of it, in the mount namespace of the shell that runs it. */
const WRITE = `
import { writeFileWhole } from ${JSON.stringify(WRITE_FILE)};
try {
  console.log(await writeFileWhole(process.env.FILE, 'after, and longer', {}));
  console.log(await writeFileWhole(process.env.FILE, 'after', {}));
} catch ({ code, message, hint }) { console.log(code, message, '→', hint); }
`;

/** Mounts as the commands say, in a namespace of their own, and writes. \`$1\` is a folder that holds \`inside/file\` and \`outside\`. */
async function writeAmongMounts(folder: string, mounts: string): Promise<string> {
  await mkdir(join(folder, 'inside'));
  await writeFile(join(folder, 'inside', 'file'), 'hidden');
  await writeFile(join(folder, 'outside'), 'before');
  const { stdout } = await execa(
    'unshare',
    ['--mount', 'sh', '-ec', `${mounts}\nnode --input-type=module -e "$2"`, 'sh', folder, WRITE],
    { env: { FILE: join(folder, 'inside', 'file') } },
  );
  return stdout;
}

const BIND_FILE = 'mount --bind "$1/outside" "$1/inside/file"';
const CLOSE_FOLDER = 'mount --bind "$1/inside" "$1/inside"; mount -o remount,bind,ro "$1/inside"';

if (mayMount()) {
  test('a file that is mounted by itself is written in place, and no copy stays', () =>
    withTempFolder(async (folder) => {
      assert.is(await writeAmongMounts(folder, BIND_FILE), 'true\ntrue');
      assert.is(await readFile(join(folder, 'outside'), 'utf8'), 'after');
      assert.is(await readFile(join(folder, 'inside', 'file'), 'utf8'), 'hidden');
      assert.equal(await readdir(join(folder, 'inside')), ['file']);
    }));

  test('so is one in a read-only folder', () =>
    withTempFolder(async (folder) => {
      assert.is(await writeAmongMounts(folder, `${CLOSE_FOLDER}; ${BIND_FILE}`), 'true\ntrue');
      assert.is(await readFile(join(folder, 'outside'), 'utf8'), 'after');
    }));

  test('a read-only mount of a file is named', () =>
    withTempFolder(async (folder) => {
      const said = await writeAmongMounts(folder, `${BIND_FILE}; mount -o remount,bind,ro "$1/inside/file"`);
      const file = join(folder, 'inside', 'file');
      assert.match(
        said,
        `FILE_UNWRITABLE cannot write ${file}: the mount ${file} is read-only → Mount it writable, or set is7.overlay`,
      );
      assert.is(await readFile(join(folder, 'outside'), 'utf8'), 'before');
    }));

  test('a read-only mount of a folder is named, blanks in its path and all', () =>
    withTempFolder(async (folder) => {
      const said = await writeAmongMounts(folder, CLOSE_FOLDER);
      assert.match(said, `inside/file: the mount ${join(folder, 'inside')} is read-only`);
    }));

  test('a full volume puts back what the file held', () =>
    withTempFolder(async (folder) => {
      const small = `mkdir "$1/small"; mount -t tmpfs -o size=8k tmpfs "$1/small"; cp "$1/outside" "$1/small/file"
        mount --bind "$1/small/file" "$1/inside/file"; head -c 4096 /dev/zero > "$1/small/rest"`;
      const said = await writeAmongMounts(
        folder,
        `${small} || true
        node --input-type=module -e "$(printf %s "$2" | sed "s/'after, and longer'/'x'.repeat(9000)/")"; cat "$FILE"`,
      );
      assert.match(said, /^FILE_UNWRITABLE cannot write .*ENOSPC.*\nbeforetrue\ntrue$/s);
    }));
} else {
  test('skipped: single-file mounts, which take the right to mount', () => {
    process.stdout.write(
      'skipped: single-file and read-only mounts, which take the right to mount (unshare --mount)\n',
    );
    assert.not.ok(process.env['CI'], 'nothing may be skipped in CI');
  });
}

test('the mount of a path that is not there is that of the nearest folder', async () => {
  const mount = await mountOf('/proc/none/at/all');
  if (process.platform === 'linux') assert.is(mount?.point, '/proc');
  else assert.is(mount, undefined);
});

test.run();
