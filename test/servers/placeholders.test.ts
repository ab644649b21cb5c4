import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolvePlaceholders, unescapeXml } from '../../src/servers/placeholders.js';

const VALUES: Readonly<Record<string, string>> = {
  'server.hostname': 'is7',
  'a.b': '$ref{server.hostname}:$env{PORT}',
  loop: '$ref{pool}',
  pool: '$ref{loop}',
};
const sources = { ref: (path: string) => VALUES[path], env: (name: string) => ({ PORT: '9443' })[name] };

const cases: readonly [title: string, text: string, resolved: string][] = [
  ['a text without placeholders stays', 'plain $ {x} text', 'plain $ {x} text'],
  ['$ref{} is another key of the file', 'https://$ref{server.hostname}/', 'https://is7/'],
  ['$env{} is a variable, and chains are followed', '$ref{a.b}', 'is7:9443'],
  ['${carbon.…} is left alone', '${carbon.protocol}://$ref{server.hostname}', '${carbon.protocol}://is7'],
];

for (const [title, text, resolved] of cases) test(title, () => assert.is(resolvePlaceholders(text, sources), resolved));

const refused: readonly [title: string, text: string, message: RegExp][] = [
  ['a variable that is not set', '$env{NONE}', /\$env\{NONE\} has no value here/],
  ['a key that is not there', '$ref{none}', /\$ref\{none\} has no value here/],
  ['a system property that cannot be known', '$sys{x}', /\$sys\{x\} has no value here/],
  ['a secret', '$secret{admin}', /\$secret\{admin\} is encrypted/],
  ['a circle', '$ref{loop}', /leads back to itself/],
];

for (const [title, text, message] of refused) {
  test(`${title} is an error that names it`, () => assert.throws(() => resolvePlaceholders(text, sources), message));
}

test('a value from the environment that looks like a replacement pattern is taken literally', () => {
  assert.is(resolvePlaceholders('$env{P}', { ref: () => undefined, env: () => "a$&b$'" }), "a$&b$'");
});

test('the entities of XML in a JDBC URL are unescaped once', () => {
  assert.is(unescapeXml('jdbc:mysql://h/db?a=1&amp;b=2&amp;amp;c'), 'jdbc:mysql://h/db?a=1&b=2&amp;c');
});

test.run();
