import { chmod, chown, mkdir, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';

const CONF = join('repository', 'conf', 'deployment.toml');
const SECURITY = join('repository', 'resources', 'security');
const IS_ROOT = process.getuid?.() === 0;
const OWNER = IS_ROOT ? { uid: 10_001, gid: 802 } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/** What was written into the home of API Manager and overlays of IS 7: `overlay` with files.mode = 0600, `defaults` without it. */
const MODES: readonly (readonly [what: string, folder: 'apim' | 'overlay' | 'defaults', path: string, mode: number])[] =
  [
    ['a file that is replaced', 'apim', CONF, 0o604],
    ['a store that is replaced', 'apim', join(SECURITY, 'client-truststore.jks'), 0o660],
    ['a new keystore in a home', 'apim', join(SECURITY, 'km-bootstrap-tls.p12'), 0o600],
    ['a new certificate in a home', 'apim', join(SECURITY, 'km-bootstrap-tls.pem'), 0o644],
    ['a new file in an overlay', 'overlay', CONF, 0o600],
    ['a new store in an overlay', 'overlay', join(SECURITY, 'client-truststore.p12'), 0o600],
    ['a new keystore in an overlay', 'overlay', join(SECURITY, 'km-bootstrap-tls.p12'), 0o600],
    ['a new certificate in an overlay', 'overlay', join(SECURITY, 'km-bootstrap-tls.pem'), 0o644],
    ['a new store without keys', 'defaults', join(SECURITY, 'client-truststore.p12'), 0o644],
    ['a new store with a key', 'defaults', join(SECURITY, 'km-bootstrap-tls.p12'), 0o640],
  ];

test('what is written has the mode that belongs to it, what is replaced keeps its own and its owner', () =>
  withTempFolder(async (dir) => {
    await makeSandboxHomes(dir);
    const folders = {
      apim: join(dir, 'wso2am-4.5.0'),
      overlay: join(dir, 'overlay'),
      defaults: join(dir, 'defaults'),
      backup: join(dir, 'backup'),
    };
    for (const folder of [folders.overlay, folders.defaults]) await mkdir(folder);
    const replaced = MODES.slice(0, 2);
    for (const [, folder, path, mode] of replaced) {
      await chmod(join(folders[folder], path), mode);
      if (IS_ROOT) await chown(join(folders[folder], path), OWNER.uid, OWNER.gid);
    }
    const environment = {
      KMB_IS7_HOME: join(dir, 'wso2is-7.2.0'),
      KMB_APIM_HOME: folders.apim,
      KMB_FILES_BACKUP: folders.backup,
      KMB_TLS_GENERATE: 'true',
    };
    const apply = (overlay: string, more = {}) =>
      km(['apply', '--phase', 'offline'], { ...environment, KMB_IS7_OVERLAY: overlay, ...more }, dir);

    const refused = await apply(folders.overlay, { KMB_FILES_MODE: '0644' });
    assert.match(refused.stdout + refused.stderr, /KEY_EXPOSED.*files\.mode/s);
    for (const [overlay, more] of [
      [folders.overlay, { KMB_FILES_MODE: '0600' }],
      [folders.defaults, {}],
    ] as const) {
      const applied = await apply(overlay, more);
      assert.is(applied.exitCode, 0, applied.stdout + applied.stderr);
    }
    for (const [what, folder, path, mode] of MODES)
      assert.is(await modeOf(join(folders[folder], path)), octal(mode), what);
    for (const [what, folder, path, mode] of replaced) {
      const { uid, gid } = await stat(join(folders[folder], path));
      assert.equal({ uid, gid }, OWNER, what);
      const copy = (await filesIn(folders.backup)).find((file) => file.endsWith(join(folders[folder], path)));
      assert.is(await modeOf(copy ?? ''), octal(mode), `the copy of ${what}`);
    }
    assert.is(await modeOf(folders.backup), octal(0o700));
    const left = (await filesIn(dir)).filter((file) => /^\..*km-bootstrap/.test(basename(file)));
    assert.equal(left, []);
  }));

async function modeOf(file: string): Promise<string> {
  return octal((await stat(file)).mode & 0o777);
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test.run();
