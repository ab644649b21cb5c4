import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { placesIn, problemAt } from '../../src/config/place.js';

const TEXT = `timeout = "soon"

[is7]
url = "http://is"
[apim]
  username = "admin"
  password = "s3cret"

[[key_manager]]
name = "A"
claim_mapping = [{ remote = "r", local = 1 }]
[[key_manager]]
name = "B"
[key_manager.connector]
"dotted.name" = 1
properties.extra = "x"
`;

const places: readonly [path: string, at: 'key' | undefined, source: string, marked: string][] = [
  ['timeout', undefined, 'f.toml:1:11', '"soon"'],
  ['timeout', 'key', 'f.toml:1:1', 'timeout'],
  ['is7.url', undefined, 'f.toml:4:7', '"http://is"'],
  ['apim.username', 'key', 'f.toml:6:3', 'username'],
  ['key_manager[0].claim_mapping[0].local', undefined, 'f.toml:11:42', '1'],
  ['key_manager[1].name', undefined, 'f.toml:13:8', '"B"'],
  ['key_manager[1].issuer', undefined, 'f.toml:12:3', 'key_manager'],
  ['key_manager[1].connector.properties.extra', 'key', 'f.toml:16:1', 'properties.extra'],
];

for (const [path, at, source, marked] of places) {
  test(`${at ?? 'the value'} of ${path} is found, or what it would stand in`, () => {
    const { source: found, frame = '' } = placesIn('f.toml', TEXT)(path, at);
    assert.is(found, source);
    const [line = '', caret = ''] = frame.split('\n');
    assert.is(line.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1), marked);
  });
}

test('what stands nowhere is in the file', () => {
  assert.equal(placesIn('f.toml', TEXT)('tls.days'), { source: 'f.toml' });
});

const secrets: readonly [title: string, line: string, path: string][] = [
  ['a password', 'password = "s3cret"', 'password'],
  ['a password with quotes in it', `password = 's3"cret'`, 'password'],
  ['a password in an inline table, the key after it', 'a = { password = "s3cret", b = 1 }', 'a.b'],
  ['a password in a JDBC URL', 'url = "jdbc:mysql://h/d?user=u&password=s3cret&x=y"', 'url'],
  ['a password before the host of a URL', 'url = "https://u:s3cret@h"', 'url'],
  ['a password under a misspelt key', 'pasword = "s3cret"', 'pasword'],
  ['a password under a short name', 'pwd = "s3cret"', 'pwd'],
  ['a token under a key nobody knows', 'bearer = "s3cret"', 'bearer'],
  ['a number that could be a PIN', 'pin = 53', 'pin'],
  ['what a comment says', 'home = "/opt" # password: s3cret', 'home'],
  ['a password with @ in it in a URL', 'url = "jdbc:mysql://root:a@b:s3cret@h/d"', 'url'],
  ['a password of Oracle', 'url = "jdbc:oracle:thin:scott/s3cret@h"', 'url'],
  ['a password in braces', 'url = "jdbc:sqlserver://h;password={a;s3cret}"', 'url'],
];

for (const [title, line, path] of secrets) {
  test(`${title} is not shown, and the caret stands right`, () => {
    const { frame = '' } = placesIn('f.toml', line)(path, 'key');
    assert.not.match(frame, 's3');
    const [shown = '', caret = ''] = frame.split('\n');
    assert.is(shown.slice(caret.indexOf('^'), caret.lastIndexOf('^') + 1), path.replace(/^a\./, ''));
  });
}

test('of a long line the part around the caret is shown', () => {
  const { frame = '' } = placesIn('f.toml', `a = { ${'x = "'}${'y'.repeat(300)}", z = 1 }`)('a.z', 'key');
  for (const line of frame.split('\n')) assert.ok(line.length < 120);
  assert.match(frame, 'z = ');
});

test('a line within a long string is not shown: it may be a part of a secret', () => {
  const text = 'password = """\ns3cret = {\n"""\n[is7]\nhome = 1';
  assert.match(placesIn('f.toml', text)('is7.home').frame ?? '', 'home = 1');
  assert.is(placesIn('f.toml', 'a = """\nb\n"""')('a').source, 'f.toml:1:5');
});

test('a problem says where first, as compilers do', () => {
  assert.is(
    problemAt(placesIn('f.toml', TEXT)('is7.url'), 'is7.url must be https://host:port'),
    'f.toml:4:7: is7.url must be https://host:port\n  4 | url = "http://is"\n    |       ^^^^^^^^^^^',
  );
});

test.run();
