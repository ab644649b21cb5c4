import { isUtf8 } from 'node:buffer';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { createConfig } from '../../src/composition/config.js';
import { createConnections } from '../../src/composition/connections.js';
import { selectSteps } from '../../src/composition/steps.js';
import { loadEnvironment, loadSettings } from '../../src/config/load.js';
import { parseSettings } from '../../src/config/parse.js';
import { environmentName, SETTING_KEYS } from '../../src/config/settings.js';
import { readDocument } from '../../src/deployment-toml/document.js';
import { deploymentTomlStep } from '../../src/deployment-toml/step.js';
import { Secret } from '../../src/secret.js';
import { openHome } from '../../src/servers/home.js';
import { readStore } from '../../src/trust/keystore/keystore.js';
import { snapshot } from '../support/converges.js';
import { patient } from '../support/patience.js';
import { keystoreBytes, PEMS, truststoreBytes } from '../trust/healthy-pair.js';
import { clearly } from './replies.js';

/** Generated inputs of a kind, and what is done with each; it fails when one of them is neither taken nor refused clearly. */
export type Kind = (folder: string, runs: number, seed: number) => Promise<void>;

const { signal } = new AbortController();

/** Bytes that come from good ones: cut off, bits turned, parts doubled or swapped, foreign bytes in between; or nothing like them at all. */
function damagedBytes(good: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const place = fc.nat(1_000_000);
  const damage = fc.oneof(
    fc.record({ kind: fc.constant('cut' as const), at: place }),
    fc.record({ kind: fc.constant('flip' as const), at: place, bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.uint8Array({ maxLength: 20 }) }),
    fc.record({ kind: fc.constant('remove' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
    fc.record({ kind: fc.constant('double' as const), at: place, length: fc.integer({ min: 1, max: 64 }) }),
    fc.record({ kind: fc.constant('length' as const), at: place, value: fc.constantFrom(0, 0x7f, 0x80, 0xff) }),
  );
  const made = fc
    .record({ base: fc.constantFrom(...good), damages: fc.array(damage, { maxLength: 4 }) })
    .map(({ base, damages }) =>
      damages.reduce((bytes, change) => {
        const at = change.at % (bytes.length + 1);
        const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
        if (change.kind === 'cut') return Buffer.from(before);
        if (change.kind === 'insert') return Buffer.concat([before, change.bytes, behind]);
        if (change.kind === 'remove') return Buffer.concat([before, behind.subarray(change.length)]);
        if (change.kind === 'double') return Buffer.concat([before, behind.subarray(0, change.length), behind]);
        const changed = Buffer.from(bytes);
        if (at < changed.length)
          changed[at] = change.kind === 'flip' ? (changed[at] ?? 0) ^ (1 << change.bit) : change.value;
        return changed;
      }, base),
    );
  return fc.oneof(
    { weight: 12, arbitrary: made },
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  );
}

const NESTED = [
  '[[[[',
  '{{{{',
  'a = ',
  '"""',
  "'''",
  '\\u{0}',
  '\u0000',
  '\ufeff',
  '$env{HOME}',
  '$ref{a.b}',
  '$secret{x}',
  '$sys{y}',
];
const TOML_TEXTS = [
  '[server]\nhostname = "localhost"\noffset = 1\n[super_admin]\nusername = "admin"\npassword = "admin"\n',
  '[keystore.primary]\nfile_name = "x.jks"\n[[resource.access_control]]\ncontext = "(.*)/a"\nsecure = true\n',
  '[database.identity_db]\nurl = "jdbc:h2:./repository/database/WSO2IDENTITY_DB"\nusername = "w"\npassword = "$env{PW}"\n',
  'a.b.c = 1\n[x]\ny = { z = [1, 2, { w = "v" }] }\n[[t]]\n[[t.u]]\nd = 1979-05-27T07:32:00Z\n',
  `[a]\n${'b = [\n'.repeat(1)}${'['.repeat(300)}${']'.repeat(300)}\n]\n`,
  `${Array.from({ length: 400 }, (_, index) => `k${index}`).join('.')} = 1\n`,
  "[server]\n\"host name\" = '''\n x\n'''\n__proto__ = 1\n[constructor]\nprototype = 2\n",
  '# ünïcödé\n[server] # c\nhostname = "h\\u00e9"\r\n',
];

const TOML_BYTES = fc.oneof(
  { weight: 5, arbitrary: damagedBytes(TOML_TEXTS.map((text) => Buffer.from(text))) },
  fc
    .array(fc.constantFrom(...TOML_TEXTS.join('\n').split('\n'), ...NESTED), { maxLength: 12 })
    .map((lines) => Buffer.from(lines.join('\n'))),
);

/** The step reads, plans, shows and writes the file; what it refuses stays as it was, and what it writes is TOML that needs no more. */
async function deploymentToml(folder: string, runs: number, seed: number): Promise<void> {
  const file = join(folder, 'deployment.toml');
  const wanted = [
    { path: ['server', 'legacy_mode'], value: true },
    { path: ['resource', 'access_control'], identity: ['context'], value: { context: '(.*)/scim2/Me', secure: true } },
  ];
  const step = deploymentTomlStep({
    id: 'deployment-toml/is7',
    file: () => file,
    wanted,
    server: 'is7',
  });
  await check(TOML_BYTES, runs, seed, async (bytes) => {
    await writeFile(file, bytes);
    try {
      const state = await step.inspect(signal);
      step.notices?.(state);
      await step.diff?.(state);
      for (const change of step.plan(state)) await step.apply(change, signal);
      assert.equal(step.plan(await step.inspect(signal)), []);
      readDocument(await readFile(file, 'utf8'));
      assert.ok(isUtf8(await readFile(file)));
    } catch (error) {
      clearly(error);
      assert.ok((await readFile(file)).equals(bytes), 'changed after an error');
    }
  });
}

/** Homes with such files: the settings are discovered, and the steps made, or it is said what is wrong. */
async function homes(folder: string, runs: number, seed: number): Promise<void> {
  const home = join(folder, 'wso2is-7.2.0');
  const file = join(home, 'repository', 'conf', 'deployment.toml');
  await mkdir(dirname(file), { recursive: true });
  await check(TOML_BYTES, runs, seed, async (bytes) => {
    await writeFile(file, bytes);
    await understood(async () => {
      const { settings, environment } = await settingsOf(folder, { KMB_IS7_HOME: home, PW: 'x' });
      await makeSteps(createConfig(settings, { is7: openHome('is7', home, environment), apim: undefined }));
    });
    assert.ok((await readFile(file)).equals(bytes), 'changed');
  });
}

async function configurations(folder: string, runs: number, seed: number): Promise<void> {
  const file = join(folder, 'km-bootstrap.toml');
  const texts = [
    'recipe = "legacy"\ntimeout = "300s"\nlock_timeout = "0s"\nconcurrency = 8\n[is7]\nurl = "https://is7:9443"\npassword = "a"\n',
    '[is7]\npassword_file = "/dev/null"\n[apim]\npassword_file = "/"\nurl = "https://u:p@h:1/x"\n',
    '[[key_manager]]\nname = "A"\nissuer = "https://i"\nconnector = { username = "u", password_file = "/nowhere" }\n[[key_manager]]\nname = "A"\n',
    '[[tenant]]\nname = "a.example"\npassword = "x"\n[proof]\nscopes = ["a"]\n[watch]\nlisten = "127.0.0.1:9095"\n',
    'key_manager = 3\ntenant = [[], {}]\n[is7.url]\nx = 1\n__proto__ = { a = 1 }\n',
    `[tls]\nsans = [${'"a", '.repeat(200)}]\ndays = 99999999999999999999\n`,
  ];
  const bytes = fc.oneof(damagedBytes(texts.map((text) => Buffer.from(text))), TOML_BYTES);
  await check(bytes, runs, seed, async (text) => {
    await writeFile(file, text);
    await understood(async () => {
      const { settings } = await settingsOf(folder, {});
      await makeSteps(createConfig(settings, { is7: undefined, apim: undefined }));
    });
    assert.ok((await readFile(file)).equals(text), 'changed');
  });
}

/** Variables of every name, with values that fit and others; `_FILE` to what is no file, too. */
async function environments(folder: string, runs: number, seed: number): Promise<void> {
  const names = [
    ...SETTING_KEYS.map(environmentName),
    'KMB_KEY_MANAGER_ISSUER',
    'KMB_KEY_MANAGER_TOKEN_TYPE',
    'KMB_TIMEUOT',
    'KMB_',
    'IS7_HOME',
  ];
  const paths = [
    '/',
    '/dev/zero',
    '/dev/null',
    '/dev/stdin',
    '/dev/tty',
    '/proc/self/mem',
    '/nowhere',
    '',
    folder,
    '\u0000',
    'x'.repeat(5_000),
  ];
  const values = fc.oneof(
    fc.constantFrom(
      ...paths,
      'true',
      '0',
      '-1',
      '300s',
      '1e9s',
      'https://h:1',
      'https://',
      'legacy',
      '[::1]:0',
      'a,b',
      '\n',
      '🙂',
      '__proto__',
    ),
    fc.string(),
  );
  const variable = fc.tuple(fc.constantFrom(...names, ...names.map((name) => `${name}_FILE`)), values);
  await check(fc.array(variable, { maxLength: 6 }), runs, seed, async (variables) => {
    await understood(async () => {
      const { settings, environment } = await settingsOf(folder, Object.fromEntries(variables));
      const at = (server: 'is7' | 'apim') => {
        const path = settings[`${server}.home`];
        return path === undefined ? undefined : openHome(server, path, environment, settings[`${server}.overlay`]);
      };
      await makeSteps(createConfig(settings, { is7: at('is7'), apim: at('apim') }));
    });
  });
}

/** Stores of both formats, their bytes damaged in every way: what can be read is, anything else is refused, and nothing is written. */
async function stores(folder: string, runs: number, seed: number): Promise<void> {
  const good = [
    truststoreBytes({ a: PEMS.is7, b: PEMS.apim }),
    keystoreBytes(PEMS.is7),
    Buffer.from(PEMS.is7),
    Buffer.from('PK\u0003\u0004'),
  ];
  const path = join(folder, 'store.jks');
  await check(
    fc.tuple(damagedBytes(good), fc.constantFrom('wso2carbon', 'wrong', '')),
    runs,
    seed,
    async ([bytes, password]) => {
      await writeFile(path, bytes);
      const before = await snapshot(folder);
      await understood(() => readStore({ path, password: new Secret(password) }));
      assert.equal(await snapshot(folder), before);
    },
  );
}

/** Every kind of input, and how it is tried. */
export const KINDS: Readonly<Record<string, Kind>> = {
  'deployment.toml': deploymentToml,
  homes,
  'km-bootstrap.toml': configurations,
  environment: environments,
  stores,
};

/** Nothing may take longer: it would be a hang. */
const LONGEST_MS = 10_000;

function check<T>(
  inputs: fc.Arbitrary<T>,
  runs: number,
  seed: number,
  use: (input: T) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(inputs, async (input) => {
    const started = performance.now();
    await use(input);
    assert.ok(performance.now() - started < patient(LONGEST_MS), 'it took too long');
  });
  return fc.assert(property, { numRuns: runs, seed, includeErrorInReport: true });
}

async function understood(use: () => Promise<unknown>): Promise<void> {
  await use().catch(clearly);
}

async function settingsOf(folder: string, variables: Readonly<Record<string, string>>) {
  const environment = { ...(await loadEnvironment(folder)), ...variables };
  return {
    environment,
    settings: parseSettings(loadSettings({ flags: new Map(), workingFolder: folder }, environment)),
  };
}

async function makeSteps(config: ReturnType<typeof createConfig>): Promise<void> {
  const connections = createConnections({ caFile: undefined, proxy: {} });
  try {
    selectSteps(config, {
      connections,
      command: { name: 'plan', only: [], proof: 'off', resend: 'changed' },
      remainingMs: () => 1_000,
    });
  } finally {
    await connections.close();
  }
}
