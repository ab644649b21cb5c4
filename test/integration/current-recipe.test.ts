import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readServerToml, serverTomlJars } from '../../sandbox/server-toml.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { km } from '../support/cli.js';
import { makeJar } from '../support/jar.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';

const JAR = 'wso2is.notification.event.handlers-2.0.5.jar';
const STEPS = ['--phase', 'offline', '--only', 'deployment-toml/is7', '--only', 'd*'];

test('a home with the recipe legacy goes over to current, with revocation, and what legacy left is named or removed', () =>
  withTempFolder(async (folder) => {
    const dir = join(folder, 'homes');
    await makeSandboxHomes(dir);
    const [apim = '', is7 = ''] = (await readdir(dir)).sort().map((name) => join(dir, name));
    const homes = ['--is7-home', is7, '--apim-home', apim];
    const legacy = await km(['apply', ...homes, ...STEPS]);
    assert.is(legacy.exitCode, 0, legacy.stderr);
    assert.match(legacy.stdout, 'note RECIPE_CURRENT_FITS');

    const misused = await km(['plan', ...homes], { KMB_REVOCATION: 'true' });
    assert.is(misused.exitCode, 78);
    assert.match(misused.stderr, 'revocation = true belongs to the recipe current, and the recipe is legacy');

    const current = [...homes, '--recipe', 'current'];
    const revocation = { KMB_REVOCATION: 'true', KMB_APIM_PASSWORD: 's3cret-of-apim' };
    const withoutJar = await km(['plan', ...current, '--only', 'dropins/is7'], revocation);
    assert.is(withoutJar.exitCode, 78);
    assert.match(withoutJar.stdout, 'revocation = true needs wso2is.notification.event.handlers-2.0.5.jar');

    const database = ['--only', 'database/consumer-key'];
    const named = await km(['verify', ...current, ...database]);
    assert.is(named.exitCode, 0, named.stdout + named.stderr);
    assert.match(named.stdout, /RECIPE_LEFTOVER: UNIQUE \(CONSUMER_KEY\) .* it stops the creation of tenants/);
    const blind = await km(['verify', ...current, ...database], { KMB_DATABASE_PASSWORD: 'wrong' });
    assert.is(blind.exitCode, 0, 'the recipe needs no database');
    assert.match(blind.stdout, 'CONSTRAINT_UNKNOWN');

    await makeJar(join(folder, JAR));
    const settings = { ...revocation, KMB_IS7_NOTIFICATION_JAR: join(folder, JAR), KMB_RECIPE_CLEANUP: 'true' };
    const applied = await km(['apply', ...current, ...STEPS], settings);
    assert.is(applied.exitCode, 0, applied.stdout + applied.stderr);
    assert.match(applied.stdout, '- remove `[server] legacy_mode = true`');
    assert.not.match(applied.stdout + applied.stderr, 's3cret');
    assert.equal(await readdir(join(is7, 'repository', 'components', 'dropins')), [JAR]);

    const toml = await readFile(join(is7, 'repository', 'conf', 'deployment.toml'), 'utf8');
    const keys = readServerToml(startJvm(serverTomlJars()), toml);
    assert.is(keys.get('oauth.authorize_all_scopes'), true);
    assert.not.ok(keys.has('server.legacy_mode'));
    assert.match(JSON.stringify(keys.get('event_listener')), 'https://localhost:9443/internal/data/v1/notify');
    assert.match(JSON.stringify(keys.get('event_listener')), 's3cret-of-apim');

    assert.match(applied.stdout, '- drop UNIQUE_CONSUMER_KEY_CONSTRAINT from IDN_OAUTH_CONSUMER_APPS');

    const verified = await km(['verify', ...current, ...STEPS], settings);
    assert.is(verified.exitCode, 0, verified.stdout + verified.stderr);
    assert.not.match(verified.stdout, 'RECIPE_LEFTOVER');
  }));

test.run();
