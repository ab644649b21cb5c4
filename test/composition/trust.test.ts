import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Config, createConfig } from '../../src/composition/config.js';
import { mutualTlsEntries, tlsKeystoreEntries, trustEntries } from '../../src/composition/trust.js';
import { defaultSettings, type Settings } from '../../src/config/parse.js';
import type { BootstrapError } from '../../src/errors.js';
import { openHome } from '../../src/servers/home.js';
import type { Step } from '../../src/step/step.js';
import type { GeneratedIdentity } from '../../src/trust/tls-plan.js';
import { withTempFolder } from '../support/temp-folder.js';
import { storeBytes } from '../trust/stores.js';

const IS7 = `[server]
hostname = "is7.test"
[database.identity_db]
type = "h2"
[keystore.primary]
file_name = "wso2carbon.p12"
password = "first"
key_password = "second"
`;
const APIM = `[server]
hostname = "apim.test"
[database.apim_db]
type = "h2"
`;

test('without [tls] there are the four edges, in their order', () =>
  withConfig({}, (config) => {
    assert.equal(idsOf(config), ['trust/apim', 'trust/is7', 'trust/apim-self', 'trust/is7-self']);
    assert.equal(tlsKeystoreEntries(config.is7), []);
  }));

test('with [tls] generate each server gets an identity, and the edges wait for the one they are about', () =>
  withConfig({ 'tls.generate': true }, (config) => {
    const steps = stepsOf(config);
    assert.equal(steps.map(({ id }) => id).slice(0, 4), ['tls/is7', 'tls/is7-pem', 'tls/apim', 'tls/apim-pem']);
    assert.equal(Object.fromEntries(steps.map(({ id, needs }) => [id, needs?.join()])), {
      'tls/is7': '',
      'tls/is7-pem': 'tls/is7',
      'tls/apim': '',
      'tls/apim-pem': 'tls/apim',
      'trust/apim': 'tls/is7',
      'trust/is7': 'tls/apim',
      'trust/apim-self': 'tls/apim',
      'trust/is7-self': 'tls/is7',
    });
  }));

test('deployment.toml names the new keystore, and one password for store and key', () =>
  withConfig({ 'tls.generate': true }, (config) => {
    assert.equal(tlsKeystoreEntries(config.is7), [
      { path: ['keystore', 'tls', 'file_name'], value: 'km-bootstrap-tls.p12' },
      { path: ['keystore', 'tls', 'type'], value: 'PKCS12' },
      { path: ['keystore', 'tls', 'key_password'], value: '$ref{keystore.tls.password}' },
    ]);
    assert.is(tlsKeystoreEntries(config.apim).length, 2);
    assert.is(config.is7.tls()?.keystore.store.password.reveal(), 'first');
  }));

test('a certificate covers the host, what was given for both and for one, and localhost', () =>
  withConfig({ 'tls.generate': true, 'tls.sans': 'km.test, 10.0.0.7', 'tls.is7.sans': 'identity' }, (config) => {
    const names = (server: Config['is7']) => (server.tls()?.wanted as GeneratedIdentity | undefined)?.names;
    assert.equal(names(config.is7), ['is7.test', 'km.test', '10.0.0.7', 'identity', 'localhost', '127.0.0.1']);
    assert.equal(names(config.apim), ['apim.test', 'km.test', '10.0.0.7', 'localhost', '127.0.0.1']);
  }));

test('files for one server give that one an identity', () =>
  withConfig({ 'tls.is7.certificate': 'tls.crt', 'tls.is7.key': 'tls.key' }, (config) => {
    assert.equal(idsOf(config).slice(0, 3), ['tls/is7', 'tls/is7-pem', 'trust/apim']);
    assert.is(config.is7.tls()?.wanted.from, 'files');
  }));

const REFUSED: readonly (readonly [string, Partial<Settings>, string, RegExp])[] = [
  [
    'a certificate without its key',
    { 'tls.is7.certificate': 'tls.crt' },
    'CONFIG_INVALID',
    /tls\.is7\.certificate and tls\.is7\.key belong/,
  ],
  [
    'a key without its certificate',
    { 'tls.apim.key': 'tls.key' },
    'CONFIG_INVALID',
    /tls\.apim\.certificate and tls\.apim\.key belong/,
  ],
  [
    'half an authority',
    { 'tls.generate': true, 'tls.ca_key': 'ca.key' },
    'CONFIG_INVALID',
    /tls\.ca_certificate and tls\.ca_key belong/,
  ],
  [
    'a name that is a URL',
    { 'tls.generate': true, 'tls.sans': 'https://is7.test' },
    'CONFIG_INVALID',
    /https:\/\/is7\.test can be no host name/,
  ],
  [
    'a mode that is none',
    { 'tls.generate': true, 'files.mode': 'rw-r-----' },
    'CONFIG_INVALID',
    /files\.mode must be a mode in octal/,
  ],
  [
    'a mode that lets everybody read',
    { 'tls.generate': true, 'files.mode': '0644' },
    'KEY_EXPOSED',
    /files\.mode = 0644/,
  ],
];

for (const [title, settings, code, message] of REFUSED) {
  test(`${title} is refused`, () =>
    withConfig(settings, (config) => {
      const error = thrownBy(() => stepsOf(config));
      assert.is(error.code, code);
      assert.match(error.message, message);
    }));
}

test('a password that Java does not take for a new PKCS12 keystore is refused before anything is made, and not shown', () =>
  withConfig(
    { 'tls.generate': true },
    (config) => {
      const error = thrownBy(() => stepsOf(config));
      assert.is(error.code, 'CONFIG_INVALID');
      assert.match(
        error.message,
        /\[keystore\.tls\] password in .*deployment\.toml has characters beyond printable ASCII/,
      );
      assert.not.match(error.message + error.hint, 'fïrst');
    },
    { is7: IS7.replace('"first"', '"fïrst"') },
  ));

test('only a certificate that API Manager reads at its start asks for a restart', () =>
  withConfig({ 'apim.version': '4.6' }, (config) => {
    const readers = Object.fromEntries(stepsOf(config).map(({ id, readBy }) => [id, readBy]));
    assert.equal(readers, {
      'trust/apim': undefined,
      'trust/is7': 'is7',
      'trust/apim-self': 'apim',
      'trust/is7-self': 'is7',
    });
  }));

const MUTUAL: Partial<Settings> = {
  key_manager: [{ connector: { authentication: 'mutual-tls', identity_user: 'admin' } }],
};

test('with mutual TLS IS 7 learns who comes with the primary certificate of API Manager', () =>
  withConfig({ ...MUTUAL, 'apim.version': '4.7' }, async (config) => {
    const [enable, mapping, ...more] = (await mutualTlsEntries(config)?.()) ?? [];
    assert.equal(enable, { path: ['client_certificate_based_authentication', 'enable'], value: true });
    const { trusted_issuer, allowed_username } = (mapping?.value ?? {}) as Record<string, string>;
    assert.equal([trusted_issuer, allowed_username, more], ['CN=wso2carbon, O=Test', 'admin', []]);
  }));

test('with mutual TLS and a TLS identity of its own, IS 7 also trusts what API Manager presents as a client', () =>
  withConfig({ ...MUTUAL, 'apim.version': '4.7', 'tls.generate': true }, (config) => {
    assert.ok(idsOf(config).includes('trust/is7-client'));
  }));

test('so it does where API Manager has a TLS keystore of its own already, and not where it is the primary one', async () => {
  const settings = { ...MUTUAL, 'apim.version': '4.7' } as const;
  const own = `${APIM}[keystore.tls]\nfile_name = "tls.jks"\n`;
  await withConfig(settings, (config) => assert.ok(idsOf(config).includes('trust/is7-client')), { apim: own });
  await withConfig(settings, (config) => assert.not.ok(idsOf(config).includes('trust/is7-client')));
});

test('without mutual TLS nothing of it is wanted, and API Manager before 4.6 cannot do it', () =>
  withConfig({ 'apim.version': '4.5' }, async (config) => {
    assert.is(mutualTlsEntries(config), undefined);
    const error = thrownBy(() => mutualTlsEntries({ ...config, keyManagers: MUTUAL.key_manager ?? [] }));
    assert.is(error.code, 'MUTUAL_TLS_UNSUPPORTED');
    assert.match(error.message, /API Manager 4\.5/);
  }));

function withConfig(
  settings: Partial<Settings>,
  use: (config: Config) => void | Promise<void>,
  { is7 = IS7, apim = APIM }: { readonly is7?: string; readonly apim?: string } = {},
): Promise<void> {
  return withTempFolder(async (folder) => {
    const home = async (name: 'is7' | 'apim', text: string) => {
      const [conf, security] = ['conf', 'resources/security'].map((part) => join(folder, name, 'repository', part));
      await mkdir(conf ?? '', { recursive: true });
      await mkdir(security ?? '', { recursive: true });
      await writeFile(join(conf ?? '', 'deployment.toml'), text);
      await writeFile(join(security ?? '', 'wso2carbon.jks'), await storeBytes('jks'));
      return openHome(name, join(folder, name), {});
    };
    await use(
      createConfig(
        { ...defaultSettings(), ...settings },
        { is7: await home('is7', is7), apim: await home('apim', apim) },
      ),
    );
  });
}

function stepsOf(config: Config): readonly Step[] {
  return trustEntries(config).map((entry) => entry.build());
}

function idsOf(config: Config): readonly string[] {
  return stepsOf(config).map(({ id }) => id);
}

function thrownBy(act: () => unknown): BootstrapError {
  try {
    act();
  } catch (error) {
    return error as BootstrapError;
  }
  return assert.unreachable('nothing was thrown') as never;
}

test.run();
