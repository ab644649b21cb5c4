import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

/** What is wrong, how it is brought about in an empty folder, and what the program must end with. */
const CASES: readonly (readonly [title: string, exitCode: number, code: string, given: Given])[] = [
  [
    'a secret in a device that never ends',
    78,
    'CONFIG_INVALID',
    { variables: { KMB_APIM_PASSWORD_FILE: '/dev/zero' } },
  ],
  ['a secret in a folder', 78, 'CONFIG_INVALID', { variables: { KMB_APIM_PASSWORD_FILE: '/' } }],
  ['a configuration file that is a device', 78, 'CONFIG_FILE_INVALID', { words: ['--config', '/dev/zero'] }],
  ['a configuration file of noise', 78, 'CONFIG_FILE_INVALID', { file: Buffer.alloc(5_000, 0xfe) }],
  ['a configuration file of 70 MB', 78, 'CONFIG_FILE_INVALID', { file: Buffer.alloc(70_000_000, '#') }],
  ['lists in lists without end', 78, 'CONFIG_FILE_INVALID', { file: Buffer.from(`a = ${'['.repeat(200_000)}`) }],
  ['a home of which deployment.toml is a folder', 1, 'FILE_UNREADABLE', { home: 'folder' }],
];

interface Given {
  readonly variables?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly file?: Buffer;
  readonly home?: 'folder';
}

test('what is given wrongly is told by a code and a remedy, quickly and without a stack trace', async () => {
  await Promise.all(
    CASES.map(([title, exitCode, code, { variables = {}, words = [], file, home }]) =>
      withTempFolder(async (folder) => {
        if (file) await writeFile(join(folder, 'km-bootstrap.toml'), file);
        const homes = home ? ['--is7-home', folder] : [];
        if (home) await mkdir(join(folder, 'repository', 'conf', 'deployment.toml'), { recursive: true });
        const run = await km(['plan', '--json', ...homes, ...words], variables, folder);
        assert.is(run.exitCode, exitCode, `${title}: ${run.stdout}${run.stderr}`);
        const { error } = JSON.parse(run.stdout) as { error: { code: string; hint: string } };
        assert.is(error.code, code, title);
        assert.ok(error.hint.length > 10, title);
        assert.not.match(run.stdout + run.stderr, /\n\s+at /, title);
      }),
    ),
  );
});

test('a folder in the place of .env is told', () =>
  withTempFolder(async (folder) => {
    await mkdir(join(folder, '.env'));
    const run = await km(['plan'], {}, folder);
    assert.is(run.exitCode, 78);
    assert.match(run.stderr, /CONFIG_FILE_INVALID: cannot read .*\.env/);
  }));

test.run();
