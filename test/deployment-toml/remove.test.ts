import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDocument } from '../../src/deployment-toml/document.js';
import { editToml } from '../../src/deployment-toml/edit.js';
import { findLeftovers } from '../../src/deployment-toml/leftovers.js';
import { currentRecipe, legacyRecipe, type Recipe } from '../../src/deployment-toml/recipes.js';
import { removeFromToml, type TomlPlace } from '../../src/deployment-toml/remove.js';
import { renderPath } from '../../src/deployment-toml/render.js';
import { Secret } from '../../src/secret.js';
import { keysForServers } from './both-parsers.js';
import { documents } from './documents.js';

const legacyMode: TomlPlace = { path: ['server', 'legacy_mode'] };
const enable: TomlPlace = { path: ['oauth', 'x', 'enable'] };
const first: TomlPlace = { path: ['event_listener'], index: 0 };
const second: TomlPlace = { path: ['event_listener'], index: 1 };

const cases: readonly { title: string; place: TomlPlace; before: string; after: string }[] = [
  {
    title: 'the line of a key',
    place: legacyMode,
    before: '[server]\nhostname = "h"\n  legacy_mode = true  \n# c\noffset = 1\n',
    after: '[server]\nhostname = "h"\n# c\noffset = 1\n',
  },
  {
    title: 'a key, and the comment behind it stays',
    place: legacyMode,
    before: '[server]\r\na = 1\r\nlegacy_mode = true   # why\r\n',
    after: '[server]\r\na = 1\r\n# why\r\n',
  },
  {
    title: 'the last line of a file without a final newline',
    place: legacyMode,
    before: '[server]\r\na = 1\r\nlegacy_mode = true',
    after: '[server]\r\na = 1',
  },
  {
    title: 'a key whose value goes over lines',
    place: legacyMode,
    before: '[server]\na = 1\nlegacy_mode = [\n  1, # one\n]\nb = 2\n',
    after: '[server]\na = 1\nb = 2\n',
  },
  {
    title: 'a table that is empty then, with its header and a blank line',
    place: enable,
    before: '[a]\nb = 1\n\n[oauth.x]\nenable = true\n\n[c]\n',
    after: '[a]\nb = 1\n\n[c]\n',
  },
  {
    title: 'a table at the end',
    place: enable,
    before: '[a]\nb = 1\n\n[oauth.x]\nenable = true\n',
    after: '[a]\nb = 1\n',
  },
  {
    title: 'a table at the end, without a final newline',
    place: enable,
    before: '[a]\nb = 1\n\n[oauth.x]\nenable = true',
    after: '[a]\nb = 1',
  },
  { title: 'all there is', place: enable, before: '[oauth.x]\nenable = true\n', after: '' },
  {
    title: 'a table and its parent that held nothing else',
    place: enable,
    before: '[a]\n\n[oauth]\n\n[oauth.x]\nenable = true\n',
    after: '[a]\n',
  },
  {
    title: 'a key only, where comments stand below the header',
    place: enable,
    before: '[oauth.x]\n# enable = false\nenable = true\n[b]\n',
    after: '[oauth.x]\n# enable = false\n[b]\n',
  },
  {
    title: 'a header that only a sub-table is left of',
    place: enable,
    before: '[oauth.x]\nenable = true\n[oauth.x.y]\nz = 1\n',
    after: '[oauth.x.y]\nz = 1\n',
  },
  {
    title: 'a dotted key',
    place: enable,
    before: '"oauth".x . enable = true\noauth.y = 1\n',
    after: 'oauth.y = 1\n',
  },
  {
    title: 'the first key of an inline table',
    place: legacyMode,
    before: 'server = { legacy_mode = true, a = 1 } # c\n',
    after: 'server = { a = 1 } # c\n',
  },
  {
    title: 'the last key of an inline table',
    place: legacyMode,
    before: 'server = { a = 1, legacy_mode = true }\n',
    after: 'server = { a = 1 }\n',
  },
  {
    title: 'an inline table that is empty then',
    place: enable,
    before: 'b = 1\noauth = { x = { enable = true } }\n',
    after: 'b = 1\n',
  },
  {
    title: 'an inline table that is empty then, and the table that held it',
    place: enable,
    before: '[oauth]\nx = { enable = true }\n\n[b]\n',
    after: '[b]\n',
  },
  {
    title: 'an entry of an array of tables with its sub-table, wherever that stands',
    place: first,
    before:
      '[a]\n\n# ours\n[[event_listener]]\nid = "x"\n[b]\n[event_listener.properties]\nc = 1 # see\n\n[[event_listener]]\nid = "y"\n',
    after: '[a]\n\n# ours\n[b]\n# see\n\n[[event_listener]]\nid = "y"\n',
  },
  {
    title: 'the second entry',
    place: second,
    before: '[[event_listener]]\nid = "y"\n\n[[event_listener]]\nid = "x"\nproperties = { a = 1 }\n',
    after: '[[event_listener]]\nid = "y"\n',
  },
  {
    title: 'an item of an array of inline tables',
    place: first,
    before: 'event_listener = [{ id = "x" }, { id = "y" }]\n',
    after: 'event_listener = [{ id = "y" }]\n',
  },
  {
    title: 'an item of an array over lines, whose comments stay',
    place: second,
    before: 'event_listener = [\n  { id = "y" }, # y\n  { id = "x" }, # x\n]\n',
    after: 'event_listener = [\n  { id = "y" }, # y\n   # x\n]\n',
  },
  {
    title: 'the only item, with its key',
    place: first,
    before: 'a = 1\nevent_listener = [{ id = "x" }]\n',
    after: 'a = 1\n',
  },
  { title: 'nothing where there is nothing', place: enable, before: '[oauth]\na = 1\n', after: '[oauth]\na = 1\n' },
];

for (const { title, place, before, after } of cases) {
  test(`removed: ${title}`, () => {
    const { text } = removeFromToml(before, place);
    assert.is(text, after);
    const [old, now] = [keysForServers(before), keysForServers(text)];
    for (const [key, value] of now) if (key !== 'event_listener') assert.equal(value, old.get(key));
    if (place.index === undefined) assert.is(removeFromToml(text, place).text, text);
  });
}

const FILES = [
  '',
  '[server]\nhostname = "h"\n',
  '# c\r\n\r\n[server]\r\nhostname = "h" # h\r\n\r\n[oauth.token]\r\nx = 1\r\n\r\n#end',
  'server = { hostname = "h" }\n',
  'server.hostname = "h"\n\n[oauth.grant_type.x]\na = 1\n\n[[event_listener]]\nid = "y"\n[event_listener.properties]\nb = 1\n',
  '[server]\na = 1\n\n[oauth]\nb = 1\n\n[role_mgt]\nc = 1\n\n[[resource.access_control]]\ncontext = "/x"\n',
];

const revocation = { notificationEndpoint: 'https://a/notify', username: 'u', password: new Secret('p') };
const recipes = {
  legacy: legacyRecipe(),
  current: currentRecipe({ roleCreation: true, revocation }),
} as const;

for (const [index, before] of FILES.entries()) {
  for (const [old, next] of [
    ['legacy', 'current'],
    ['current', 'legacy'],
  ] as const satisfies readonly (readonly [Recipe, Recipe])[]) {
    test(`file ${index + 1}: from ${old} to ${next} and cleaned up, it is as if it had always been ${next}`, () => {
      const both = editToml(editToml(before, recipes[old]).text, recipes[next]).text;
      const leftovers = findLeftovers(readDocument(both), next);
      assert.is(leftovers.length, 3);
      assert.ok(leftovers.every(({ isOurs }) => isOurs));
      const cleaned = leftovers.reduce((text, { place }) => removeFromToml(text, place).text, both);
      assert.equal(findLeftovers(readDocument(cleaned), next), []);
      assert.equal([...keysForServers(cleaned)], [...keysForServers(editToml(before, recipes[next]).text)]);
    });
    test(`file ${index + 1}: with ${old} and without it again, it is the same text`, () => {
      const wanted = recipes[old].filter(({ path }) => path[0] !== 'resource');
      const edited = editToml(before, wanted).text;
      const leftovers = findLeftovers(readDocument(edited), next);
      assert.is(
        leftovers.toReversed().reduce((text, { place }) => removeFromToml(text, place).text, edited),
        before,
      );
    });
  }
}

/** `TOML_RUNS=2000` for the full run; `TOML_SEED` for other files. */
const RUNS = Number(process.env['TOML_RUNS'] ?? 150);
const SEED = Number(process.env['TOML_SEED'] ?? 20261123);

test(`${RUNS} generated files: each key and each entry can go alone, for both parsers, and no comment with it (seed ${SEED})`, () => {
  let removed = 0;
  fc.assert(
    fc.property(documents, ({ text, loads }) => {
      if (!loads) return;
      const before = keysForServers(text);
      for (const place of placesIn(readDocument(text).values)) {
        const { text: after } = removeFromToml(text, place);
        const key = renderPath(place.path);
        const now = keysForServers(after);
        const others = [...before].filter(([name]) => name !== key);
        assert.equal(
          [...now].filter(([name]) => name !== key),
          others,
          `${key} took others along`,
        );
        const list = before.get(key);
        const left = place.index !== undefined && Array.isArray(list) ? list.toSpliced(place.index, 1) : [];
        assert.equal(now.get(key) ?? [], left, `${key} is still there`);
        assert.ok(isWithin(commentsOf(text), commentsOf(after)), `${key} took comments along`);
        removed += 1;
      }
    }),
    { numRuns: RUNS, seed: SEED, includeErrorInReport: true },
  );
  process.stdout.write(`\nseed ${SEED}, ${removed} keys and entries removed\n`);
});

/** Every key with a value, and every entry of an array of tables. */
function placesIn(table: Readonly<Record<string, unknown>>, above: readonly string[] = []): readonly TomlPlace[] {
  return Object.entries(table).flatMap(([name, value]): readonly TomlPlace[] => {
    const path = [...above, name];
    if (Array.isArray(value) && value.length > 0 && value.every(isTable))
      return value.map((_, index) => ({ path, index }));
    return isTable(value) ? placesIn(value, path) : [{ path }];
  });
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** In their order; a comment that stood behind something is a line of its own afterwards. */
function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return all.reduce((at, item) => (item === some[at] ? at + 1 : at), 0) === some.length;
}

function commentsOf(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => /^\s*(#.*?)\r?$/.exec(line)?.[1] ?? []);
}

test('a listener that holds more than we write is named and not ours', () => {
  const { text } = editToml('', recipes.current);
  const [, , listener] = findLeftovers(readDocument(text.replace('order = 1', 'order = 1\nextra = 1')), 'legacy');
  assert.is(listener?.isOurs, false);
});

test.run();
