import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import { keystoreBytes, PEMS, truststoreBytes } from '../trust/healthy-pair.js';
import { put } from './pairs.js';

const STORES = `
[keystore.primary]
file_name = "own.p12"
type = "PKCS12"

[truststore]
file_name = "trusted.jks"
type = "JKS"
`;

const IS7 = `[server]
hostname = "is7.test"

[database.identity_db]
type = "postgre"
url = "jdbc:postgresql://db/identity"

[oauth]
authorize_all_scopes = true

[[resource.access_control]]
context = "(.*)/scim2/Me"
secure = true
http_method = "GET"
cross_tenant = true
${STORES}`;

const APIM = `[server]
hostname = "apim.test"

[database.apim_db]
type = "postgre"
url = "jdbc:postgresql://db/apim"
${STORES}`;

/** The least that a pair which works consists of, without the databases. */
function withLeastPair(use: (homes: { folder: string; is7: string; apim: string }) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const [is7, apim] = [join(folder, 'wso2is-7.2.0'), join(folder, 'wso2am-4.5.0')];
    for (const [home, toml, pem] of [
      [is7, IS7, PEMS.is7],
      [apim, APIM, PEMS.apim],
    ] as const) {
      await put(join(home, 'repository', 'conf', 'deployment.toml'), toml);
      await put(securityFile(home, 'own.p12'), keystoreBytes(pem));
      await put(securityFile(home, 'trusted.jks'), truststoreBytes({ wso2is: PEMS.is7, wso2apim: PEMS.apim }));
    }
    await use({ folder, is7, apim });
  });
}

function securityFile(home: string, name: string): string {
  return join(home, 'repository', 'resources', 'security', name);
}

test('doctor says what breaks and how to mend it, exits 1, and writes nothing', () =>
  withLeastPair(async ({ folder, is7, apim }) => {
    const homes = ['--is7-home', is7, '--apim-home', apim];
    const healthy = await km(['doctor', ...homes]);
    assert.is(healthy.stdout.trim(), 'Nothing was found that breaks IS 7 as Key Manager.');
    assert.is(healthy.exitCode, 0);

    await put(join(is7, 'repository', 'components', 'dropins', 'wso2is.key.manager.core-1.7.17.jar'), '');
    const risky = await km(['doctor', ...homes, '-q']);
    assert.is(risky.exitCode, 0);
    assert.is(risky.stdout, '', 'quiet shows what breaks, and nothing did');

    await writeFile(securityFile(is7, 'trusted.jks'), 'x');
    const before = await snapshot(folder);
    const broken = await km(['doctor', ...homes]);
    assert.is(broken.exitCode, 1);
    assert.match(broken.stdout, /^breaks STORE_UNREADABLE {2}.*trusted\.jks\n {4}.*\n {4}→ /);
    assert.match(broken.stdout, /1 thing that breaks IS 7 as Key Manager, 1 risk\./);
    assert.not.match(broken.stdout, '\u001b');

    const { stdout } = await km(['doctor', ...homes, '--json']);
    const [first, ...others] = stdout.split('\n').map((line) => JSON.parse(line));
    assert.equal(Object.keys(first).sort(), ['code', 'hint', 'message', 'severity', 'type', 'where']);
    assert.equal(others.at(-1), { type: 'summary', breaks: 1, risks: 1, notes: 0, exitCode: 1 });
    assert.equal(await snapshot(folder), before);
  }));

test('settings count: the recipe that was said, an address that is not the home’s, the public URL', () =>
  withLeastPair(async ({ is7, apim }) => {
    const homes = ['--is7-home', is7, '--apim-home', apim, '-q'];
    const legacy = await km(['doctor', ...homes, '--recipe', 'legacy']);
    assert.match(legacy.stdout, /SETTING_MISSING[^\n]*\n *\[server\] legacy_mode is missing/);
    const elsewhere = await km(['doctor', ...homes, '--is7-url', 'https://apim.test:9443']);
    assert.match(elsewhere.stdout, 'PORT_CLASH');
    const proxied = await km(['doctor', ...homes], { KMB_IS7_PUBLIC_URL: 'https://login.test' });
    assert.match(
      proxied.stdout,
      /ISSUER_MISMATCH[\s\S]*https:\/\/is7\.test:9443\/oauth2\/token .* https:\/\/login\.test/,
    );
  }));

test('without a home, or with one that is none, it says so and exits 78', () =>
  withTempFolder(async (folder) => {
    const nothing = await km(['doctor']);
    assert.is(nothing.exitCode, 78);
    assert.match(nothing.stderr, 'no home is known: give --is7-home and --apim-home, or --bundle');
    const empty = await km(['doctor', '--is7-home', folder]);
    assert.is(empty.exitCode, 78);
    assert.match(empty.stderr, 'HOME_NOT_FOUND');
    const absent = await km(['doctor', '--bundle', join(folder, 'none.zip')]);
    assert.is(absent.exitCode, 78);
    assert.match(absent.stderr, /BUNDLE_INVALID: .*ENOENT/);
    const foreign = await km(['plan', '--bundle', 'x.zip']);
    assert.is(foreign.exitCode, 64);
  }));

test.run();
