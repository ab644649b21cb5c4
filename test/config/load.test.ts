import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadEnvironment, loadSettings, proxySettings } from '../../src/config/load.js';
import { defaultSettings, parseSettings } from '../../src/config/parse.js';
import type { BootstrapError } from '../../src/errors.js';
import { withTempFolder } from '../support/temp-folder.js';

const NO_FLAGS = new Map();

test('flags come before the environment, and the environment before the file', () =>
  withTempFolder(async (workingFolder) => {
    await writeFile(
      join(workingFolder, 'km-bootstrap.toml'),
      'timeout = "1s"\nlock_timeout = "1s"\nrole_creation = true\n',
    );
    const flags = new Map([['timeout', { raw: '3s', source: '--timeout' }]] as const);
    const environment = { KMB_TIMEOUT: '2s', KMB_LOCK_TIMEOUT: '2s' };
    const settings = parseSettings(loadSettings({ flags, workingFolder }, environment));
    assert.equal(settings, {
      ...defaultSettings(),
      said: settings.said,
      timeout: 3_000,
      lock_timeout: 2_000,
      role_creation: true,
    });
  }));

test('the variables of the guide count when ours are not set', () =>
  withTempFolder(async (workingFolder) => {
    const environment = { IS7_HOME: '/guide', KMB_APIM_HOME: '/ours', APIM_HOME: '/guide' };
    const settings = parseSettings(loadSettings({ flags: NO_FLAGS, workingFolder }, environment));
    assert.equal(settings, { ...defaultSettings(), said: settings.said, 'is7.home': '/guide', 'apim.home': '/ours' });
    assert.equal([...settings.said], ['is7.home', 'apim.home']);
  }));

test('a variable with _FILE reads a mounted secret, without its last line break, and it prints as a mask', () =>
  withTempFolder(async (workingFolder) => {
    await writeFile(join(workingFolder, 'secret'), 's3cret\n');
    const environment = { KMB_APIM_PASSWORD_FILE: join(workingFolder, 'secret') };
    const settings = parseSettings(loadSettings({ flags: NO_FLAGS, workingFolder }, environment));
    assert.is(settings['apim.password']?.reveal(), 's3cret');
    assert.not.match(JSON.stringify(settings), 's3cret');
    assert.not.match(`${settings['apim.password']}`, 's3cret');
  }));

test('.env adds to the environment and never overrides it', () =>
  withTempFolder(async (workingFolder) => {
    await writeFile(join(workingFolder, '.env'), 'KMB_TEST_ONLY=1\nPATH=/nowhere\n');
    const environment = await loadEnvironment(workingFolder);
    assert.is(environment['KMB_TEST_ONLY'], '1');
    assert.is(environment['PATH'], process.env['PATH']);
  }));

test('every problem is said at once, with the nearest known name', () =>
  withTempFolder(async (workingFolder) => {
    const file = join(workingFolder, 'km.toml');
    await writeFile(file, 'recipee = "legacy"\ntimeout = "soon"\n[is7]\nurl = "http://is:9443"\n');
    const environment = {
      KMB_IS7_HOM: '/x',
      KMB_APIM_PASSWORD: 'a',
      KMB_APIM_PASSWORD_FILE: '/b',
      KMB_IS7_OFFSET: '-1',
    };
    try {
      parseSettings(loadSettings({ flags: NO_FLAGS, workingFolder, configFile: file }, environment));
      assert.unreachable();
    } catch (error) {
      const { code, message } = error as BootstrapError;
      assert.is(code, 'CONFIG_INVALID');
      assert.match(message, 'there is no setting recipee (did you mean recipe?)');
      assert.match(message, 'KMB_IS7_HOM: there is no such variable (did you mean KMB_IS7_HOME?)');
      assert.match(message, 'KMB_APIM_PASSWORD_FILE and KMB_APIM_PASSWORD are both set');
      assert.match(message, 'timeout must be a duration such as 90s or 5m, not "soon"');
      assert.match(message, 'is7.url must be https://host:port');
      assert.match(message, 'is7.offset must be a whole number');
    }
  }));

test('a password in a URL is refused without being shown', () =>
  withTempFolder(async (workingFolder) => {
    const environment = { KMB_IS7_URL: 'ftp://admin:s3cret@is' };
    try {
      parseSettings(loadSettings({ flags: NO_FLAGS, workingFolder }, environment));
      assert.unreachable();
    } catch (error) {
      assert.not.match((error as BootstrapError).message, 's3cret');
    }
  }));

test('a configuration file that is no TOML is refused with line and column', () =>
  withTempFolder(async (workingFolder) => {
    await writeFile(join(workingFolder, 'km-bootstrap.toml'), 'timeout = "1s"\nrecipe = = 1\n');
    try {
      loadSettings({ flags: NO_FLAGS, workingFolder }, {});
      assert.unreachable();
    } catch (error) {
      assert.is((error as BootstrapError).code, 'CONFIG_FILE_INVALID');
      assert.match(
        (error as BootstrapError).message,
        /^km-bootstrap\.toml:2:10: .*\n {2}2 \| recipe = "\*{5}"\n {4}\| {10}\^$/,
      );
    }
  }));

test('a secret may lie in a file that the configuration file names, and not in both', () =>
  withTempFolder(async (workingFolder) => {
    const load = async (toml: string) => {
      await writeFile(join(workingFolder, 'km-bootstrap.toml'), toml);
      return loadSettings({ flags: NO_FLAGS, workingFolder }, {});
    };
    await writeFile(join(workingFolder, 'secret'), 's3cret\n');
    const path = JSON.stringify(join(workingFolder, 'secret'));
    const loaded = await load(`[apim]\npassword_file = ${path}`);
    assert.is(parseSettings(loaded)['apim.password']?.reveal(), 's3cret');
    assert.is(loaded.found.get('apim.password')?.mounted, join(workingFolder, 'secret'));
    for (const toml of [`password_file = ${path}\npassword = "x"`, `password = "x"\npassword_file = ${path}`]) {
      assert.match(
        (await load(`[apim]\n${toml}`)).problems[0] ?? '',
        'apim.password and apim.password_file are both given',
      );
    }
    assert.match(
      (await load('[apim]\npassword_file = "/nowhere"')).problems[0] ?? '',
      /toml:2:17: .*cannot read \/nowhere: ENOENT/,
    );
    assert.match((await load('[apim]\nurl_file = "/nowhere"')).problems[0] ?? '', 'there is no setting apim.url_file');
  }));

test('a list where a number or a duration is needed is refused', () =>
  withTempFolder(async (workingFolder) => {
    await writeFile(
      join(workingFolder, 'km-bootstrap.toml'),
      'timeout = ["5m"]\nconcurrency = [1]\nlock_timeout = 5\n',
    );
    assert.throws(
      () => parseSettings(loadSettings({ flags: NO_FLAGS, workingFolder }, {})),
      ({ message }: Error) => message.match(/must be/g)?.length === 3,
    );
  }));

test('the proxy is read in either spelling', () => {
  assert.equal(proxySettings({ HTTPS_PROXY: 'http://p', no_proxy: 'a' }), { httpsProxy: 'http://p', noProxy: 'a' });
  assert.equal(proxySettings({}), {});
});

test('a version that is none is refused', async () => {
  const found = new Map([['apim.version' as const, { raw: 'four', source: 'KMB_APIM_VERSION' }]]);
  assert.throws(
    () => parseSettings({ found, keyManagers: [], tenants: [], nodes: [], problems: [] }),
    /KMB_APIM_VERSION: apim\.version must be a version such as 4\.5\.0, not "four"/,
  );
});

test.run();
