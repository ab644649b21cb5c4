import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, createConfig } from '../../src/composition/config.js';
import { defaultSettings, type Settings } from '../../src/config/parse.js';
import type { BootstrapError } from '../../src/errors.js';
import { openHome } from '../../src/servers/home.js';
import { withTempFolder } from '../support/temp-folder.js';

const IS7 = `[server]
hostname = "localhost"
[super_admin]
username = "admin"
password = "$env{ADMIN_PASSWORD}"
[database.identity_db]
url = "jdbc:h2:./repository/database/WSO2IDENTITY_DB"
username = "wso2carbon"
password = "$secret{db}"
[keystore.primary]
file_name = "wso2carbon.p12"
password = "primary"
`;
const APIM = `[server]
hostname = "localhost"
[database.apim_db]
type = "h2"
[keystore.tls]
file_name = "wso2carbon.jks"
password = "tls"
alias = "gateway"
`;

interface Given {
  readonly is7?: string;
  readonly apim?: string;
  readonly settings?: Partial<Settings>;
}

function withConfig(given: Given, use: (config: Config, folder: string) => void): () => Promise<void> {
  return () =>
    withTempFolder(async (folder) => {
      const home = async (name: 'is7' | 'apim', text: string | undefined) => {
        if (text === undefined) return undefined;
        await mkdir(join(folder, name, 'repository', 'conf'), { recursive: true });
        await writeFile(join(folder, name, 'repository', 'conf', 'deployment.toml'), text);
        return openHome(name, join(folder, name), { ADMIN_PASSWORD: 'from-env', JAVA_OPTS: '-Xmx1g -Dadmin.name=a=b' });
      };
      const homes = { is7: await home('is7', given.is7), apim: await home('apim', given.apim) };
      use(createConfig({ ...defaultSettings(), ...given.settings }, homes), folder);
    });
}

test(
  'two default homes would answer on one port: IS 7 gets the offset, and the reason is told',
  withConfig({ is7: IS7, apim: APIM }, (config) => {
    assert.equal(config.offset('is7'), {
      value: 1,
      reason: 'both servers would answer on localhost:9443; the guide, step 4',
    });
    assert.is(config.is7.url(), 'https://localhost:9444');
    assert.is(config.apim.url(), 'https://localhost:9443');
  }),
);

test(
  'an offset in quotes counts as one',
  withConfig({ is7: IS7.replace('[server]', '[server]\noffset = "3"'), apim: APIM }, (config) => {
    assert.is(config.offset('is7'), undefined);
    assert.is(config.is7.url(), 'https://localhost:9446');
  }),
);

test(
  'an offset that was said is taken, and one that leads to the same port is refused',
  withConfig({ is7: IS7, apim: APIM, settings: { 'is7.offset': 5 } }, (config) => {
    assert.equal(config.offset('is7'), { value: 5 });
    const clashing = createConfig(
      { ...defaultSettings(), 'is7.offset': 0 },
      { is7: config.is7.home, apim: config.apim.home },
    );
    assert.is(
      codeOf(() => clashing.is7.url()),
      'PORT_CLASH',
    );
  }),
);

test(
  'a URL of its own keeps IS 7 free of an offset, but not one that API Manager has',
  withConfig({ is7: IS7, apim: APIM, settings: { 'is7.url': 'https://is.example:9443' } }, (config) => {
    assert.is(config.offset('is7'), undefined);
    const clashing = createConfig(
      { ...defaultSettings(), 'is7.url': 'https://localhost:9443' },
      { is7: config.is7.home, apim: config.apim.home },
    );
    assert.is(
      codeOf(() => clashing.offset('is7')),
      'PORT_CLASH',
    );
  }),
);

test(
  'stores, aliases and accounts come from deployment.toml, with the defaults of the servers and $env{} resolved',
  withConfig({ is7: IS7, apim: APIM }, ({ is7, apim }, folder) => {
    const security = (server: string, file: string) =>
      join(folder, server, 'repository', 'resources', 'security', file);
    const own = is7.certificate();
    assert.ok('store' in own);
    assert.is(own.store.path, security('is7', 'wso2carbon.p12'));
    assert.is(own.store.password.reveal(), 'primary');
    assert.is(own.alias, 'wso2carbon');
    assert.is(is7.truststore().path, security('is7', 'client-truststore.p12'));
    assert.is(apim.truststore().path, security('apim', 'client-truststore.jks'));
    const other = apim.certificate();
    assert.ok('store' in other && other.alias === 'gateway' && other.store.password.reveal() === 'tls');
    assert.is(is7.account().password.reveal(), 'from-env');
  }),
);

test(
  '$sys{} is a property that JAVA_OPTS gives to the server',
  withConfig({ is7: IS7.replace('username = "admin"', 'username = "$sys{admin.name}"') }, ({ is7 }) => {
    assert.is(is7.account().username, 'a=b');
  }),
);

test(
  'a password that only the server can decrypt is refused with the variable to set instead',
  withConfig({ is7: IS7, apim: APIM }, (config) => {
    try {
      config.database();
      assert.unreachable();
    } catch (error) {
      assert.is((error as BootstrapError).code, 'PLACEHOLDER_UNRESOLVED');
      assert.match((error as BootstrapError).message, 'database.identity_db.password');
      assert.match((error as BootstrapError).hint, 'KMB_DATABASE_PASSWORD');
    }
  }),
);

test(
  'a proxy in front of IS 7 names the issuer, but not the way to reach it',
  withConfig({ is7: `${IS7}[transport.https.properties]\nproxyPort = 443\n` }, (config) => {
    assert.is(config.is7PublicUrl(), 'https://localhost');
    assert.is(config.is7.url(), 'https://localhost:9443');
  }),
);

test(
  'homes that were exchanged are told apart',
  withConfig({ is7: APIM }, (config) => {
    assert.is(
      codeOf(() => config.is7.url()),
      'HOME_NOT_FOUND',
    );
  }),
);

test('a folder that is no home is refused, and the home inside it is named', () =>
  withTempFolder(async (folder) => {
    await mkdir(join(folder, 'wso2is-7.2.0'));
    try {
      openHome('is7', folder, {});
      assert.unreachable();
    } catch (error) {
      assert.is((error as BootstrapError).code, 'HOME_NOT_FOUND');
      assert.match((error as BootstrapError).hint, 'wso2is-7.2.0');
    }
  }));

test(
  'what is known of neither home nor setting is named with every way to say it',
  withConfig({ apim: APIM }, (config) => {
    try {
      config.is7.certificate();
      assert.unreachable();
    } catch (error) {
      assert.match((error as BootstrapError).message, '--is7-home, or KMB_IS7_CERTIFICATE, or is7.certificate');
    }
  }),
);

function codeOf(attempt: () => unknown): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    return (error as BootstrapError).code;
  }
}

test.run();
