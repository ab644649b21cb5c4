import { execFileSync, spawn } from 'node:child_process';
import { chown, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { makeFolder } from '../../src/io/make-folder.js';
import { removeFile, removeLeftovers, setMode, writeFileWhole } from '../../src/io/write-file.js';
import { withTempFolder } from '../support/temp-folder.js';

/** A home of which a stranger put links where files and folders should be, and a file outside that is not his. */
async function withTrap(use: (home: string, outside: string) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    const [home, outside] = [join(folder, 'home'), join(folder, 'outside')];
    await mkdir(join(home, 'conf'), { recursive: true });
    await mkdir(outside);
    await writeFile(join(outside, 'file'), 'theirs', { mode: 0o600 });
    await symlink(join(outside, 'file'), join(home, 'link'));
    await symlink(join(outside, 'none'), join(home, 'dangling'));
    await symlink(outside, join(home, 'folder'));
    await use(home, outside);
    assert.is(await readFile(join(outside, 'file'), 'utf8'), 'theirs');
    assert.is((await lstat(join(outside, 'file'))).mode & 0o777, 0o600);
  });
}

function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: BootstrapError) => error.code,
  );
}

const WRITERS: readonly [title: string, write: (home: string) => Promise<unknown>][] = [
  ['a link to a file', (home) => writeFileWhole(join(home, 'link'), 'ours', { keep: undefined, within: [home] })],
  ['a link, by whom no folder was named', (home) => writeFileWhole(join(home, 'link'), 'ours', { keep: undefined })],
  [
    'a folder that is a link',
    (home) => writeFileWhole(join(home, 'folder', 'file'), 'ours', { keep: undefined, within: [home] }),
  ],
  ['dots', (home) => writeFileWhole(join(home, '..', 'outside', 'file'), 'ours', { keep: undefined, within: [home] })],
  ['a new folder', (home) => makeFolder(join(home, 'folder', 'a', 'b'), { within: [home] })],
  ['a mode', (home) => setMode(join(home, 'link'), 0o777, [home])],
  ['a removal', (home) => removeFile(join(home, 'folder', 'file'), [home])],
];

for (const [title, write] of WRITERS)
  test(`what leads out of the home is refused, and nothing is touched there: ${title}`, () =>
    withTrap(async (home) => assert.is(await codeOf(write(home)), 'FILE_OUTSIDE')));

test('a link to nothing is not written through', () =>
  withTrap(async (home, outside) => {
    assert.is(
      await codeOf(writeFileWhole(join(home, 'dangling'), 'x', { keep: undefined, within: [home] })),
      'FILE_UNWRITABLE',
    );
    assert.is(await codeOf(readFile(join(outside, 'none'))), 'ENOENT');
  }));

test('a folder that was named may be led to', () =>
  withTempFolder(async (folder) => {
    await mkdir(join(folder, 'home'));
    await mkdir(join(folder, 'etc'));
    await writeFile(join(folder, 'etc', 'a'), 'before');
    await symlink(join(folder, 'etc', 'a'), join(folder, 'home', 'a'));
    const within = [join(folder, 'home'), join(folder, 'etc')];
    assert.is(await writeFileWhole(join(folder, 'home', 'a'), 'after', { keep: undefined, within }), true);
    assert.is(await readFile(join(folder, 'etc', 'a'), 'utf8'), 'after');
  }));

test('leftovers are removed by themselves: what they link to, and folders of their name, stay', () =>
  withTrap(async (home, outside) => {
    const [link, folder] = ['0123456789ab', 'ba9876543210'].map((id) => join(home, `.a.${id}.km-bootstrap`));
    await symlink(join(outside, 'file'), link ?? '');
    await mkdir(join(folder ?? '', 'x'), { recursive: true });
    await removeLeftovers(join(home, 'a'), [home]);
    assert.is(await codeOf(lstat(link ?? '')), 'ENOENT');
    assert.ok((await lstat(join(folder ?? '', 'x'))).isDirectory());
  }));

const NOBODY = 65_534;
const ROUNDS = 200;

/** As another user, for as long as it is let: swaps the folder and the temporary files in it for links to a file of root's. */
const RACER = `
const { readdirSync, renameSync, rmSync, symlinkSync, mkdirSync } = require('node:fs');
const [home, victim] = process.argv.slice(1);
const tried = (work) => { try { work(); } catch {} };
process.stdout.write('ready');
for (;;) {
  for (const name of readdirSync(home)) if (name.endsWith('.km-bootstrap')) {
    tried(() => rmSync(home + '/' + name));
    tried(() => symlinkSync(victim, home + '/' + name));
  }
  tried(() => rmSync(home + '/store.p12'));
  tried(() => symlinkSync(victim, home + '/store.p12'));
  tried(() => rmSync(home + '/store.p12'));
}`;

if (process.getuid?.() === 0) {
  test(`root writes ${ROUNDS} times beside an owner who races it, and nothing of root's is touched or given away`, () =>
    withTempFolder(async (folder) => {
      const [home, victim] = [join(folder, 'home'), join(folder, 'victim')];
      await writeFile(victim, 'of root', { mode: 0o600 });
      await mkdir(home);
      await chown(home, NOBODY, NOBODY);
      execFileSync('chmod', ['755', folder]);
      const racer = spawn(process.execPath, ['-e', RACER, home, victim], { uid: NOBODY, gid: NOBODY, stdio: 'pipe' });
      await new Promise((resolve) => racer.stdout.once('data', resolve));
      const ends = new Map<string, number>();
      try {
        for (let round = 0; round < ROUNDS; round += 1) {
          const options = { keep: undefined, within: [home], mode: 0o640 };
          const work = writeFileWhole(join(home, 'store.p12'), `round ${round}`, options);
          const code = (await codeOf(work)) ?? 'written';
          ends.set(code, (ends.get(code) ?? 0) + 1);
          await removeLeftovers(join(home, 'store.p12'), [home]);
        }
      } finally {
        racer.kill('SIGKILL');
      }
      const { uid, mode } = await lstat(victim);
      assert.equal([uid, mode & 0o7777, await readFile(victim, 'utf8')], [0, 0o600, 'of root']);
      process.stdout.write(`     ${ROUNDS} rounds: ${JSON.stringify(Object.fromEntries(ends))}\n`);
      assert.equal(
        [...ends.keys()].filter((end) => !['written', 'FILE_OUTSIDE', 'FILE_UNWRITABLE'].includes(end)),
        [],
      );
    }));
} else {
  test('skipped: a race between root and the owner of a home, which takes root', () => {
    process.stdout.write('skipped: a race between root and the owner of a home, which takes root\n');
  });
}

test.run();
