import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createBackups } from '../../src/io/backup.js';
import { createFileWhole } from '../../src/io/create-file.js';
import { createRunLock } from '../../src/io/lock.js';
import { makeFolder } from '../../src/io/make-folder.js';
import { copyIntoOverlay } from '../../src/io/overlay.js';
import { mayRead } from '../../src/io/ownership.js';
import { packageRoot } from '../../src/io/package-root.js';
import { writeFileWhole } from '../../src/io/write-file.js';
import { withTempFolder } from '../support/temp-folder.js';

/** Only root can act for two users. */
const testAsRoot = process.getuid?.() === 0 ? test : test.skip;

const SERVER = { uid: 802, gid: 802 };

/** A folder of the server's user in a folder that everybody may enter. */
function withHome(use: (home: string, root: string) => Promise<void>): Promise<void> {
  return withTempFolder(async (root) => {
    const home = join(root, 'home');
    await mkdir(home);
    await chmod(root, 0o755);
    await chown(home, SERVER.uid, SERVER.gid);
    await use(home, root);
  });
}

async function ownerOf(path: string): Promise<string> {
  const { uid, gid, mode } = await stat(path);
  return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
}

const MAKERS: readonly (readonly [string, string, (home: string) => Promise<unknown>])[] = [
  ['a file', 'a', (home) => writeFileWhole(join(home, 'a'), 'x', { mode: 0o640, keep: undefined })],
  ['a file that must not be there', 'a', (home) => createFileWhole(join(home, 'a'), 'x', 0o640)],
  [
    'a folder in a folder',
    join('b', 'c', 'a'),
    async (home) => {
      await makeFolder(join(home, 'b', 'c'));
      await writeFileWhole(join(home, 'b', 'c', 'a'), 'x', { keep: undefined });
      assert.match(await ownerOf(join(home, 'b')), /^802:802 /);
      assert.match(await ownerOf(join(home, 'b', 'c')), /^802:802 /);
    },
  ],
];

for (const [what, name, make] of MAKERS) {
  testAsRoot(`${what} that root makes in a home belongs to whom the home does`, () =>
    withHome(async (home) => {
      await make(home);
      assert.is(await ownerOf(join(home, name)), '802:802 640');
    }),
  );
}

testAsRoot('the lock and what is kept of replaced files belong to whom the home does, too', () =>
  withHome(async (home) => {
    const lock = createRunLock([home], 1_000);
    await lock.hold(new AbortController().signal);
    assert.is(await ownerOf(join(home, '.km-bootstrap.lock')), '802:802 644');
    await lock.release();
    await writeFile(join(home, 'a'), 'old');
    await chmod(join(home, 'a'), 0o600);
    await chown(join(home, 'a'), SERVER.uid, 900);
    const backups = createBackups(join(home, 'kept'), new Date());
    await writeFileWhole(join(home, 'a'), 'new', { keep: backups.keepFor('a step') });
    const folder = backups.folder() ?? '';
    assert.is(await ownerOf(folder), '802:802 700');
    assert.is(await ownerOf(join(folder, '01-a-step', home, 'a')), '802:900 600');
    assert.is(await ownerOf(join(home, 'a')), '802:900 600');
  }),
);

testAsRoot('in a folder or home of root’s a file goes to the owner of the other; an overlay’s file is the home’s', () =>
  withHome(async (home, root) => {
    const overlay = join(root, 'overlay');
    await mkdir(overlay);
    await mkdir(join(home, 'roots'));
    await writeFileWhole(join(home, 'roots', 'a'), 'x', { like: home, keep: undefined });
    assert.is(await ownerOf(join(home, 'roots', 'a')), '802:802 640');
    await writeFileWhole(join(home, 'a'), 'x', { like: root, keep: undefined });
    assert.is(await ownerOf(join(home, 'a')), '802:802 640');
    await mkdir(join(home, 'conf'));
    await writeFile(join(home, 'conf', 'b'), 'x', { mode: 0o604 });
    await chown(join(home, 'conf', 'b'), SERVER.uid, SERVER.gid);
    await copyIntoOverlay({ folder: home, overlay }, join('conf', 'b'), {});
    assert.is(await ownerOf(join(overlay, 'conf', 'b')), '802:802 604');
    assert.match(await ownerOf(join(overlay, 'conf')), /^802:802 /);
  }),
);

testAsRoot('the group that was asked for comes with the owner of the home', () =>
  withHome(async (home) => {
    await writeFileWhole(join(home, 'a'), 'x', { group: 65_532, mode: 0o640, keep: undefined });
    assert.is(await ownerOf(join(home, 'a')), '802:65532 640');
  }),
);

/** Writes, as another user, in a process of its own. */
async function writeAs(user: { uid: number; gid: number; groups?: readonly number[] }, path: string, wanted = '{}') {
  const groups = user.groups ? `--groups=${user.groups.join(',')}` : '--clear-groups';
  const module = join(packageRoot(), '.build', 'src', 'io', 'write-file.js');
  const script = `import(${JSON.stringify(module)}).then((m) => m.writeFileWhole(${JSON.stringify(path)}, 'new', ${wanted})).catch((e) => { console.log(JSON.stringify({ code: e.code, message: e.message, hint: e.hint })); process.exitCode = 1; })`;
  const words = [`--reuid=${user.uid}`, `--regid=${user.gid}`, groups, process.execPath, '-e', script];
  const { stdout, stderr, exitCode } = await execa('setpriv', words, { reject: false });
  return { exitCode, stderr, error: stdout ? JSON.parse(stdout) : undefined };
}

const KEPT: readonly (readonly [string, Parameters<typeof writeAs>[0], string, number, number])[] = [
  ['its owner, who is not in its group', { uid: 802, gid: 0 }, '802:802', 0o644, 0o755],
  ['anybody whose group may write it and its folder', { uid: 4321, gid: 900 }, '802:900', 0o664, 0o775],
  ['anybody whose group may write it, but not its folder', { uid: 4321, gid: 900 }, '802:900', 0o664, 0o755],
  ['a member of its group by a further group', { uid: 4321, gid: 1, groups: [900] }, '802:900', 0o660, 0o775],
];

for (const [who, user, owner, mode, folderMode] of KEPT) {
  testAsRoot(`a file keeps its owner, group and mode when it is written by ${who}`, () =>
    withHome(async (home) => {
      const path = join(home, 'a');
      const [uid = 0, gid = 0] = owner.split(':').map(Number);
      await writeFile(path, 'old and longer');
      await chown(path, uid, gid);
      await chown(home, uid, gid);
      await chmod(path, mode);
      await chmod(home, folderMode);
      const { exitCode, stderr, error } = await writeAs(user, path);
      assert.is(exitCode, 0, `${stderr} ${error?.message}`);
      assert.is(await readFile(path, 'utf8'), 'new');
      assert.is(await ownerOf(path), `${owner} ${mode.toString(8)}`);
      assert.equal(await readdir(home), ['a']);
    }),
  );
}

testAsRoot('a file that may be neither written nor given back is refused with whose it is, and stays as it is', () =>
  withHome(async (home) => {
    const path = join(home, 'a');
    await writeFile(path, 'old', { mode: 0o644 });
    await chown(path, 802, 802);
    await chown(home, 802, 900);
    await chmod(home, 0o775);
    const { exitCode, error } = await writeAs({ uid: 4321, gid: 900 }, path);
    assert.is(exitCode, 1);
    assert.is(error.code, 'FILE_UNWRITABLE');
    assert.match(
      error.message,
      'it belongs to 802:802 with mode 0644, and this user, 4321:900, may neither write to it',
    );
    assert.match(error.hint, 'Run km-bootstrap as user 802 or as root');
    assert.is(await readFile(path, 'utf8'), 'old');
    assert.equal(await readdir(home), ['a']);
  }),
);

testAsRoot('who writes into a home through a group shares what is new with it; a mode that was asked for counts', () =>
  withHome(async (home) => {
    await chown(home, 802, 0);
    await chmod(home, 0o775);
    assert.is((await writeAs({ uid: 4321, gid: 0 }, join(home, 'a'))).exitCode, 0);
    assert.is(await ownerOf(join(home, 'a')), '4321:0 660');
    assert.is((await writeAs({ uid: 9876, gid: 0 }, join(home, 'a'))).exitCode, 0);
    assert.is((await writeAs({ uid: 4321, gid: 0 }, join(home, 'b'), '{ mode: 0o640 }')).exitCode, 0);
    assert.is(await ownerOf(join(home, 'b')), '4321:0 640');
  }),
);

testAsRoot('a group that this user is not in is refused by that name', () =>
  withHome(async (home) => {
    const { error } = await writeAs(SERVER, join(home, 'a'), '{ group: 65532 }');
    assert.is(error.code, 'FILE_UNWRITABLE');
    assert.match(error.message, 'to group 65532: this user is not in it');
    assert.equal(await readdir(home), []);
  }),
);

const READERS: readonly (readonly [string, number, number, number, boolean])[] = [
  ['its own file', 802, 0, 0o400, true],
  ['its own file without the right', 802, 802, 0o044, false],
  ['a file of its group', 0, 802, 0o640, true],
  ['a file of another group', 0, 0, 0o640, false],
  ['a file for all', 0, 0, 0o604, true],
];
for (const [what, uid, gid, mode, expected] of READERS) {
  test(`a server ${expected ? 'reads' : 'does not read'} ${what}`, () => {
    assert.is(mayRead(SERVER, { uid, gid, mode }), expected);
  });
}

test.run();
