import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';

const run = promisify(execFile);
const DEPLOYMENT_TOML = join('repository', 'conf', 'deployment.toml');
const FILES = ['--phase', 'offline', '--only', 'deployment-toml/*', '--only', 'trust/*'];

interface Given {
  readonly is7: string;
  readonly apim: string;
  readonly is7Overlay: string;
  readonly apimOverlay: string;
  readonly homes: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Two homes that nobody may write to, and an empty overlay over each. */
function withOverlays(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    await makeSandboxHomes(folder);
    const [apim = '', is7 = ''] = (await readdir(folder)).sort().map((name) => join(folder, name));
    const [is7Overlay, apimOverlay] = [join(folder, 'is7-overlay'), join(folder, 'apim-overlay')];
    for (const overlay of [is7Overlay, apimOverlay]) await mkdir(overlay);
    const environment = { KMB_IS7_OVERLAY: is7Overlay, KMB_APIM_OVERLAY: apimOverlay };
    await use({ is7, apim, is7Overlay, apimOverlay, homes: ['--is7-home', is7, '--apim-home', apim], environment });
  });
}

test('with overlays the homes are not touched, and what the entrypoint copies over them is all that was wanted', () =>
  withOverlays(async ({ is7, apim, is7Overlay, apimOverlay, homes, environment }) => {
    const mapped = join(is7, 'repository', 'conf', '..data');
    await mkdir(mapped);
    await rename(join(is7, DEPLOYMENT_TOML), join(mapped, 'deployment.toml'));
    await symlink(join('..data', 'deployment.toml'), join(is7, DEPLOYMENT_TOML));
    await chmod(join(mapped, 'deployment.toml'), 0o604);
    const [is7Before, apimBefore] = [await snapshot(is7), await snapshot(apim)];

    const applied = await km(['apply', ...homes, ...FILES], environment);
    assert.is(applied.exitCode, 0, applied.stdout + applied.stderr);
    assert.equal(await snapshot(is7), is7Before);
    assert.equal(await snapshot(apim), apimBefore);
    assert.is((await stat(join(is7Overlay, DEPLOYMENT_TOML))).mode & 0o777, 0o604);
    assert.is((await stat(join(is7Overlay, 'repository', 'conf'))).mode & 0o755, 0o755);
    assert.equal((await readdir(is7Overlay)).sort(), ['repository']);

    const again = await km(['apply', ...homes, ...FILES], environment);
    assert.match(again.stdout, 'Nothing changed');
    for (const [overlay, home] of [
      [is7Overlay, is7],
      [apimOverlay, apim],
    ] as const)
      await run('cp', ['-RL', `${overlay}/.`, home]);
    const copied = await km(['verify', ...homes, ...FILES]);
    assert.is(copied.exitCode, 0, copied.stdout + copied.stderr);
  }));

test('files.mode and files.group decide on new files, and what is in the overlay is read before the home', () =>
  withOverlays(async ({ is7, is7Overlay, homes, environment }) => {
    await writeFile(join(is7, DEPLOYMENT_TOML), 'this = is no TOML\n');
    await mkdir(join(is7Overlay, 'repository', 'conf'), { recursive: true });
    await writeFile(join(is7Overlay, DEPLOYMENT_TOML), '[server]\nhostname = "localhost"\n');
    await chmod(join(is7Overlay, DEPLOYMENT_TOML), 0o646);
    const modes = { ...environment, KMB_FILES_MODE: '0644', KMB_APIM_OFFSET: '3' };
    const applied = await km(['apply', ...homes, '--only', 'deployment-toml/*'], modes);
    assert.is(applied.exitCode, 0, applied.stdout + applied.stderr);
    const { mode } = await stat(join(is7Overlay, DEPLOYMENT_TOML));
    assert.is(mode & 0o777, 0o646, 'a file that was there keeps its mode');
    const apimFile = await stat(join(environment['KMB_APIM_OVERLAY'] ?? '', DEPLOYMENT_TOML));
    assert.is(apimFile.mode & 0o777, 0o644);
    assert.match(await readFile(join(is7Overlay, DEPLOYMENT_TOML), 'utf8'), 'legacy_mode = true');
  }));

test('the H2 database is worked on in the home; one in an overlay is refused, since every start would undo its data', () =>
  withOverlays(async ({ is7, is7Overlay, homes, environment }) => {
    const database = join(is7, 'repository', 'database', 'WSO2IDENTITY_DB.mv.db');
    const before = await readFile(database);
    const applied = await km(['apply', ...homes, '--phase', 'offline', '--only', 'database/*'], environment);
    assert.is(applied.exitCode, 0, applied.stdout + applied.stderr);
    assert.not.ok(before.equals(await readFile(database)));
    assert.equal(await readdir(is7Overlay), []);

    await mkdir(join(is7Overlay, 'repository', 'database'), { recursive: true });
    await copyFile(database, join(is7Overlay, 'repository', 'database', 'WSO2IDENTITY_DB.mv.db'));
    const { exitCode, stderr } = await km(['plan', ...homes], environment);
    assert.is(exitCode, 78);
    assert.match(
      stderr,
      /OVERLAY_HOLDS_DATABASE: the overlay holds the database .*WSO2IDENTITY_DB\.mv\.db.*every start/,
    );

    const missing = await km(['plan', ...homes], { KMB_IS7_OVERLAY: '/nowhere' });
    assert.is(missing.exitCode, 78);
    assert.match(missing.stderr, 'is7.overlay: there is no folder /nowhere');
    const alone = await km(['plan'], { KMB_APIM_OVERLAY: '/nowhere' });
    assert.is(alone.exitCode, 78);
    assert.match(alone.stderr, 'apim.overlay is set without apim.home');
  }));

test.run();
