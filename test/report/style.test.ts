import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fold, styleOf } from '../../src/report/style.js';

const TERMINAL = { isTTY: true, columns: 80 };

const colors: readonly [title: string, stream: object, environment: Record<string, string>, colored: boolean][] = [
  ['a terminal', TERMINAL, {}, true],
  ['a pipe', {}, {}, false],
  ['NO_COLOR', TERMINAL, { NO_COLOR: '1' }, false],
  ['an empty NO_COLOR', TERMINAL, { NO_COLOR: '' }, true],
  ['a dumb terminal', TERMINAL, { TERM: 'dumb' }, false],
  ['FORCE_COLOR off a terminal', {}, { FORCE_COLOR: '1' }, true],
  ['FORCE_COLOR=0', TERMINAL, { FORCE_COLOR: '0' }, true],
  ['NO_COLOR against FORCE_COLOR', TERMINAL, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
];

for (const [title, stream, environment, colored] of colors) {
  test(`${title}: ${colored ? 'colours' : 'no colours'}`, () => {
    assert.is(styleOf(stream, environment, 'color').paint('red', 'x') !== 'x', colored);
    assert.is(styleOf(stream, environment, 'plain').paint('red', 'x'), 'x');
  });
}

test('a terminal that is not UTF-8 gets ASCII; a pipe and an unknown locale do not', () => {
  assert.is(styleOf(TERMINAL, { LANG: 'C' }, 'color').spell('a → b…'), 'a -> b...');
  assert.is(styleOf(TERMINAL, { LANG: 'C', LC_ALL: 'en_US.UTF-8' }, 'color').spell('a → b…'), 'a → b…');
  assert.is(styleOf(TERMINAL, {}, 'color').spell('→'), '→');
  assert.is(styleOf({}, { LANG: 'C' }, 'color').spell('→'), '→');
});

test('only a terminal folds lines', () => {
  assert.is(styleOf({ columns: 80 }, {}, 'color').columns, Number.POSITIVE_INFINITY);
  assert.is(styleOf(TERMINAL, {}, 'color').columns, 80);
});

test('a long line is folded between words and indented; a long word stays whole', () => {
  assert.is(fold('  + one two three', 11, 4), '  + one two\n    three');
  assert.is(fold('a /a/very/long/path b', 8, 2), 'a\n  /a/very/long/path\n  b');
  assert.is(fold('short', 80, 2), 'short');
});

test.run();
