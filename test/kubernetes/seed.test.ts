import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

const SCRIPT = join(packageRoot(), 'kubernetes', 'seed', 'seed.sh');
const CONF = join('repository', 'conf', 'deployment.toml');
const DATABASE = join('repository', 'database', 'WSO2IDENTITY_DB.mv.db');

interface Given {
  /** The folder of the image that holds the home. */
  readonly image: string;
  readonly home: string;
  readonly volumes: string;
  /** @param given in place of the pattern; further variables */
  seed(given?: {
    readonly home?: string;
    readonly env?: Record<string, string>;
  }): Promise<{ readonly exitCode?: number; readonly stderr: string }>;
}

/** A home as in an image, and empty volumes. */
function withImage(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (image) => {
    const [home, volumes] = [join(image, 'wso2is-7.2.0'), join(image, 'volumes')];
    await put(join(home, CONF), '[server]\nhostname = "localhost"\n');
    await put(join(home, DATABASE), 'rows');
    await put(join(home, 'repository', 'resources', 'security', 'wso2carbon.p12'), 'keys');
    await put(join(home, 'repository', 'components', 'plugins', 'h2-engine_2.2.224.wso2v2.jar'), 'h2');
    await put(join(home, 'repository', 'components', 'plugins', 'other.jar'), 'other');
    for (const name of ['home', 'overlay', 'database']) await mkdir(join(volumes, name), { recursive: true });
    const seed: Given['seed'] = ({ home: named = join(image, 'wso2is-*'), env } = {}) =>
      execa('sh', [SCRIPT, named], { env: { SEED_FOLDER: volumes, ...env }, reject: false });
    await use({ image, home, volumes, seed });
  });
}

test('what prepare reads is copied, for the user alone and its group, and again when it is run again', () =>
  withImage(async ({ home, volumes, seed }) => {
    const first = await seed();
    assert.is(first.exitCode, 0, first.stderr);
    const copied = join(volumes, 'home');
    assert.equal((await readdir(copied)).sort(), ['bin', 'repository']);
    assert.equal(await readdir(join(copied, 'repository', 'components', 'plugins')), ['h2-engine_2.2.224.wso2v2.jar']);
    assert.equal(await readdir(join(copied, 'repository', 'database')), []);
    assert.is((await stat(join(copied, CONF))).mode & 0o777, 0o640);
    assert.is((await stat(join(copied, 'repository'))).mode & 0o777, 0o750);
    const before = await snapshot(copied);
    await put(join(copied, 'repository', 'conf', 'stray'), '');
    assert.is((await seed()).exitCode, 0);
    assert.equal(Object.keys(await snapshot(copied)), Object.keys(before));
    await put(join(home, CONF), '[server]\nhostname = "new"\n');
    await seed();
    assert.match(await readFile(join(copied, CONF), 'utf8'), 'new');
  }));

test('the version is in the name of the home when the image has no version.txt, and that file is kept when it has', () =>
  withImage(async ({ home, volumes, seed }) => {
    const file = join(volumes, 'home', 'bin', 'version.txt');
    await seed();
    assert.is(await readFile(file, 'utf8'), 'wso2is-7.2.0\n');
    await put(join(home, 'bin', 'version.txt'), 'WSO2 Identity Server v7.2.0\n');
    await seed();
    assert.match(await readFile(file, 'utf8'), 'WSO2 Identity Server');
  }));

test('the config volume lies over the home, as when the server starts, also as links into a ConfigMap', () =>
  withImage(async ({ image, volumes, seed }) => {
    const config = join(image, 'wso2-config-volume');
    await put(join(config, '..data', CONF), '[server]\nhostname = "mine"\n');
    await symlink(join('..data', 'repository'), join(config, 'repository'));
    assert.is((await seed()).exitCode, 0);
    assert.is(await readFile(join(volumes, 'home', CONF), 'utf8'), '[server]\nhostname = "mine"\n');
  }));

test('each start begins with an empty overlay, hidden files included', () =>
  withImage(async ({ volumes, seed }) => {
    await put(join(volumes, 'overlay', CONF), 'of the old image');
    await put(join(volumes, 'overlay', '.km-bootstrap.lock'), 'of a run that was killed');
    assert.is((await seed()).exitCode, 0);
    assert.equal(await readdir(join(volumes, 'overlay')), []);
  }));

test('a database is copied once, never over one that is there, and not at all without its volume', () =>
  withImage(async ({ home, volumes, seed }) => {
    const database = join(volumes, 'database', 'WSO2IDENTITY_DB.mv.db');
    await put(join(volumes, 'database', '.new'), 'a copy that was cut short');
    await seed();
    assert.is(await readFile(database, 'utf8'), 'rows');
    assert.equal(await readdir(join(volumes, 'database')), ['WSO2IDENTITY_DB.mv.db']);
    await put(join(home, DATABASE), 'those of another image');
    await writeFile(database, 'rows of a year');
    await seed();
    assert.is(await readFile(database, 'utf8'), 'rows of a year');
    await rm(join(volumes, 'database'), { recursive: true });
    assert.is((await seed()).exitCode, 0);
    assert.equal((await readdir(volumes)).sort(), ['home', 'overlay']);
  }));

test('no home, and two homes, are refused before anything is touched', () =>
  withImage(async ({ image, home, volumes, seed }) => {
    await put(join(volumes, 'overlay', 'kept'), '');
    await put(join(image, 'wso2is-7.1.0', CONF), '');
    const two = await seed();
    await rm(home, { recursive: true });
    await rm(join(image, 'wso2is-7.1.0'), { recursive: true });
    const none = await seed();
    for (const { exitCode, stderr } of [two, none]) {
      assert.is(exitCode, 78);
      assert.match(stderr, 'is not the one home of a server');
    }
    assert.equal(await readdir(join(volumes, 'overlay')), ['kept']);
  }));

test('another version than the one that is named is refused, with what the image has', () =>
  withImage(async ({ image, home, volumes, seed }) => {
    assert.is((await seed({ home })).exitCode, 0);
    await put(join(volumes, 'overlay', 'kept'), '');
    const { exitCode, stderr } = await seed({ home: join(image, 'wso2is-7.3.0') });
    assert.is(exitCode, 78);
    assert.match(stderr, `wso2is-7.3.0 is not the one home of a server in this image, which has ${home}`);
    assert.match(stderr, 'where this pod mounts the database');
    assert.equal(await readdir(join(volumes, 'overlay')), ['kept']);
  }));

/** Lines of /proc/self/mountinfo, after the home; whether the seed goes on. */
const MOUNTED: readonly (readonly [below: string, exitCode: number])[] = [
  ['repository/database', 0],
  ['repository/tenants', 0],
  ['repository/resources/security/client-truststore.p12', 78],
  ['repository/resources/security', 78],
  ['repository/conf/deployment.toml', 78],
];

for (const [below, expected] of MOUNTED) {
  test(`${below} mounted on the home itself is ${expected === 0 ? 'left as it is' : 'refused: nothing could be laid over it'}`, () =>
    withImage(async ({ home, volumes, seed }) => {
      const mounts = join(volumes, 'mountinfo');
      await writeFile(
        mounts,
        `36 35 98:0 /x / rw - ext4 /dev/root rw\n37 35 98:0 /x ${join(home, below).replaceAll(' ', '\\040')} ro - ext4 /dev/root rw\n`,
      );
      const { exitCode, stderr } = await seed({ env: { SEED_MOUNTS: mounts } });
      assert.is(exitCode, expected, stderr);
      if (expected !== 0) assert.match(stderr, /is mounted on the home itself.*wso2-config-volume, at the same path/);
    }));
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

test.run();
