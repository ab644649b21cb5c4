import fc from 'fast-check';
import { parse } from 'smol-toml';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { editToml } from '../../src/deployment-toml/edit.js';
import { currentRecipe, legacyRecipe } from '../../src/deployment-toml/recipes.js';
import { isAlike, renderEntry, renderPath } from '../../src/deployment-toml/render.js';
import { isWantedEntry, type TomlValue, type Wanted, type WantedEntry } from '../../src/deployment-toml/wanted.js';
import { BootstrapError } from '../../src/errors.js';
import { differenceForServers, differenceForToml, keysForServers } from './both-parsers.js';
import { documents, type Generated } from './documents.js';

/** `TOML_RUNS=2000` for the full run; `TOML_SEED` for other files. */
const RUNS = Number(process.env['TOML_RUNS'] ?? 300);
const SEED = Number(process.env['TOML_SEED'] ?? 20261123);

type Editor = (text: string, wanted: readonly Wanted[]) => string;
type Entries = readonly Readonly<Record<string, unknown>>[];

const wantedValue = fc.record({
  path: fc.constantFrom(
    ...[
      'server.offset',
      'server.hostname',
      'server.x.y',
      'oauth.x.enable',
      'x.y',
      'y',
      'oauth.oauth',
      'resource.id',
    ].map((path) => path.split('.')),
    ['x', 'a.b'],
  ),
  value: fc.constantFrom<TomlValue>(1, '1', true, 'x"\\é', [], ['a', 'b']),
});

const listener: WantedEntry = {
  path: ['event_listener'],
  identity: ['id'],
  value: { id: 'x', order: 2, properties: { user: 'u', 'a.b': true } },
};

const wanted = fc.oneof(
  fc.array(fc.constantFrom<Wanted>(...legacyRecipe(), ...currentRecipe({ roleCreation: true }), listener), {
    maxLength: 4,
  }),
  fc.uniqueArray(wantedValue, { maxLength: 3, selector: ({ path }) => flatKey(path) }),
);

const seen = new Map<string, number>();

test(`${RUNS} generated files: an edit gives exactly what is wanted, for both parsers, once (seed ${SEED})`, () => {
  fc.assert(
    fc.property(documents, wanted, (document, items) => {
      count(
        document,
        judge(document, items, (text, all) => editToml(text, all).text),
      );
    }),
    { numRuns: RUNS, seed: SEED, includeErrorInReport: true },
  );
  const table = [...seen].sort(([a], [b]) => a.localeCompare(b)).map(([name, times]) => `${name} ${times}`);
  process.stdout.write(`\nseed ${SEED}, ${RUNS} files: ${table.join(', ')}\n`);
  const missing = Object.keys(CONSTRUCTS).filter((name) => !seen.has(name));
  assert.equal(missing, [], 'constructs that no file had');
});

const planted: readonly [title: string, editor: Editor, complaint: RegExp][] = [
  ['only appends is caught: files that it made the servers refuse', appendOnly, /does not start/],
  ['only appends is caught: values that it set twice', appendOnly, /a second edit changes the text|previously defined/],
  ['drops a comment is caught', dropComment, /the line .* is gone/],
];

for (const [title, editor, complaint] of planted) {
  test(`an editor that ${title}`, () => {
    const cases = fc.sample(fc.tuple(documents, wanted), { numRuns: 100, seed: SEED }).filter(([{ loads }]) => loads);
    const complaints = cases.map(([document, items]) => complaintAbout(() => judge(document, items, editor)));
    assert.ok(complaints.some((message) => complaint.test(message)));
  });
}

function complaintAbout(use: () => unknown): string {
  try {
    use();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** What became of an edit; throws where it is wrong. */
function judge({ text, loads }: Generated, items: readonly Wanted[], edit: Editor): string {
  const after = attempt(() => edit(text, items));
  if (after instanceof BootstrapError) {
    const expected = loads ? 'TOML_CONFLICT' : 'TOML_INVALID';
    assert.is(after.code, expected, after.message);
    if (loads)
      assert.ok(
        items.some((item) => isObstructed(text, item)),
        after.message,
      );
    return loads ? 'conflict' : 'refused';
  }
  assert.ok(loads, 'a file that the servers do not load was edited');
  const changed = differenceForServers(text, after);
  assert.equal(differenceForToml(text, after), changed, 'the parsers see different edits');
  checkKeys(text, after, items, Object.keys(changed));
  checkLines(text, after);
  checkInsertion(text, after, items);
  assert.is(edit(after, items), after, 'a second edit changes the text');
  return after === text ? 'in sync' : 'edited';
}

function checkKeys(text: string, after: string, items: readonly Wanted[], changed: readonly string[]): void {
  const [old, now] = [keysForServers(text), keysForServers(after)];
  const allowed = items.map(({ path }) => flatKey(path));
  assert.equal(
    changed.filter((key) => !allowed.includes(key)),
    [],
    'other keys changed',
  );
  for (const item of items) {
    const key = flatKey(item.path);
    if (isWantedEntry(item)) checkEntries((old.get(key) ?? []) as Entries, (now.get(key) ?? []) as Entries, item);
    else assert.ok(isAlike(now.get(key), item.value), `${key} is not what is wanted`);
  }
}

/** The entry is there and first of its kind; the others are as before and in order. */
function checkEntries(old: Entries, now: Entries, { identity, value }: WantedEntry): void {
  const isOne = (entry: Entries[number]) => identity.every((key) => isAlike(entry[key], value[key] as TomlValue));
  const index = now.findIndex(isOne);
  assert.is.not(index, -1, 'the entry is not there');
  for (const [key, wish] of Object.entries(value)) {
    if (key === 'properties' || isEmptyAnyway(now[index]?.[key], wish)) continue;
    assert.ok(isAlike(now[index]?.[key], wish as TomlValue), `${key} is not what is wanted`);
  }
  const others = now.toSpliced(index, 1);
  assert.equal(others, now.length > old.length ? old : old.toSpliced(old.findIndex(isOne), 1), 'other entries changed');
}

function isEmptyAnyway(found: unknown, wish: unknown): boolean {
  return found === undefined && Array.isArray(wish) && wish.length === 0;
}

/** Every line that is not edited is still there, in order: an edit changes one line a wanted item at most and adds others. */
function checkLines(text: string, after: string): void {
  const now = after.split('\n');
  const comments = text.split('\n').filter((line) => /^\s*#/.test(line));
  let at = 0;
  for (const line of comments) {
    at = now.findIndex((found, index) => index >= at && found.replace(/\r$/, '') === line.replace(/\r$/, '')) + 1;
    assert.is.not(at, 0, `the line ${JSON.stringify(line)} is gone`);
  }
  if (text !== '') assert.is(after.endsWith('\n'), text.endsWith('\n'), 'the final newline changed');
  if (text.includes('\n')) assert.is(/\r\n/.test(after), /\r\n/.test(text), 'the line ends changed');
}

/** A key that was not there comes in at one place: every byte before and behind it stays. */
function checkInsertion(text: string, after: string, [item, ...others]: readonly Wanted[]): void {
  if (!item || others.length > 0 || isWantedEntry(item) || keysForServers(text).has(flatKey(item.path))) return;
  let start = 0;
  while (start < text.length && text[start] === after[start]) start += 1;
  assert.ok(after.endsWith(text.slice(start)), 'bytes beside the new key changed');
}

function appendOnly(text: string, items: readonly Wanted[]): string {
  const lines = items.flatMap((item) =>
    isWantedEntry(item)
      ? []
      : [`[${renderPath(item.path.slice(0, -1))}]`, renderEntry(item.path.slice(-1), item.value)],
  );
  return [text, ...lines, ''].join('\n');
}

function dropComment(text: string, items: readonly Wanted[]): string {
  return editToml(text, items).text.replace(/^#.*\n/m, '');
}

/** Whether something else than a table stands on the way or a table at the end, or an inline table that cannot hold an empty list. */
function isObstructed(text: string, item: Wanted): boolean {
  const isEmptyList = isWantedEntry(item) || (Array.isArray(item.value) && item.value.length === 0);
  return isBlocked(parse(text), item.path, isWantedEntry(item)) || (isEmptyList && text.includes('{'));
}

/** Whatever stands where an entry is wanted may be of another kind or form. */
function isBlocked(table: unknown, [name = '', ...rest]: readonly string[], isEntry: boolean): boolean {
  if (typeof table !== 'object' || table === null || Array.isArray(table) || table instanceof Date) return true;
  const next = (table as Record<string, unknown>)[name];
  if (next === undefined) return false;
  return rest.length > 0 ? isBlocked(next, rest, isEntry) : typeof next === 'object' || isEntry;
}

function flatKey(path: readonly string[]): string {
  return renderPath(path);
}

const CONSTRUCTS: Readonly<Record<string, RegExp>> = {
  'array of inline tables': /=\s*\[\s*\{/,
  'array of tables': /^\s*\[\[/m,
  'array over lines': /=\s*\[ *(#.*)?\r?\n/,
  'commented example': /^#\[/m,
  crlf: /\r\n/,
  'dotted key': /^[ \t]*[\w"'-]+ ?\. ?[\w"'.-]+\s*=/m,
  'header with comment': /^\s*\[.*\] #/m,
  'inline table': /=\s*\{/,
  'no final newline': /[^\n]$/,
  'quoted header': /^\s*\[+ ?["']/m,
  'quoted key': /^\s*["'][^=]*=/m,
  'text over lines': /"""|'''/,
};

function count({ text }: Generated, outcome: string): void {
  const found = Object.entries(CONSTRUCTS).filter(([, sign]) => sign.test(text));
  for (const name of [...found.map(([construct]) => construct), `→ ${outcome}`])
    seen.set(name, (seen.get(name) ?? 0) + 1);
}

function attempt<T>(use: () => T): T | BootstrapError {
  try {
    return use();
  } catch (error) {
    if (error instanceof BootstrapError) return error;
    throw error;
  }
}

test.run();
