import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadSettings } from '../../src/config/load.js';
import { parseSettings, type Settings } from '../../src/config/parse.js';
import type { BootstrapError } from '../../src/errors.js';
import { withTempFolder } from '../support/temp-folder.js';

type Environment = Readonly<Record<string, string>>;

/** The settings of a configuration file and an environment. */
function settingsOf(toml: string, environment: Environment = {}): Promise<Settings> {
  return withTempFolder(async (workingFolder) => {
    await writeFile(join(workingFolder, 'km-bootstrap.toml'), toml.replaceAll('<folder>', workingFolder));
    await writeFile(join(workingFolder, 'secret'), 's3cret\n');
    return parseSettings(loadSettings({ flags: new Map(), workingFolder }, environment));
  });
}

/** Every problem, one a line, without its place. */
async function problemsOf(toml: string, environment: Environment = {}): Promise<readonly string[]> {
  try {
    await settingsOf(toml, environment);
  } catch (error) {
    const { code, message } = error as BootstrapError;
    assert.is(code, 'CONFIG_INVALID');
    assert.not.match(message, 's3cret');
    const lines = message.split('\n').filter((line) => !/^ +\d* \|/.test(line));
    return lines.map((line) => line.replace(/^km-bootstrap\.toml:\d+:\d+: /, ''));
  }
  return [];
}

test('several Key Managers and tenants are read, passwords from mounted files too', async () => {
  const { key_manager: keyManagers, tenant: tenants } = await settingsOf(`
[[tenant]]
name = "a.example"
password_file = "<folder>/secret"

[[key_manager]]
name = "One"
permissions = { type = "ALLOW", roles = ["admin"] }
claim_mapping = [{ remote = "r", local = "l" }]
validation = "introspection"

[[key_manager]]
name = "Two"
tenant = "a.example"
state = "absent"
connector = { username = "km", password_file = "<folder>/secret", properties = { anything = true } }
`);
  assert.equal(
    keyManagers?.map(({ name, tenant, state }) => [name, tenant, state]),
    [
      ['One', undefined, undefined],
      ['Two', 'a.example', 'absent'],
    ],
  );
  assert.is(keyManagers?.[1]?.connector?.password?.reveal(), 's3cret');
  assert.equal(
    tenants?.map(({ name, username, password }) => [name, username, password.reveal()]),
    [['a.example', 'admin@a.example', 's3cret']],
  );
  assert.not.match(JSON.stringify(keyManagers), 's3cret');
});

test('a single table is one Key Manager as well', async () => {
  assert.equal((await settingsOf('[key_manager]\nname = "One"')).key_manager, [{ name: 'One' }]);
});

test('variables make the one Key Manager, or change the one that is declared', async () => {
  const environment = { KMB_KEY_MANAGER_ENABLED: 'false', KMB_KEY_MANAGER_GRANT_TYPES: 'password, refresh_token' };
  assert.equal((await settingsOf('', environment)).key_manager, [
    { enabled: false, grant_types: ['password', 'refresh_token'] },
  ]);
  assert.equal((await settingsOf('[[key_manager]]\nname = "One"\nenabled = true', environment)).key_manager, [
    { name: 'One', enabled: false, grant_types: ['password', 'refresh_token'] },
  ]);
});

const problems: [title: string, toml: string, environment: Environment, expected: readonly string[]][] = [
  [
    'a misspelt key, with the nearest that there is',
    '[[key_manager]]\ntokn_type = "DIRECT"\nconnector = { user = "x" }\nflavour = 1',
    {},
    [
      'key_manager[0].tokn_type there is no such key (did you mean token_type?)',
      'key_manager[0].connector.user there is no such key',
      'key_manager[0].flavour there is no such key',
    ],
  ],
  [
    'a misspelt variable',
    '',
    { KMB_KEY_MANAGER_ISUER: 'x' },
    ['KMB_KEY_MANAGER_ISUER: there is no such variable (did you mean KMB_KEY_MANAGER_ISSUER?)'],
  ],
  [
    'variables beside several Key Managers',
    '[[key_manager]]\nname = "A"\n[[key_manager]]\nname = "B"',
    { KMB_KEY_MANAGER_ISSUER: 'x' },
    ['KMB_KEY_MANAGER_ISSUER: set one Key Manager, but the file declares several'],
  ],
  [
    'a variable with a bad value, by its own name',
    '[[key_manager]]\nname = "A"',
    { KMB_KEY_MANAGER_TOKEN_TYPE: 'DIRKT' },
    [
      'KMB_KEY_MANAGER_TOKEN_TYPE: key_manager[0].token_type must be DIRECT or EXCHANGED or BOTH, not "DIRKT" (did you mean DIRECT?)',
    ],
  ],
  [
    'lengths of the Admin API',
    `[[key_manager]]\nname = "${'n'.repeat(101)}"\ndisplay_name = "${'d'.repeat(101)}"\ndescription = "${'x'.repeat(257)}"`,
    {},
    [
      'key_manager[0].name has 101 characters, and at most 100 are allowed',
      'key_manager[0].display_name has 101 characters, and at most 100 are allowed',
      'key_manager[0].description has 257 characters, and at most 256 are allowed',
    ],
  ],
  [
    'URLs, which must be https and hold no password',
    '[[key_manager]]\nurl = "https://is/x"\ntoken_endpoint = "http://is/token"\njwks = "is/jwks"\nrevoke_endpoint = "https://u:s3cret@is"',
    {},
    [
      'key_manager[0].url must be https://host:port, without a path',
      'key_manager[0].token_endpoint must be an https:// URL, not "http://is/token"',
      'key_manager[0].jwks must be an https:// URL, not "is/jwks"',
      'key_manager[0].revoke_endpoint must not hold a user name or password',
    ],
  ],
  [
    'kinds of values',
    '[[key_manager]]\nenabled = 1\ngrant_types = [1]\npermissions = "ALLOW"\nissuer = ""\npem = "x"',
    {},
    [
      'key_manager[0].enabled must be true or false',
      'key_manager[0].grant_types[0] must be a text in quotes',
      'key_manager[0].permissions must be a table',
      'key_manager[0].issuer is empty',
      'key_manager[0].pem is not a PEM certificate',
    ],
  ],
  [
    'roles and permissions',
    '[[key_manager]]\nname = "A"\npermissions = { type = "DENY" }\n[[key_manager]]\nname = "B"\npermissions = { roles = ["x"] }',
    {},
    [
      'key_manager[1].permissions.type is missing',
      'key_manager[0].permissions.roles is missing: DENY needs at least one role',
    ],
  ],
  [
    'what contradicts itself',
    '[[key_manager]]\njwks = "https://is/jwks"\npem_file = "/nowhere"\nalias = "x"\nclaim_mapping = [{ remote = "r" }]',
    {},
    [
      'key_manager[0].pem_file: cannot read /nowhere: ENOENT',
      'key_manager[0].claim_mapping[0].local is missing',
      'key_manager[0].alias means nothing unless token_type is EXCHANGED or BOTH',
    ],
  ],
  [
    'mutual TLS without its user, and a password with it',
    '[[key_manager]]\nconnector = { authentication = "mutual-tls", password = "s3cret" }',
    {},
    [
      'key_manager[0].connector.identity_user is missing: mutual-tls needs it',
      'key_manager[0].connector.password means nothing with mutual-tls',
    ],
  ],
  [
    'one name twice in one tenant',
    '[[key_manager]]\nname = "A"\n[[key_manager]]\nname = "A"\ntenant = "a.example"\n[[key_manager]]\nname = "A"',
    {},
    ['key_manager[2].name: A in carbon.super is already declared by key_manager[0] (km-bootstrap.toml:1:3)'],
  ],
  [
    'several without names',
    '[[key_manager]]\nname = "A"\n[[key_manager]]\nenabled = true',
    {},
    ['key_manager[1].name is missing: with several Key Managers each needs one'],
  ],
  [
    'a name that is API Manager’s own, and a tenant that is none',
    '[[key_manager]]\nname = "Resident Key Manager"\ntenant = "a/b"',
    {},
    [
      "key_manager[0].name is API Manager's own Key Manager",
      'key_manager[0].tenant must be a tenant\'s domain, such as example.com, not "a/b"',
    ],
  ],
  [
    'tenants',
    '[[tenant]]\nname = "carbon.super"\npassword = "s3cret"\n[[tenant]]\nname = "a.example"\n[[tenant]]\nusername = "u"\npassword = "s3cret"\npassword_file = "/nowhere"',
    {},
    [
      'tenant[2].password and tenant[2].password_file are both given; give one',
      'tenant[2].password_file: cannot read /nowhere: ENOENT',
      'tenant[0].name carbon.super is the tenant of apim.username and apim.password',
      'tenant[1].password is missing: give password or password_file',
      'tenant[2].name is missing',
    ],
  ],
];

for (const [title, toml, environment, expected] of problems) {
  test(`refused: ${title}`, async () => {
    assert.equal(await problemsOf(toml, environment), expected);
  });
}

test.run();
