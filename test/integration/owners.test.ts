import { chown, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

/** Those of the official images. */
const USERS = { is7: 802, apim: 10_001 };
const TLS = join('repository', 'resources', 'security', 'km-bootstrap-tls.p12');
const testAsRoot = process.getuid?.() === 0 ? test : test.skip;

testAsRoot(
  'what root writes into homes of other users is theirs, and what it wrote before for itself is given to them',
  () =>
    withTempFolder(async (folder) => {
      const homes = { is7: join(folder, 'wso2is-7.2.0'), apim: join(folder, 'wso2am-4.5.0') };
      const run = async (command: string, expected: number, ...words: string[]) => {
        const given = ['--is7-home', homes.is7, '--apim-home', homes.apim];
        const { exitCode, stdout, stderr } = await km([command, ...words, ...given], { KMB_TLS_GENERATE: 'true' });
        assert.is(exitCode, expected, stdout + stderr);
        return stdout;
      };
      assert.is((await km(['sandbox', '--create-only', '--dir', folder])).exitCode, 0);
      for (const [server, uid] of Object.entries(USERS)) await giveAll(homes[server as 'is7' | 'apim'], uid);

      await run('apply', 0, '--phase', 'offline');
      assert.equal(await ownersIn(homes.is7), ['802:802']);
      assert.equal(await ownersIn(homes.apim), ['10001:10001']);

      // As the versions before this one left it, which the server cannot read.
      await chown(join(homes.is7, TLS), 0, 0);
      assert.match(await run('verify', 2, '--phase', 'offline'), `give ${join(homes.is7, TLS)} to 802:802`);
      await run('doctor', 1);
      await run('apply', 0, '--phase', 'offline');
      assert.equal(await ownersIn(homes.is7), ['802:802']);
      await run('verify', 0, '--phase', 'offline');
      await run('doctor', 0);
    }),
);

async function giveAll(folder: string, uid: number): Promise<void> {
  for (const path of [folder, ...(await pathsIn(folder))]) await chown(path, uid, uid);
}

async function ownersIn(folder: string): Promise<readonly string[]> {
  const all = await Promise.all((await pathsIn(folder)).map((path) => lstat(path)));
  return [...new Set(all.map(({ uid, gid }) => `${uid}:${gid}`))];
}

async function pathsIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder, { recursive: true })).map((path) => join(folder, path));
}

test.run();
