import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readServerToml, serverTomlJars } from '../../sandbox/server-toml.js';
import { startJvm } from '../../src/jvm/jvm.js';

const jvm = startJvm(serverTomlJars());

test('values come flat, by dotted key, as the server sees them', () => {
  const keys = readServerToml(
    jvm,
    '[server]\nhostname = "a"\noffset = 1\nlegacy_mode = true\nrate = 1.5\nsince = 1979-05-27\n[[x.y]]\n"a.b" = [1, 2]\n',
  );
  assert.equal(Object.fromEntries(keys), {
    'server.hostname': 'a',
    'server.legacy_mode': true,
    'server.offset': 1,
    'server.rate': 1.5,
    'server.since': '1979-05-27',
    'x.y': [{ '"a.b"': [1, 2] }],
  });
});

const refused: readonly [title: string, text: string, why: RegExp][] = [
  ['a table after its own sub-table, although TOML 1.0 allows it', '[a.b]\nx = 1\n[a]\ny = 2\n', /StackOverflowError/],
  ['the same inside an array of tables', '[[t]]\n[t.a.b]\nx = 1\n[t.a]\ny = 2\n', /StackOverflowError/],
  ['a repeated table, with line and column', '[a]\nx = 1\n[a]\ny = 2\n', /line 3, column 1: a previously defined/],
  ['what is no TOML, with line and column', 'a = 1\nb = {{ x }}\n', /line 2, column 6: Unexpected/],
  ['a key that the parser cannot read back', "'a\"b' = 1\n", /Invalid key/],
  ['a key that the parser reads back as another', "'a\\b' = 1\n", /cannot read back the key/],
];

for (const [title, text, why] of refused) {
  test(`${title}, stops the server`, () => {
    assert.throws(
      () => readServerToml(jvm, text),
      (error: { code: string; message: string }) => {
        assert.is(error.code, 'TOML_INVALID');
        assert.match(error.message, why);
        assert.not.match(error.message, /\n/);
        return true;
      },
    );
  });
}

test('a stack overflow is survived, again and again', () => {
  for (let count = 0; count < 20; count += 1) assert.throws(() => readServerToml(jvm, '[a.b]\n[a]\n'), /StackOverflow/);
  assert.is(readServerToml(jvm, 'a = 1').get('a'), 1);
});

test.run();
