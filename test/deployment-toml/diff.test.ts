import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diffToml } from '../../src/deployment-toml/diff.js';

const BEFORE = [
  '[server]',
  'hostname = "localhost"',
  'node_ip = "127.0.0.1"',
  '',
  '[super_admin]',
  'username = "admin"',
  'password = "canary-1"',
  'create_admin_account = true',
  '',
].join('\n');

test('a change is shown with two lines around it', async () => {
  const after = BEFORE.replace('node_ip', 'offset = 1\nnode_ip');
  assert.equal(await diffToml(BEFORE, after), [
    '@ deployment.toml, line 1',
    '  [server]',
    '  hostname = "localhost"',
    '+ offset = 1',
    '  node_ip = "127.0.0.1"',
    '',
  ]);
});

test('a value that was replaced stands before the new one', async () => {
  const after = BEFORE.replace('localhost', 'is7.test');
  assert.equal((await diffToml(BEFORE, after)).slice(2, 4), ['- hostname = "localhost"', '+ hostname = "is7.test"']);
});

const SECRETS: readonly [title: string, text: string][] = [
  ['a neighbour', BEFORE],
  ['a comment', BEFORE.replace('password = "canary-1"', '# password = "canary-1"')],
  ['an inline table', BEFORE.replace('password = "canary-1"', 'a = { password = "canary-1" }')],
  ['a comment in words', BEFORE.replace('password = "canary-1"', '# password: canary-1')],
  ['a comment behind a value', BEFORE.replace('password = "canary-1"', 'enable = true # canary-1')],
  ['a short name', BEFORE.replace('password = "canary-1"', 'pwd = "canary-1"')],
  ['a name that says nothing', BEFORE.replace('password = "canary-1"', 'jwt = "canary-1"')],
  ['a list', BEFORE.replace('password = "canary-1"', 'sas = [\n  "canary-1",\n  "canary-2" ]')],
  ['a URL with a login', BEFORE.replace('password = "canary-1"', 'notification_endpoint = "https://u:canary-1@h"')],
  ['a quoted key', BEFORE.replace('password = "canary-1"', '"a b" = "canary-1"')],
  [
    'a line of a long text that looks like an entry',
    BEFORE.replace('password = "canary-1"', "x = '''\nenable = canary-1\n'''"),
  ],
  ['the middle of a long text', BEFORE.replace('password = "canary-1"', 'pem = """\ncanary-1\n"""')],
];

for (const [title, text] of SECRETS) {
  test(`a secret is not shown: ${title}`, async () => {
    const lines = await diffToml(
      text,
      text.replace('create_admin', 'x = 1\ncreate_admin').replace('pem', 'y = 2\npem'),
    );
    assert.ok(lines.length > 2);
    assert.not.match(lines.join('\n'), 'canary');
  });
}

test.run();
