import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { parse } from 'smol-toml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

const SCRIPT = join(packageRoot(), 'compose', 'seed.sh');
const CONF = join('repository', 'conf', 'deployment.toml');
const DATABASE = join('repository', 'database', 'WSO2IDENTITY_DB.mv.db');
const DEPLOYMENT_TOML = `[server]
hostname = "localhost"

[database.identity_db]
type = "h2"
url = "jdbc:h2:./repository/database/WSO2IDENTITY_DB"

[database.shared_db]
type = "h2"
`;

interface Given {
  readonly home: string;
  readonly volumes: string;
  seed(environment?: Readonly<Record<string, string>>): Promise<void>;
}

/** A home as in an image, and the empty volumes. The seed gives files to who runs this test. */
function withImage(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const [home, volumes] = [join(folder, 'wso2is-7.2.0'), join(folder, 'seed')];
    await put(join(home, CONF), DEPLOYMENT_TOML);
    await put(join(home, 'bin', 'version.txt'), 'WSO2 Identity Server v7.2.0\n');
    await put(join(home, 'bin', 'wso2server.sh'), '#!/bin/sh\n');
    await put(join(home, 'repository', 'resources', 'security', 'wso2carbon.p12'), 'keys');
    await put(join(home, 'repository', 'components', 'plugins', 'h2-engine_2.2.224.wso2v2.jar'), 'h2');
    await put(join(home, 'repository', 'components', 'plugins', 'other.jar'), 'other');
    await put(join(home, DATABASE), 'rows');
    await put(join(home, 'dbscripts', 'identity', 'postgresql.sql'), 'CREATE TABLE A;');
    for (const name of ['home', 'overlay', 'database']) await mkdir(join(volumes, name), { recursive: true });
    const [user, group] = [process.getuid?.(), process.getgid?.()].map(String);
    const given = { SEED_USER: user ?? '', SEED_GROUP: group ?? '' };
    const seed = async (environment = {}) =>
      void (await execa('sh', [SCRIPT, home, volumes], { env: { ...given, ...environment } }));
    await use({ home, volumes, seed });
  });
}

test('what prepare reads is copied, readable for the group alone, and again when it is run again', () =>
  withImage(async ({ home, volumes, seed }) => {
    await seed();
    const copied = join(volumes, 'home');
    assert.equal((await readdir(copied)).sort(), ['bin', 'repository']);
    assert.equal(await readdir(join(copied, 'bin')), ['version.txt']);
    assert.equal(await readdir(join(copied, 'repository', 'components', 'plugins')), ['h2-engine_2.2.224.wso2v2.jar']);
    assert.equal(await readdir(join(copied, 'repository', 'database')), []);
    assert.is((await stat(join(copied, CONF))).mode & 0o777, 0o640);
    assert.is((await stat(join(copied, 'repository'))).mode & 0o777, 0o750);
    assert.is((await stat(join(volumes, 'overlay'))).mode & 0o777, 0o770);

    await put(join(home, CONF), '[server]\nhostname = "new"\n');
    await put(join(copied, 'repository', 'conf', 'stray'), '');
    await seed();
    assert.match(await readFile(join(copied, CONF), 'utf8'), 'new');
    assert.equal(await readdir(join(copied, 'repository', 'conf')), ['deployment.toml']);
  }));

test('a database that is there is never touched, and one that was cut short is copied whole', () =>
  withImage(async ({ volumes, seed }) => {
    const copy = join(volumes, 'database', 'WSO2IDENTITY_DB.mv.db');
    await put(join(volumes, 'database', '.new'), 'ro');
    await put(join(volumes, 'home', '.new', 'bin', 'half'), '');
    await seed();
    assert.is(await readFile(copy, 'utf8'), 'rows');
    assert.is((await stat(copy)).mode & 0o777, 0o660);
    assert.equal(await readdir(join(volumes, 'database')), ['WSO2IDENTITY_DB.mv.db']);

    await writeFile(copy, 'rows that people need');
    const before = await snapshot(join(volumes, 'database'));
    await seed();
    assert.is(await readFile(copy, 'utf8'), 'rows that people need');
    assert.equal(Object.keys(await snapshot(join(volumes, 'database'))), Object.keys(before));
  }));

test('run again, it leaves alone what is as it was: others may have it open, or databases mounted in it', () =>
  withImage(async ({ home, volumes, seed }) => {
    await seed();
    const copied = join(volumes, 'home');
    const numbers = async () =>
      Promise.all(
        ['repository', 'repository/database', 'repository/conf', 'bin'].map(
          async (path) => (await stat(join(copied, path))).ino,
        ),
      );
    const before = await numbers();
    await seed();
    assert.equal(await numbers(), before);
    await put(join(home, CONF), '[server]\nhostname = "new"\n');
    await seed();
    const [repository, database, conf, bin] = await numbers();
    assert.equal([repository, database, bin], [before[0], before[1], before[3]]);
    assert.is.not(conf, before[2]);
    assert.equal((await readdir(join(copied, 'repository'))).sort(), ['components', 'conf', 'database', 'resources']);
  }));

test('a database that has other modes than it needs gets them, and keeps its rows', () =>
  withImage(async ({ volumes, seed }) => {
    const copy = join(volumes, 'database', 'WSO2IDENTITY_DB.mv.db');
    await put(copy, 'rows that people need');
    await chmod(join(volumes, 'database'), 0o755);
    await seed();
    assert.is((await stat(copy)).mode & 0o777, 0o660);
    assert.is((await stat(join(volumes, 'database'))).mode & 0o777, 0o770);
    assert.is(await readFile(copy, 'utf8'), 'rows that people need');
  }));

test('a version that is not the image’s is refused, and both are named', () =>
  withImage(async ({ home, volumes }) => {
    const asked = home.replace('7.2.0', '7.1.0');
    const { exitCode, stderr } = await execa('sh', [SCRIPT, asked, volumes], { reject: false });
    assert.is(exitCode, 78);
    assert.match(stderr, `no ${asked}, but ${home}`);
    assert.match(stderr, 'IS7_IMAGE and IS7_VERSION');
    assert.equal(await readdir(join(volumes, 'home')), []);
  }));

test('the config volume counts, as it does when the server starts', () =>
  withImage(async ({ home, volumes, seed }) => {
    await put(join(home, '..', 'wso2-config-volume', CONF), '[server]\nhostname = "mine"\n');
    await seed();
    assert.match(await readFile(join(volumes, 'home', CONF), 'utf8'), 'mine');
    assert.ok(await stat(join(volumes, 'home', 'repository', 'resources', 'security', 'wso2carbon.p12')));
  }));

for (const engine of ['postgresql', 'mysql']) {
  test(`the table of the identity database is replaced by that of ${engine}, and nothing else is`, () =>
    withImage(async ({ home, volumes, seed }) => {
      const table = await readFile(join(packageRoot(), 'compose', 'databases', `${engine}.toml`), 'utf8');
      await put(join(volumes, 'identity-db.toml'), table);
      await seed();
      const { server, database } = await tablesOf(join(volumes, 'home', CONF));
      assert.equal(server, { hostname: 'localhost' });
      const { database: wanted } = await tablesOf(join(volumes, 'identity-db.toml'));
      assert.equal(database, { ...wanted, shared_db: { type: 'h2' } });

      await put(join(home, CONF), '[server]\n');
      await seed();
      assert.equal(await tablesOf(join(volumes, 'home', CONF)), { server: {}, database: wanted });
    }));
}

test('scripts and drivers go to their volumes when these are mounted', () =>
  withImage(async ({ volumes, seed }) => {
    await mkdir(join(volumes, 'sql'));
    await put(join(volumes, 'lib', 'postgresql-42.jar'), 'driver');
    await seed({ IDENTITY_DB: 'postgresql' });
    assert.equal(await readdir(join(volumes, 'sql')), ['1-identity.sql']);
    const library = join(volumes, 'overlay', 'repository', 'components', 'lib', 'postgresql-42.jar');
    assert.is(await readFile(library, 'utf8'), 'driver');
  }));

/** Plain objects, as they compare. */
async function tablesOf(file: string): Promise<Record<string, object>> {
  return JSON.parse(JSON.stringify(parse(await readFile(file, 'utf8'))));
}

async function put(file: string, content: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  await rm(file, { force: true });
  await writeFile(file, content);
  await chmod(file, 0o644);
}

test.run();
