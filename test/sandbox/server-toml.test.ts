import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startJvm } from '../../src/jvm/jvm.js';
import { readServerToml, serverTomlJars } from '../../src/sandbox/server-toml.js';

const jvm = startJvm(serverTomlJars());

test('values come flat, by dotted key, as the server sees them', () => {
  const keys = readServerToml(
    jvm,
    '[server]\nhostname = "a"\noffset = 1\nlegacy_mode = true\n[[x.y]]\n"a.b" = [1, 2]\n',
  );
  assert.equal(Object.fromEntries(keys), {
    'server.hostname': 'a',
    'server.legacy_mode': true,
    'server.offset': 1,
    'x.y': [{ '"a.b"': [1, 2] }],
  });
});

test('a table after its own sub-table is valid TOML 1.0 and yet stops the server', () => {
  assert.throws(() => readServerToml(jvm, '[a.b]\nx = 1\n[a]\ny = 2\n'), /StackOverflowError/);
});

test('a repeated table stops the server, with the line', () => {
  assert.throws(() => readServerToml(jvm, '[a]\nx = 1\n[a]\ny = 2\n'), /previously defined.*line 3/s);
});

test.run();
