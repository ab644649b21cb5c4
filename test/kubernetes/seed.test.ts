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
  seed(): Promise<{ readonly exitCode?: number; readonly stderr: string }>;
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
    const seed = () => execa('sh', [SCRIPT, join(image, 'wso2is-*')], { env: { SEED_FOLDER: volumes }, reject: false });
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

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

test.run();
