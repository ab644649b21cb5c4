import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { legacyRecipe } from '../../src/deployment-toml/recipes.js';
import { deploymentTomlStep } from '../../src/deployment-toml/step.js';
import type { Wanted } from '../../src/deployment-toml/wanted.js';
import type { BootstrapError } from '../../src/errors.js';
import { converges } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

const BEFORE = `# Identity Server\r
[server]\r
hostname = "localhost"\r
\r
[oauth.token]\r
x = 1`;

const offset = { path: ['server', 'offset'], value: 1, reason: 'both servers answer on localhost:9443' };

test('the recipe and an offset come into a file, which keeps its mode', () =>
  withStep(BEFORE, [...legacyRecipe(), offset], async (step, file) => {
    await chmod(file, 0o604);
    assert.equal(await converges(step, join(file, '..')), [
      'set `[server] legacy_mode = true` (line 4)',
      'set `[oauth.global_rbac_scope_issuer] enable = true` (line 9)',
      'set `[oauth.global_scope_validators.role_based_scope_issuer] enable = true` (line 12)',
      'add `[[resource.access_control]] context = "(.*)/scim2/Me", http_method = "GET"` (line 15)',
      'set `[server] offset = 1` (line 5): both servers answer on localhost:9443',
    ]);
    assert.is((await stat(file)).mode & 0o777, 0o604);
    assert.is(step.readBy, 'is7');
  }));

test('each change stands for itself: applied alone and last first, the file says the same', () =>
  withStep(BEFORE, [...legacyRecipe(), offset], async (step, file) => {
    const { signal } = new AbortController();
    const changes = step.plan(await step.inspect(signal));
    for (const change of changes.toReversed()) await step.apply(change, signal);
    assert.equal(step.plan(await step.inspect(signal)), []);
    assert.match(await readFile(file, 'utf8'), /^# Identity Server\r\n\[server\]\r\nhostname = "localhost"\r\n/);
  }));

const failures: readonly [title: string, content: string | Uint8Array | undefined, code: string, message: RegExp][] = [
  ['a file that is not there', undefined, 'FILE_UNREADABLE', /cannot read .*deployment\.toml: ENOENT/],
  [
    'a file that the servers refuse',
    '[a.b]\n[a]\n',
    'TOML_INVALID',
    /deployment\.toml, line 2, column 1: `\[a\]` stands after/,
  ],
  ['a file in another encoding', Buffer.from('# caf\xe9\n', 'latin1'), 'TOML_INVALID', /deployment\.toml is not UTF-8/],
  ['a value where a table must stand', 'server = 1\n', 'TOML_CONFLICT', /deployment\.toml, line 1: server is a value/],
];

for (const [title, content, code, message] of failures) {
  test(`${title} is named with its path`, () =>
    withStep(content, [offset], async (step) => {
      try {
        step.plan(await step.inspect(new AbortController().signal));
        assert.unreachable();
      } catch (error) {
        assert.is((error as BootstrapError).code, code);
        assert.match((error as BootstrapError).message, message);
      }
    }));
}

function withStep(
  content: string | Uint8Array | undefined,
  wanted: readonly Wanted[],
  use: (step: ReturnType<typeof deploymentTomlStep>, file: string) => Promise<void>,
): Promise<void> {
  return withTempFolder(async (folder) => {
    const file = join(folder, 'deployment.toml');
    if (content !== undefined) await writeFile(file, content);
    await use(deploymentTomlStep({ id: 'deployment-toml/is7', file, wanted, server: 'is7' }), file);
  });
}

test.run();
