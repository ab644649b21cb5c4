import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { editToml } from '../../src/deployment-toml/edit.js';
import { currentRecipe } from '../../src/deployment-toml/recipes.js';
import type { WantedEntry } from '../../src/deployment-toml/wanted.js';
import { Secret } from '../../src/secret.js';
import { editSeenByBoth } from './both-parsers.js';

const me: WantedEntry = {
  path: ['resource', 'access_control'],
  identity: ['context', 'http_method'],
  value: { context: '(.*)/scim2/Me', http_method: 'GET', secure: true },
};
const ME = '[[resource.access_control]]\ncontext = "(.*)/scim2/Me"\nhttp_method = "GET"\nsecure = true\n';
const INLINE = '{ context = "(.*)/scim2/Me", http_method = "GET", secure = true }';

const listener: WantedEntry = {
  path: ['event_listener'],
  identity: ['id'],
  value: { id: 'x', order: 1, properties: { user: 'u', 'a.b': 'c' } },
};

/** An entry of [[resource.access_control]] for another path. */
function rule(context: string, method: string): string {
  return `[[resource.access_control]]\ncontext = "${context}"\nhttp_method = "${method}"\n`;
}

const cases: readonly { title: string; before: string; after: string; wanted?: WantedEntry }[] = [
  { title: 'the first entry, at the end', before: '[a]\nb = 1\n', after: `[a]\nb = 1\n\n${ME}` },
  {
    title: 'the first entry, below the table that holds it',
    before: '[resource]\na = 1\n\n[b]\n',
    after: `[resource]\na = 1\n\n${ME}\n[b]\n`,
  },
  { title: 'the first entry, below a sister', before: '[resource.x]\n[b]\n', after: `[resource.x]\n\n${ME}\n[b]\n` },
  {
    title: 'the first entry, dotted keys above',
    before: 'resource.a = 1\n\n[b]\n',
    after: `resource.a = 1\n\n${ME}\n[b]\n`,
  },
  {
    title: 'the first entry, in an inline table',
    before: 'resource = { a = 1 }\n',
    after: `resource = { a = 1, access_control = [${INLINE}] }\n`,
  },
  {
    title: 'after the last sibling and its comments',
    before: `${rule('/a', 'GET')}# secure = false\n\n[b]\n`,
    after: `${rule('/a', 'GET')}# secure = false\n\n${ME}\n[b]\n`,
  },
  {
    title: 'after the last of siblings far apart',
    before: `${rule('/a', 'GET')}[b]\n${rule('/c', 'GET')}[d]\n`,
    after: `${rule('/a', 'GET')}[b]\n${rule('/c', 'GET')}\n${ME}\n[d]\n`,
  },
  {
    title: 'after the sub-tables of the last sibling',
    before: `${rule('/a', 'GET')}[b]\n[resource.access_control.c]\nd = 1\n`,
    after: `${rule('/a', 'GET')}[b]\n[resource.access_control.c]\nd = 1\n\n${ME}`,
  },
  {
    title: 'after siblings for other methods and paths',
    before: `${rule('(.*)/scim2/Me', 'POST')}${rule('(.*)/scim2/Users', 'all')}`,
    after: `${rule('(.*)/scim2/Me', 'POST')}${rule('(.*)/scim2/Users', 'all')}\n${ME}`,
  },
  {
    title: 'before one for every path',
    before: `${rule('/a', 'GET')}\n${rule('(.*)', 'all')}`,
    after: `${rule('/a', 'GET')}\n${ME}\n${rule('(.*)', 'all')}`,
  },
  {
    title: 'before one for every path, and its comment',
    before: `[x]\n\n# all\n${rule('/.*', 'GET')}`,
    after: `[x]\n\n${ME}\n# all\n${rule('/.*', 'GET')}`,
  },
  {
    title: 'before one for all of SCIM with several methods',
    before: rule('(.*)/scim2/(.*)', 'POST, get'),
    after: `${ME}\n${rule('(.*)/scim2/(.*)', 'POST, get')}`,
  },
  {
    title: 'before one that is the same for one tenant',
    before: rule('/t/acme.com/scim2/Me', 'GET'),
    after: `${ME}\n${rule('/t/acme.com/scim2/Me', 'GET')}`,
  },
  {
    title: 'before one whose pattern only Java understands',
    before: rule('(?i).*+/SCIM2/me', 'GET'),
    after: `${ME}\n${rule('(?i).*+/SCIM2/me', 'GET')}`,
  },
  {
    title: 'before one that is the same but hidden',
    before: `${rule('(.*)', 'GET')}\n${ME}`,
    after: `${ME}\n${rule('(.*)', 'GET')}\n${ME}`,
  },
  {
    title: 'into an array of inline tables',
    before: '[resource]\naccess_control = [{ context = "/a" }]\n',
    after: `[resource]\naccess_control = [{ context = "/a" }, ${INLINE}]\n`,
  },
  {
    title: 'into an array of inline tables over lines',
    before: 'resource.access_control = [\n  { context = "/a" }, # a\n  { context = "/b" } # b\n]\n',
    after: `resource.access_control = [\n  { context = "/a" }, # a\n  { context = "/b" }, # b\n  ${INLINE}\n]\n`,
  },
  {
    title: 'into an array of inline tables with a last comma',
    before: 'resource.access_control = [\n  { context = "/a" }, # a\n]\n',
    after: `resource.access_control = [\n  { context = "/a" }, # a\n  ${INLINE},\n]\n`,
  },
  {
    title: 'into an array of inline tables that closes on the line',
    before: 'resource.access_control = [\r\n  { context = "/a" }]\r\n',
    after: `resource.access_control = [\r\n  { context = "/a" },\r\n  ${INLINE}]\r\n`,
  },
  {
    title: 'into an empty array',
    before: '[resource]\naccess_control = [ ] # c\n',
    after: `[resource]\naccess_control = [${INLINE}] # c\n`,
  },
  {
    title: 'into an array of inline tables, before what hides it',
    before: 'resource.access_control = [{ context = "/a" }, { context = ".*", http_method = "all" }]\n',
    after: `resource.access_control = [{ context = "/a" }, ${INLINE}, { context = ".*", http_method = "all" }]\n`,
  },
  {
    title: 'into an array over lines, before what hides it',
    before: 'resource.access_control = [\n  { context = ".*" },\n]\n',
    after: `resource.access_control = [\n  ${INLINE},\n  { context = ".*" },\n]\n`,
  },
  {
    title: 'a value of the entry that is there',
    before: ME.replace('true', 'false # c'),
    after: ME.replace('true', 'true # c'),
  },
  {
    title: 'a value that the entry lacks',
    before: `${ME.replace('secure = true\n', 'x = 1\n')}\n[b]\n`,
    after: `${ME.replace('secure = true\n', 'x = 1\nsecure = true\n')}\n[b]\n`,
  },
  {
    title: 'a value of an inline entry',
    before: `resource.access_control = [${INLINE.replace('true', '"true"')}]\n`,
    after: `resource.access_control = [${INLINE}]\n`,
  },
  {
    title: 'a value that an inline entry lacks',
    before: `resource = {access_control = [${INLINE.replace(', secure = true', '')}]}\n`,
    after: `resource = {access_control = [${INLINE}]}\n`,
  },
  {
    title: 'an entry with a sub-table',
    wanted: listener,
    before: '[a]\n',
    after: '[a]\n\n[[event_listener]]\nid = "x"\norder = 1\n[event_listener.properties]\nuser = "u"\n"a.b" = "c"\n',
  },
  {
    title: 'the sub-table of an entry that lacks it',
    wanted: listener,
    before: '[[event_listener]]\nid = "x"\norder = 1\n\n[[event_listener]]\nid = "y"\n',
    after:
      '[[event_listener]]\nid = "x"\norder = 1\n\n[event_listener.properties]\nuser = "u"\n"a.b" = "c"\n\n[[event_listener]]\nid = "y"\n',
  },
  {
    title: 'the values of the sub-table of the right entry',
    wanted: listener,
    before:
      '[[event_listener]]\nid = "y"\n[event_listener.properties]\nuser = "v"\n[[event_listener]]\nid = "x"\norder = 2\n[b]\n[event_listener.properties]\nuser = "w"\n',
    after:
      '[[event_listener]]\nid = "y"\n[event_listener.properties]\nuser = "v"\n[[event_listener]]\nid = "x"\norder = 1\n[b]\n[event_listener.properties]\nuser = "u"\n"a.b" = "c"\n',
  },
  {
    title: 'a sub-table in dotted keys',
    wanted: listener,
    before: '[[event_listener]]\nid = "x"\nproperties.user = "w"\norder = 1\n',
    after: '[[event_listener]]\nid = "x"\nproperties.user = "u"\nproperties."a.b" = "c"\norder = 1\n',
  },
  {
    title: 'a sub-table inline',
    wanted: listener,
    before: 'event_listener = [{id="x",order=1,properties={}}]\n',
    after: 'event_listener = [{id="x",order=1,properties={ user = "u", "a.b" = "c" }}]\n',
  },
  {
    title: 'an entry whose own keys end and whose sub-table was implied',
    wanted: listener,
    before: '[[event_listener]]\nid = "x"\norder = 1\n[event_listener.properties.deep]\n',
    after:
      '[[event_listener]]\nid = "x"\norder = 1\n\n[event_listener.properties]\nuser = "u"\n"a.b" = "c"\n\n[event_listener.properties.deep]\n',
  },
];

for (const { title, before, wanted = me, after } of cases) {
  test(title, () => {
    const { text, edits, keys } = editSeenByBoth(before, [wanted]);
    assert.is(text, after);
    assert.is(edits.length, 1);
    assert.equal(Object.keys(keys), [wanted.path.join('.')]);
  });
}

test('empty lists are left out of an inline table, in which the servers cannot read them', () => {
  const before = 'resource = { access_control = [{ context = "/a" }] }\n';
  const { text } = editSeenByBoth(before, currentRecipe({ roleCreation: false }).slice(1));
  assert.is(
    text,
    'resource = { access_control = [{ context = "/a" }, { context = "(.*)/scim2/Me", secure = true, http_method = "GET", cross_tenant = true }] }\n',
  );
  const filled = text.replace('cross_tenant = true', 'cross_tenant = true, scopes = ["x"]');
  assert.throws(
    () => editToml(filled, currentRecipe({ roleCreation: false }).slice(1)),
    /^line 1: resource\.access_control\.scopes must be \[\], which the servers’ parser cannot read in an inline table/,
  );
});

test('an entry that holds all and more is left alone', () => {
  const text = `${rule('/a', 'GET')}${ME}further = "x"\n${rule('(.*)', 'all')}`;
  assert.equal(editToml(text, [me]), { text, edits: [] });
});

const conflicts: readonly [title: string, text: string][] = [
  ['a table', '[resource.access_control]\n'],
  ['an array of texts', '[resource]\naccess_control = ["x"]\n'],
  ['a text', '[resource]\naccess_control = "x"\n'],
];

for (const [title, text] of conflicts) {
  test(`${title} where the entries must stand is a conflict`, () => {
    assert.throws(
      () => editToml(text, [me]),
      /^line \d: resource\.access_control is .*, where an array of tables is needed/,
    );
  });
}

test('the plan says what an entry is put before, and what of one changes', () => {
  const summaries = (text: string) => editToml(text, [me]).edits.map(({ action, summary }) => [action, summary]);
  const name = '`[[resource.access_control]] context = "(.*)/scim2/Me", http_method = "GET"`';
  assert.equal(summaries(rule('(.*)', 'all')), [
    ['add', `add ${name} (line 1), before the entry for \`(.*)\`, which would match first`],
  ]);
  assert.equal(summaries('[x]\n'), [['add', `add ${name} (line 3)`]]);
  assert.equal(summaries(ME.replace('true', 'false')), [
    ['update', `set \`secure: false → true\` in ${name} (line 4)`],
  ]);
});

test('the recipe with revocation writes the password and never shows it', () => {
  const recipe = currentRecipe({
    roleCreation: true,
    revocation: { notificationEndpoint: 'https://a/notify', username: 'admin', password: new Secret('s3cret') },
  });
  const { text, edits, keys } = editSeenByBoth('[event_default]\nx = 1\n', recipe);
  assert.ok(
    text.includes(
      '[event_listener.properties]\nnotification_endpoint = "https://a/notify"\nusername = "admin"\npassword = "s3cret"\n',
    ),
  );
  assert.ok(text.includes('"header.X-WSO2-KEY-MANAGER" = "WSO2-IS"'));
  assert.not.match(JSON.stringify(edits), /s3cret/);
  assert.equal(Object.keys(keys).sort(), [
    'event_listener',
    'oauth.authorize_all_scopes',
    'resource.access_control',
    'role_mgt.allow_system_prefix_for_role',
  ]);
  const changed = editToml(text.replace('s3cret', 'other'), recipe);
  assert.is(changed.text, text);
  assert.not.match(JSON.stringify(changed.edits), /s3cret|other/);
});

test.run();
