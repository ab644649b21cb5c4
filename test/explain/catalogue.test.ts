import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF, SEVERITY_OF, STEP_NOTICES } from '../../src/codes.js';
import { CHAPTERS, ERRORS, explainCode, NOTICES } from '../../src/explain/catalogue.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const CODES = [...Object.keys(ERRORS), ...Object.keys(NOTICES)];
/** Every `errors.ts`, with what the files beside and below it say. */
const DOMAINS = filesBelow('src', 'sandbox')
  .filter((path) => basename(path) === 'errors.ts')
  .map((path) => ({ path, text: usersOf(path) }));

test('every message is said by something: there are no dead ones', async () => {
  const dead: string[] = [];
  for (const { path, text } of DOMAINS) {
    const { MESSAGES } = (await import(pathToFileURL(join(BUILT, path.replace(/ts$/, 'js'))).href)) as Catalogue;
    for (const [code, told] of Object.entries(MESSAGES)) {
      const ways = typeof told === 'function' ? [''] : Object.keys(told);
      dead.push(...ways.filter((way) => !isSaid(code, way, text)).map((way) => `${path}: ${code} ${way}`));
    }
  }
  assert.equal(dead, []);
});

test('every code has a message, and no message has its words elsewhere', async () => {
  const said = new Set<string>();
  for (const { path } of DOMAINS) {
    const { MESSAGES } = (await import(pathToFileURL(join(BUILT, path.replace(/ts$/, 'js'))).href)) as Catalogue;
    for (const code of Object.keys(MESSAGES)) said.add(code);
  }
  assert.equal(
    CODES.filter((code) => !said.has(code)),
    [],
  );
  const elsewhere = filesBelow('src', 'sandbox')
    .filter((path) => basename(path) !== 'errors.ts')
    .filter((path) =>
      /\bcode: '[A-Z0-9_]+',\s+(message: [^}]*,\s+hint|hint)\b/.test(readFileSync(join(ROOT, path), 'utf8')),
    );
  assert.equal(elsewhere, []);
});

interface Catalogue {
  readonly MESSAGES: Readonly<Record<string, object>>;
}

const BUILT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** `MESSAGES.CODE(…)`, `MESSAGES.CODE.way`, or one of several that is chosen by its name: `MESSAGES.CODE[way]`, `MESSAGES[code]`. */
function isSaid(code: string, way: string, text: string): boolean {
  if (way === '') return new RegExp(`\\b${code}\\b(?!\\.\\w)|'${code}'`).test(text.replace(/\*.*|`[A-Z0-9_]+`/g, ''));
  return text.includes(`${code}.${way}`) || (text.includes(`${code}[`) && text.includes(`'${way}'`));
}

function usersOf(path: string): string {
  const told = filesBelow(dirname(path)).filter((file) => basename(file) !== 'errors.ts');
  // Some are told from above: what a command comes to, a signal, a defect.
  return [...told, ...filesBelow('src/commands', 'src/container'), 'src/errors.ts', 'src/main.ts']
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n');
}

function filesBelow(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => path.endsWith('.ts') && !path.includes('explain/')),
  );
}

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

test.run();
