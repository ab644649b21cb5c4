import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readServerToml, serverTomlJars } from '../../sandbox/server-toml.js';
import { editToml } from '../../src/deployment-toml/edit.js';
import { findBetterRecipe } from '../../src/deployment-toml/fitting-recipe.js';
import { currentRecipe, legacyRecipe } from '../../src/deployment-toml/recipes.js';
import { deploymentTomlStep } from '../../src/deployment-toml/step.js';
import type { Wanted } from '../../src/deployment-toml/wanted.js';
import type { BootstrapError } from '../../src/errors.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { Secret } from '../../src/secret.js';
import { converges } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

const jvm = startJvm(serverTomlJars());
const revocation = { notificationEndpoint: 'https://a/notify', username: 'u', password: new Secret('p') };

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

test('what the other recipe left is named with its effect, and removed only when told to', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'deployment.toml');
    const before = '[server]\nhostname = "h" # name\n';
    await writeFile(file, editToml(before, legacyRecipe()).text);
    const switched = (leftovers: 'name' | 'remove') =>
      deploymentTomlStep({
        id: 'deployment-toml/is7',
        file: () => file,
        wanted: currentRecipe({ roleCreation: false }),
        server: 'is7',
        recipe: { active: 'current', leftovers, notices: [] },
      });
    assert.equal(await converges(switched('name'), folder), ['set `[oauth] authorize_all_scopes = true` (line 5)']);
    assert.equal(await messagesOf(switched('name')), [
      '`[server] legacy_mode = true` is left from the recipe legacy: it keeps legacy mode on: SHA-1 and MD5 signatures, and no tenant-qualified URLs',
      '`[oauth.global_rbac_scope_issuer] enable = true` is left from the recipe legacy: it still binds scopes to roles, for every application',
      '`[oauth.global_scope_validators.role_based_scope_issuer] enable = true` is left from the recipe legacy: it still checks scopes against the roles of users, for every application',
    ]);
    assert.equal(await messagesOf(switched('remove')), []);
    const [first, ...others] = await converges(switched('remove'), folder);
    assert.is(
      first,
      'remove `[server] legacy_mode = true` (line 3): it keeps legacy mode on: SHA-1 and MD5 signatures, and no tenant-qualified URLs',
    );
    assert.is(others.length, 2);
    assert.equal(
      readServerToml(jvm, await readFile(file, 'utf8')),
      readServerToml(jvm, editToml(before, currentRecipe({ roleCreation: false })).text),
    );
  }));

test('two listeners of the recipe current go one after the other; one that holds more stays and is named', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'deployment.toml');
    const { text } = editToml('', currentRecipe({ roleCreation: false, revocation }).slice(-1));
    await writeFile(file, `${text}\n${text}\n${text.replace('order = 1', 'order = 1\nextra = true')}`);
    const step = deploymentTomlStep({
      id: 'deployment-toml/is7',
      file: () => file,
      wanted: [],
      server: 'is7',
      recipe: { active: 'legacy', leftovers: 'remove', notices: findBetterRecipe({ is7: '7.0', apim: '4.5' }) },
    });
    assert.is((await converges(step, folder)).length, 2);
    assert.is((await readFile(file, 'utf8')).match(/token_revocation/g)?.length, 1);
    const { inspect, notices } = step;
    const said = notices?.(await inspect(new AbortController().signal)) ?? [];
    assert.equal(
      said.map(({ code }) => code),
      ['RECIPE_CURRENT_FITS', 'RECIPE_LEFTOVER'],
    );
    assert.match(said[1]?.hint ?? '', 'by hand');
  }));

const fitting: readonly [is7: string | undefined, apim: string | undefined, reason: RegExp | undefined][] = [
  ['7.2', '4.3', undefined],
  [undefined, undefined, undefined],
  [
    '7.0',
    '4.3',
    /^the recipe current fits better than legacy: the role scope setting has no effect .*7\.0\.0, and legacy/,
  ],
  [
    '7.1',
    '4.4',
    /API Manager 4\.4 comes with WSO2’s newer set-up, and legacy mode brings SHA-1 and MD5 signatures back/,
  ],
  ['7.0', '4.10', /API Manager 4\.10 .*, the role scope setting/],
];

for (const [is7, apim, reason] of fitting) {
  test(`IS 7 ${is7} and API Manager ${apim}: the recipe current ${reason ? 'fits better' : 'is not spoken of'}`, () => {
    const [notice] = findBetterRecipe({ is7, apim });
    if (!reason) return assert.is(notice, undefined);
    assert.is(notice?.code, 'RECIPE_CURRENT_FITS');
    assert.match(notice?.message ?? '', reason);
    assert.not.match(notice?.message ?? '', '\n');
  });
}

async function messagesOf({ inspect, notices }: ReturnType<typeof deploymentTomlStep>): Promise<readonly string[]> {
  const said = notices?.(await inspect(new AbortController().signal)) ?? [];
  return said.map(({ message }) => message);
}

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
    await use(deploymentTomlStep({ id: 'deployment-toml/is7', file: () => file, wanted, server: 'is7' }), file);
  });
}

test.run();
