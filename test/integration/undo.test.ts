import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/io/package-root.js';
import { km } from '../support/cli.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';

test('what a run replaced is kept; each change, and the whole run, can be taken back as the page says', () =>
  withHomes(async ({ is7, apim, folder, apply, plan }) => {
    const before = await contents([is7, apim]);
    const backup = join(folder, 'backup');
    const first = await apply(backup);
    const [name = ''] = await readdir(backup);
    const run = join(backup, name);
    assert.match(first.stderr, `kept in ${run}`);
    // Steps that do not depend on each other are worked on side by side: which of them is first is nobody's promise.
    const steps = (await readdir(run)).map((folder) => folder.replace(/^0[1-4]-/, '')).sort();
    assert.equal(steps, ['database-consumer-key', 'deployment-toml-is7', 'trust-apim', 'trust-is7']);
    const after = await contents([is7, apim]);
    const changed = [...before.keys()].filter((file) => before.get(file) !== after.get(file));
    const kept = (await filesBelow(run)).map((file) => `/${relative(run, file).split('/').slice(1).join('/')}`);
    assert.equal(kept.sort(), changed.sort());

    await apply(backup);
    assert.equal(await readdir(backup), [name], 'a run that changes nothing keeps nothing');

    const homes = { IS7_HOME: is7, APIM_HOME: apim };
    for (const heading of ['Truststores', 'The constraint']) {
      for (const block of await blocksIn(heading, 'sh')) await shell(block, homes);
    }
    const { stdout } = await plan();
    const reports = stdout.split('\n').map((line) => JSON.parse(line));
    const pending = reports.filter(({ status }) => status === 'pending').map(({ step }) => step);
    assert.equal(pending, ['trust/apim', 'trust/is7', 'database/consumer-key']);

    const [restore = ''] = await blocksIn('Keep what is replaced', 'sh');
    await shell(restore.replace(/^cd .*$/m, `cd '${run}'`), {});
    assert.equal(await contents([is7, apim]), before);
  }));

interface Homes {
  readonly folder: string;
  readonly is7: string;
  readonly apim: string;
  /** With files.backup. */
  readonly apply: (backup: string) => ReturnType<typeof km>;
  readonly plan: () => ReturnType<typeof km>;
}

async function withHomes(use: (homes: Homes) => Promise<void>): Promise<void> {
  await withTempFolder(async (folder) => {
    await makeSandboxHomes(folder);
    const [is7, apim] = [join(folder, 'wso2is-7.2.0'), join(folder, 'wso2am-4.5.0')];
    const words = ['--phase', 'offline', '--is7-home', is7, '--apim-home', apim];
    const apply = async (backup: string) => {
      const done = await km(['apply', ...words], { KMB_FILES_BACKUP: backup });
      assert.is(done.exitCode, 0, done.stdout + done.stderr);
      return done;
    };
    await use({ folder, is7, apim, apply, plan: () => km(['plan', '--json', ...words]) });
  });
}

/** The code of one language under a heading of docs/undo.md. */
async function blocksIn(heading: string, language: string): Promise<readonly string[]> {
  const page = await readFile(join(packageRoot(), 'docs', 'undo.md'), 'utf8');
  const section = page.split(/^#+ /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```(\w*)\n(.*?)^```/gms)].filter(([, name]) => name === language);
  assert.ok(blocks.length > 0, `no ${language} under ${heading}`);
  return blocks.map(([, , code = '']) => code);
}

async function shell(script: string, environment: Record<string, string>): Promise<void> {
  await execa('sh', ['-e', '-c', script], { env: environment });
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function contents(folders: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const files = (await Promise.all(folders.map(filesBelow))).flat().filter((file) => !file.endsWith('.jar'));
  return new Map(await Promise.all(files.sort().map(async (file) => [file, await readFile(file, 'base64')] as const)));
}

test.run();
