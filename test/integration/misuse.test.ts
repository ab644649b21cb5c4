import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

test('help and version end with 0, on stdout', async () => {
  const help = await km(['help']);
  assert.is(help.exitCode, 0);
  assert.match(help.stdout, 'Usage: km-bootstrap COMMAND');
  assert.match((await km(['version'])).stdout, /^\d+\.\d+\.\d+$/);
});

test('no command, and a mistyped one, end with 64 and say what to do', async () => {
  assert.is((await km([])).exitCode, 64);
  const typo = await km(['verfy']);
  assert.is(typo.exitCode, 64);
  assert.match(typo.stderr, /error USAGE: there is no command verfy \(did you mean verify\?\)/);
});

test('plan without any server ends with 78', async () => {
  const run = await km(['plan']);
  assert.is(run.exitCode, 78);
  assert.match(run.stderr, 'no server is known');
});

test('a home that is not there ends with 78, in JSON on stdout too', async () => {
  const run = await km(['apply', '--json', '--is7-home', '/nowhere']);
  assert.is(run.exitCode, 78);
  const { type, error } = JSON.parse(run.stdout) as { type: string; error: { code: string; hint: string } };
  assert.is(type, 'error');
  assert.is(error.code, 'HOME_NOT_FOUND');
});

test('everything the selected steps miss is said at once, and nothing runs', () =>
  withTempFolder(async (folder) => {
    await mkdir(join(folder, 'repository', 'conf'), { recursive: true });
    await writeFile(join(folder, 'repository', 'conf', 'deployment.toml'), '[server]\nhostname = "localhost"\n');
    const run = await km(['apply', '--is7-home', folder, '--apim-url', 'https://localhost:9999']);
    assert.is(run.exitCode, 78);
    assert.match(run.stderr, 'KMB_APIM_CERTIFICATE');
    assert.match(run.stderr, 'KMB_IS7_USERNAME');
    assert.match(run.stderr, 'KMB_DATABASE_URL');
    assert.is(run.stdout, '');
  }));

test('a step that does not exist is refused with those that do', () =>
  withTempFolder(async (folder) => {
    await mkdir(join(folder, 'repository', 'conf'), { recursive: true });
    await writeFile(join(folder, 'repository', 'conf', 'deployment.toml'), '[server]\nhostname = "localhost"\n');
    const run = await km(['plan', '--is7-home', folder, '--only', 'trust/apm']);
    assert.is(run.exitCode, 64);
    assert.match(run.stderr, 'there is no such step here');
    assert.match(run.stderr, 'trust/is7');
  }));

test.run();
