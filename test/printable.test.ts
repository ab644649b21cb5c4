import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { oneLine, printable } from '../src/printable.js';

const HARMFUL: readonly [title: string, character: string][] = [
  ['escape', '\u001b'],
  ['carriage return', '\r'],
  ['backspace', '\b'],
  ['bell', '\u0007'],
  ['DEL', '\u007f'],
  ['a C1 control sequence introducer', '\u009b'],
  ['a right-to-left override', '\u202e'],
  ['a bidirectional isolate', '\u2066'],
  ['a zero-width space', '\u200b'],
  ['a byte order mark', '\ufeff'],
  ['a line separator', '\u2028'],
  ['a tag', '\u{e0041}'],
];

for (const [title, character] of HARMFUL) {
  test(`${title} is written as what it is, and JSON stays the same JSON`, () => {
    const shown = printable(`a${character}b`);
    assert.match(shown, /^a(\\u[\da-f]{4}){1,2}b$/);
    assert.is(JSON.parse(printable(JSON.stringify(`a${character}b`))), `a${character}b`);
    assert.is(printable(shown), shown);
    assert.is.not(oneLine(`a${character}b`), `a${character}b`);
  });
}

test('words of any language, signs, line feeds and tabs stay', () => {
  const text = 'Größe → “Müller” 日本語 🔑 é\n\tx';
  assert.is(printable(text), text);
  assert.is(oneLine('a\nb'), 'a\\nb');
});

test.run();
