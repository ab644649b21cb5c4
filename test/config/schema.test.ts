import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createConfig } from '../../src/composition/config.js';
import { tlsIdentity } from '../../src/composition/tls.js';
import { KEY_MANAGER_KEYS, TENANT_KEYS } from '../../src/config/key-manager.js';
import { loadSettings } from '../../src/config/load.js';
import { defaultSettings, parserOf, parseSettings, type Settings } from '../../src/config/parse.js';
import { configurationSchema } from '../../src/config/schema.js';
import { SETTING_KEYS, settingDefinition } from '../../src/config/settings.js';
import type { JsonSchema } from '../../src/config/shape.js';
import type { BootstrapError } from '../../src/errors.js';
import { openHome } from '../../src/servers/home.js';
import { withTempFolder } from '../support/temp-folder.js';

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const isValid = ajv.compile(configurationSchema());

const good: readonly [title: string, toml: string][] = [
  ['nothing at all', ''],
  ['both homes', '[is7]\nhome = "/is7"\n[apim]\nhome = "/apim"'],
  [
    'a schema line and every kind',
    '#:schema x\ntimeout = "5m"\nconcurrency = 4\nrevocation = true\nrecipe = "current"',
  ],
  ['a secret by file', '[apim]\npassword_file = "/run/secrets/x"'],
  ['a tenant and its Key Manager', '[[tenant]]\nname = "a.example"\npassword = "x"\n[[key_manager]]\nname = "A"'],
  ['one table alone', '[key_manager]\nconnector = { authentication = "mutual-tls", identity_user = "km" }'],
  ['roles', '[key_manager]\npermissions = { type = "ALLOW", roles = ["a"] }\ngrant_types = "a, b"'],
];

for (const [title, toml] of good) {
  test(`taken: ${title}`, () => {
    assert.ok(isValid(parse(toml)), JSON.stringify(isValid.errors));
  });
}

const bad: readonly [title: string, toml: string, at: string][] = [
  ['an unknown key', 'timout = "5m"', ''],
  ['an unknown key of a table', '[is7]\nhom = "x"', '/is7'],
  ['a duration without a unit', 'timeout = "5"', '/timeout'],
  ['a word there is not', 'recipe = "new"', '/recipe'],
  ['a URL with a path', '[is7]\nurl = "https://is:9443/x"', '/is7/url'],
  ['a secret twice', '[apim]\npassword = "x"\npassword_file = "y"', '/apim'],
  ['a negative offset', '[is7]\noffset = -1', '/is7/offset'],
  ['a tenant without a password', '[[tenant]]\nname = "a.example"', '/tenant/0'],
  [
    'several Key Managers without names',
    '[[key_manager]]\nname = "A"\n[[key_manager]]\nenabled = true',
    '/key_manager/1',
  ],
  ['an alias without a token type', '[[key_manager]]\nalias = "x"', '/key_manager/0'],
  ['permissions without roles', '[[key_manager]]\npermissions = { type = "DENY" }', '/key_manager/0/permissions'],
];

for (const [title, toml, at] of bad) {
  test(`refused: ${title}`, () => {
    assert.not(isValid(parse(toml)));
    const places = isValid.errors?.map(({ instancePath }) => instancePath) ?? [];
    assert.ok(places.includes(at), places.join(' '));
  });
}

test('every key has a description, and every default is one that its setting takes', () => {
  for (const key of SETTING_KEYS) {
    const { default: usual } = settingDefinition(key);
    const schema = key
      .split('.')
      .reduce<JsonSchema>(
        (table, name) => (table['properties'] as Record<string, JsonSchema>)[name] ?? {},
        configurationSchema(),
      );
    assert.match(String(schema['description']), /^\S.*\.$/, key);
    assert.is(schema['default'], usual, key);
    if (usual === undefined) continue;
    const report = (path: string, problem: string) => assert.unreachable(`${path} ${problem}`);
    assert.is.not(parserOf(settingDefinition(key)).parse(usual, { path: key, report }), undefined);
  }
});

test('to say a default changes nothing', () =>
  withTempFolder(async (workingFolder) => {
    const none = { is7: undefined, apim: undefined };
    const [unsaid, said] = [createConfig(defaultSettings(), none), createConfig(defaults(), none)];
    const plain = (config: object) =>
      Object.entries(config).filter(([, value]) => !['object', 'function'].includes(typeof value));
    assert.equal(plain(said), plain(unsaid));
    const home = join(workingFolder, 'wso2is-7.2.0');
    mkdirSync(join(home, 'repository', 'conf'), { recursive: true });
    writeFileSync(join(home, 'repository', 'conf', 'deployment.toml'), '');
    const identity = (settings: Settings) =>
      tlsIdentity(settings, 'is7', openHome('is7', home, {}), 'localhost').wanted;
    assert.equal(identity(defaults()), identity(defaultSettings()));
  }));

/** Every default, said. */
function defaults(): Settings {
  const said = SETTING_KEYS.flatMap((key) => {
    const { default: raw } = settingDefinition(key);
    return raw === undefined ? [] : [[key, { raw, source: 'test' }] as const];
  });
  return parseSettings({ found: new Map(said), keyManagers: [], tenants: [], nodes: [], problems: [] });
}

/** The parser is right by definition; what an editor says must agree with it, for values good and bad in every place. */
test('the schema takes what the parser takes, and refuses what it refuses', () =>
  withTempFolder(async (workingFolder) => {
    const file = join(workingFolder, 'km-bootstrap.toml');
    fc.assert(
      fc.property(document(), (wanted) => {
        writeFileSync(file, stringify(wanted));
        const problem = problemIn(workingFolder);
        assert.is(isValid(wanted), problem === undefined, `${problem}\n${JSON.stringify(isValid.errors)}`);
      }),
      { numRuns: 700, seed: 20261123 },
    );
  }));

function problemIn(workingFolder: string): string | undefined {
  try {
    parseSettings(loadSettings({ flags: new Map(), workingFolder }, {}));
    return undefined;
  } catch (error) {
    return (error as BootstrapError).message;
  }
}

/** What is right in one place and wrong in others. */
const VALUE = fc.constantFrom<unknown>(
  ...[
    '',
    ' ',
    'x',
    'true',
    '7',
    '5m',
    '90s',
    '5',
    '1h30m',
    'legacy',
    'oauth',
    'rsa2048',
    'self',
    'JWT',
    'DIRECT',
    'BOTH',
  ],
  ...[
    'https://is',
    'https://is:9443/',
    'https://is/x?y',
    'https://u:p@is',
    'http://is',
    'https://',
    'a.example',
    'a/b',
  ],
  ...['a, b', 'a,,b', 'mutual-tls', 'carbon.super', '127.0.0.1:9095', '[::1]:1', 'host:', 'n'.repeat(101)],
  ...[true, false, 0, 7, -1, 99_999, 100_000, 1.5, [], ['a'], [''], [1], {}, { a: 'b' }, { a: 1 }],
);

const ODDITIES = ['oddity', 'is7.oddity', 'odd.ity'];

function document(): fc.Arbitrary<Record<string, unknown>> {
  return fc
    .record({
      settings: fc.uniqueArray(fc.tuple(fc.constantFrom(...SETTING_KEYS, ...ODDITIES), VALUE), {
        maxLength: 2,
        selector: ([key]) => key,
      }),
      keyManagers: fc.array(tableOf(KEY_MANAGER_KEYS), { maxLength: 2 }),
      tenants: fc.array(tableOf(TENANT_KEYS), { maxLength: 1 }),
    })
    .map(({ settings, keyManagers, tenants }) => ({
      ...settings.reduce((table, [key, value]) => withValue(table, key.split('.'), value), {}),
      ...(keyManagers.length > 0 && { key_manager: keyManagers.map(distinct) }),
      ...(tenants.length > 0 && { tenant: tenants.map(({ username: _, ...tenant }) => tenant) }),
    }));
}

/** That two have one name no schema can say, nor that a text is a certificate. */
function distinct(keyManager: Record<string, unknown>, index: number): Record<string, unknown> {
  const { pem: _, ...rest } = keyManager;
  return typeof rest['name'] === 'string' && rest['name'].trim() ? { ...rest, name: `${rest['name']}${index}` } : rest;
}

function tableOf(keys: Readonly<Record<string, unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const names = [...Object.keys(keys), 'oddity'];
  const plain = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), VALUE), {
    maxLength: 3,
    selector: ([name]) => name,
  });
  return fc.tuple(plain, INNER).map(([values, inner]) => ({ ...Object.fromEntries(values), ...inner }));
}

const MAYBE_ROLES = fc.constantFrom({}, { roles: [] }, { roles: ['a'] }, { roles: 'a' });
/** Tables in a Key Manager whose keys depend on each other. */
const INNER = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc
    .tuple(fc.constantFrom('ALLOW', 'DENY', 'PUBLIC', 'x', undefined), MAYBE_ROLES)
    .map(([type, roles]) => ({ permissions: { ...(type !== undefined && { type }), ...roles } })),
  fc
    .record(
      {
        authentication: fc.constantFrom('basic', 'mutual-tls'),
        identity_user: fc.constantFrom('km', ''),
        password: fc.constant('x'),
        properties: VALUE,
      },
      { requiredKeys: [] },
    )
    .map((connector) => ({ connector })),
  fc
    .record(
      { alias: fc.constant('x'), token_type: fc.constantFrom('DIRECT', 'EXCHANGED', 'BOTH') },
      { requiredKeys: [] },
    )
    .map((keys) => keys),
  fc.record({ remote: VALUE, local: VALUE }, { requiredKeys: [] }).map((claim) => ({ claim_mapping: [claim] })),
  fc
    .record({ type: VALUE, value: VALUE, enable: VALUE }, { requiredKeys: [] })
    .map((rule) => ({ token_validation: [rule] })),
);

function withValue(
  table: Record<string, unknown>,
  [name = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...table, [name]: value };
  const inner = table[name];
  const base =
    typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Record<string, unknown>) : {};
  return { ...table, [name]: withValue(base, rest, value) };
}

test.run();
