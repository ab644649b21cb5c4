import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF, SEVERITY_OF, STEP_NOTICES } from '../../src/codes.js';
import { CHAPTERS, ERRORS, explainCode, NOTICES } from '../../src/explain/catalogue.js';

/** Everything that is written in src but the explanations themselves. */
const SOURCES = sourceTexts().join('\n');
const CODES = [...Object.keys(ERRORS), ...Object.keys(NOTICES)];

test('every code is used somewhere: there are no dead ones', () => {
  const dead = CODES.filter((code) => !SOURCES.includes(`'${code}'`));
  assert.equal(dead, []);
});

test('every word after `code:` is in the catalogue', () => {
  const used = [...SOURCES.matchAll(/\bcode: '([A-Z][A-Z0-9_]+)'/g)].map(([, code = '']) => code);
  assert.ok(used.length > 100);
  assert.equal(
    [...new Set(used)].filter((code) => !explainCode(code)),
    [],
  );
});

test('what is explained is what the list of codes has', () => {
  const listed = [...Object.keys(EXIT_CODE_OF), ...Object.keys(SEVERITY_OF), ...STEP_NOTICES];
  assert.equal(CODES.toSorted(), [...new Set(listed)].sort());
});

test('a code is either an error or a note, and stands in one chapter', () => {
  assert.equal(
    Object.keys(NOTICES).filter((code) => Object.hasOwn(EXIT_CODE_OF, code)),
    [],
  );
  assert.equal(CHAPTERS.flatMap(({ codes }) => codes).toSorted(), CODES.toSorted());
});

test('every explanation is made of sentences, and its remedy is more than the hint', () => {
  for (const code of CODES) {
    const { what = '', why = '', remedy = '', example } = explainCode(code) ?? {};
    for (const text of [what, why, remedy]) assert.match(text, /^\S.*\.$/s, code);
    assert.is.not(remedy, example?.hint, code);
  }
});

/** Examples are copies: when a message is reworded, its example has to follow. */
test('every example is what the tool prints: most of its words stand in the source', () => {
  const windows = new Set<string>();
  const text = SOURCES.replace(/\\(['`"])/g, '$1').replace(/\s+/g, ' ');
  for (let at = 0; at + WINDOW <= text.length; at++) windows.add(text.slice(at, at + WINDOW));
  const stale = CODES.flatMap((code) => {
    const { message = '', hint = '' } = explainCode(code)?.example ?? {};
    return [
      { code, text: message, found: coverage(message, windows), needed: 0.25 },
      { code, text: hint, found: coverage(hint, windows), needed: 0.6 },
    ].filter(({ found, needed }) => found < needed);
  });
  assert.equal(stale, []);
});

const WINDOW = 10;

/** The part of a text that is covered by pieces of the source. */
function coverage(text: string, windows: ReadonlySet<string>): number {
  const covered = new Array<boolean>(text.length).fill(false);
  for (let at = 0; at + WINDOW <= text.length; at++) {
    if (windows.has(text.slice(at, at + WINDOW))) covered.fill(true, at, at + WINDOW);
  }
  return covered.filter(Boolean).length / text.length;
}

function sourceTexts(): readonly string[] {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'src');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('explain') && path !== 'codes.ts')
    .map((path) => readFileSync(join(root, path), 'utf8'));
}

test.run();
