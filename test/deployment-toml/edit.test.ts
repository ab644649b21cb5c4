import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { editToml } from '../../src/deployment-toml/edit.js';
import { legacyRecipe } from '../../src/deployment-toml/recipes.js';
import type { Wanted, WantedValue } from '../../src/deployment-toml/wanted.js';
import { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import { editSeenByBoth } from './both-parsers.js';

const allScopes: WantedValue = { path: ['oauth', 'authorize_all_scopes'], value: true };
const offset: WantedValue = { path: ['server', 'offset'], value: 1 };
const hostname: WantedValue = { path: ['server', 'hostname'], value: 'is7' };
const legacyMode: WantedValue = { path: ['server', 'legacy_mode'], value: true };
const rbac: WantedValue = { path: ['oauth', 'global_rbac_scope_issuer', 'enable'], value: true };
const tls: WantedValue = { path: ['keystore', 'tls', 'alias'], value: 'is7' };
const top: WantedValue = { path: ['top'], value: 'x' };

interface Case {
  readonly title: string;
  readonly before: string;
  readonly wanted: WantedValue;
  readonly after: string;
}

const values: readonly Case[] = [
  // A key goes into the table that exists, in whatever spelling.
  {
    title: 'into [a]',
    before: '[server]\nhostname = "h"\n\n[b]\n',
    wanted: legacyMode,
    after: '[server]\nhostname = "h"\nlegacy_mode = true\n\n[b]\n',
  },
  {
    title: 'into an empty [a]',
    before: '[server]\n[b]\n',
    wanted: legacyMode,
    after: '[server]\nlegacy_mode = true\n[b]\n',
  },
  {
    title: 'into [ "a" ] # comment',
    before: '[ "server" ] # c\n# d\n',
    wanted: legacyMode,
    after: '[ "server" ] # c\nlegacy_mode = true\n# d\n',
  },
  {
    title: 'into [a] at the end of the file, without a final newline',
    before: '[server]\na = 1',
    wanted: legacyMode,
    after: '[server]\na = 1\nlegacy_mode = true',
  },
  {
    title: 'into [a], indented as its keys are',
    before: '  [server]\n    a = 1 # c\n',
    wanted: legacyMode,
    after: '  [server]\n    a = 1 # c\n    legacy_mode = true\n',
  },
  {
    title: 'into [a] with CRLF',
    before: '[server]\r\na = 1\r\n\r\n[b]\r\n',
    wanted: legacyMode,
    after: '[server]\r\na = 1\r\nlegacy_mode = true\r\n\r\n[b]\r\n',
  },
  {
    title: 'into [a] whose last value goes over lines',
    before: '[server]\na = [\n  1, # one\n  2,\n]\n[b]\n',
    wanted: legacyMode,
    after: '[server]\na = [\n  1, # one\n  2,\n]\nlegacy_mode = true\n[b]\n',
  },
  {
    title: 'into [a] whose last value is a long text with a header in it',
    before: '[server]\na = """\n[server]\n"""\n',
    wanted: legacyMode,
    after: '[server]\na = """\n[server]\n"""\nlegacy_mode = true\n',
  },
  {
    title: 'next to dotted keys',
    before: 'server.hostname = "h"\nx = 1\n[b]\n',
    wanted: legacyMode,
    after: 'server.hostname = "h"\nserver.legacy_mode = true\nx = 1\n[b]\n',
  },
  {
    title: 'next to quoted dotted keys',
    before: '"server" . "hostname" = "h"\n',
    wanted: legacyMode,
    after: '"server" . "hostname" = "h"\nserver.legacy_mode = true\n',
  },
  {
    title: 'next to dotted keys below a header',
    before: '[oauth]\nglobal_rbac_scope_issuer.x = 1\ny = 2\n',
    wanted: rbac,
    after: '[oauth]\nglobal_rbac_scope_issuer.x = 1\nglobal_rbac_scope_issuer.enable = true\ny = 2\n',
  },
  {
    title: 'above dotted keys: a dotted key',
    before: 'oauth.a.b = 1\n[x]\n',
    wanted: allScopes,
    after: 'oauth.a.b = 1\noauth.authorize_all_scopes = true\n[x]\n',
  },
  {
    title: 'into a sub-table of dotted keys that is not there',
    before: 'oauth.a = 1\n[x]\n',
    wanted: rbac,
    after: 'oauth.a = 1\noauth.global_rbac_scope_issuer.enable = true\n[x]\n',
  },
  {
    title: 'into an inline table',
    before: 'server = { hostname = "h" } # c\n',
    wanted: legacyMode,
    after: 'server = { hostname = "h", legacy_mode = true } # c\n',
  },
  {
    title: 'into an empty inline table',
    before: 'server = {}\n',
    wanted: legacyMode,
    after: 'server = { legacy_mode = true }\n',
  },
  {
    title: 'into an inline table inside [a]',
    before: '[oauth]\nglobal_rbac_scope_issuer={x=1}\n',
    wanted: rbac,
    after: '[oauth]\nglobal_rbac_scope_issuer={x=1, enable = true}\n',
  },
  {
    title: 'below an inline table',
    before: 'oauth = { a = 1 }\n',
    wanted: rbac,
    after: 'oauth = { a = 1, global_rbac_scope_issuer.enable = true }\n',
  },
  {
    title: 'next to dotted keys in an inline table',
    before: 'oauth = { global_rbac_scope_issuer.x = 1 }\n',
    wanted: rbac,
    after: 'oauth = { global_rbac_scope_issuer.x = 1, global_rbac_scope_issuer.enable = true }\n',
  },
  // A parent is put before its first child.
  {
    title: 'a parent before its child',
    before: '[x]\na = 1\n\n[oauth.b]\nc = 1\n',
    wanted: allScopes,
    after: '[x]\na = 1\n\n[oauth]\nauthorize_all_scopes = true\n\n[oauth.b]\nc = 1\n',
  },
  {
    title: 'a parent before the comment of its child',
    before: '[x]\na = 1\n\n# about b\n[oauth.b]\nc = 1\n',
    wanted: allScopes,
    after: '[x]\na = 1\n\n[oauth]\nauthorize_all_scopes = true\n\n# about b\n[oauth.b]\nc = 1\n',
  },
  {
    title: 'a parent after a comment that belongs to what stands before',
    before: '[x]\na = 1\n#b = 2\n[oauth.b]\n',
    wanted: allScopes,
    after: '[x]\na = 1\n#b = 2\n\n[oauth]\nauthorize_all_scopes = true\n\n[oauth.b]\n',
  },
  {
    title: 'a parent before an array of tables below it',
    before: '[[oauth.b]]\nc = 1\n[[oauth.b]]\n',
    wanted: allScopes,
    after: '[oauth]\nauthorize_all_scopes = true\n\n[[oauth.b]]\nc = 1\n[[oauth.b]]\n',
  },
  {
    title: 'a parent before the first of children far apart',
    before: '[oauth.b.c]\n[x]\n[oauth.d]\n',
    wanted: allScopes,
    after: '[oauth]\nauthorize_all_scopes = true\n\n[oauth.b.c]\n[x]\n[oauth.d]\n',
  },
  {
    title: 'a new sub-table below its parent',
    before: '[oauth]\na = 1\n\n[x]\n',
    wanted: rbac,
    after: '[oauth]\na = 1\n\n[oauth.global_rbac_scope_issuer]\nenable = true\n\n[x]\n',
  },
  {
    title: 'a new sub-table below its sisters',
    before: '[oauth.a]\nb = 1\n# c\n\n[x]\n',
    wanted: rbac,
    after: '[oauth.a]\nb = 1\n# c\n\n[oauth.global_rbac_scope_issuer]\nenable = true\n\n[x]\n',
  },
  {
    title: 'a parent that exists may stand after nothing of its own',
    before: '[oauth]\n[oauth.a]\n[oauth.global_rbac_scope_issuer]\n[x]\n',
    wanted: rbac,
    after: '[oauth]\n[oauth.a]\n[oauth.global_rbac_scope_issuer]\nenable = true\n[x]\n',
  },
  // A new table.
  {
    title: 'a new table at the end',
    before: '[x]\na = 1\n',
    wanted: allScopes,
    after: '[x]\na = 1\n\n[oauth]\nauthorize_all_scopes = true\n',
  },
  {
    title: 'a new table at the end, without a final newline',
    before: '[x]\na = 1',
    wanted: allScopes,
    after: '[x]\na = 1\n\n[oauth]\nauthorize_all_scopes = true',
  },
  {
    title: 'a new table at the end, with CRLF',
    before: '[x]\r\n',
    wanted: allScopes,
    after: '[x]\r\n\r\n[oauth]\r\nauthorize_all_scopes = true\r\n',
  },
  {
    title: 'a new table in an empty file',
    before: '',
    wanted: allScopes,
    after: '[oauth]\nauthorize_all_scopes = true\n',
  },
  {
    title: 'a new table in a file of comments',
    before: '# c',
    wanted: tls,
    after: '# c\n\n[keystore.tls]\nalias = "is7"',
  },
  // A key of the top.
  {
    title: 'a key of the top after the others',
    before: 'a = 1\n\n[x]\n',
    wanted: top,
    after: 'a = 1\ntop = "x"\n\n[x]\n',
  },
  {
    title: 'a key of the top above everything',
    before: '# c\n\n# x is\n[x]\n',
    wanted: top,
    after: '# c\n\ntop = "x"\n\n# x is\n[x]\n',
  },
  { title: 'a key of the top in a file of comments', before: '# c\n', wanted: top, after: '# c\n\ntop = "x"\n' },
  // A conflicting value is updated in place.
  {
    title: 'another value',
    before: '[server]\nhostname="h"   # c\n',
    wanted: hostname,
    after: '[server]\nhostname="is7"   # c\n',
  },
  {
    title: 'another value, dotted and quoted',
    before: '"server".\'hostname\' = "h"\n',
    wanted: hostname,
    after: '"server".\'hostname\' = "is7"\n',
  },
  {
    title: 'another value, inline',
    before: 'server = {hostname="h",a=1}\n',
    wanted: hostname,
    after: 'server = {hostname="is7",a=1}\n',
  },
  {
    title: 'another value over lines',
    before: '[server]\nhostname = """\nh""" # c\n',
    wanted: hostname,
    after: '[server]\nhostname = "is7" # c\n',
  },
  {
    title: 'an array in the place of a text',
    before: '[server]\nhostname = [\n "h", # a ]\n]\n',
    wanted: hostname,
    after: '[server]\nhostname = "is7"\n',
  },
  {
    title: 'a boolean that says the opposite',
    before: '[server]\nlegacy_mode = false\n',
    wanted: legacyMode,
    after: '[server]\nlegacy_mode = true\n',
  },
  {
    title: '"true", which the server tells apart from true',
    before: '[server]\nlegacy_mode = "true"\n',
    wanted: legacyMode,
    after: '[server]\nlegacy_mode = true\n',
  },
  {
    title: 'a quoted number that differs',
    before: "[server]\noffset = '0'\n",
    wanted: offset,
    after: '[server]\noffset = 1\n',
  },
  // Nothing that looks like an entry.
  {
    title: 'a commented example',
    before: '[server]\na = 1\n#offset = 1\n',
    wanted: offset,
    after: '[server]\na = 1\noffset = 1\n#offset = 1\n',
  },
  {
    title: 'a commented header',
    before: '#[oauth]\n#authorize_all_scopes = true\n',
    wanted: allScopes,
    after: '#[oauth]\n#authorize_all_scopes = true\n\n[oauth]\nauthorize_all_scopes = true\n',
  },
  {
    title: 'an entry in a long text',
    before: "a = '''\n[oauth]\nauthorize_all_scopes = true\n'''\n",
    wanted: allScopes,
    after: "a = '''\n[oauth]\nauthorize_all_scopes = true\n'''\n\n[oauth]\nauthorize_all_scopes = true\n",
  },
  {
    title: 'a header in a text',
    before: 'a = "[oauth]" # [oauth]\n',
    wanted: allScopes,
    after: 'a = "[oauth]" # [oauth]\n\n[oauth]\nauthorize_all_scopes = true\n',
  },
  {
    title: 'a dotted key below a header, which is no key of the top',
    before: '[totp]\noauth.authorize_all_scopes = true\n',
    wanted: allScopes,
    after: '[totp]\noauth.authorize_all_scopes = true\n\n[oauth]\nauthorize_all_scopes = true\n',
  },
];

for (const { title, before, wanted, after } of values) {
  test(title, () => {
    const { text, edits, keys } = editSeenByBoth(before, [wanted]);
    assert.is(text, after);
    assert.equal(keys, { [wanted.path.join('.')]: wanted.value });
    const line = text.split('\n')[(edits[0]?.line ?? 0) - 1] ?? '';
    assert.ok(line.includes(wanted.path.at(-1) ?? '?') || line.startsWith('['), `line ${edits[0]?.line} is ${line}`);
  });
}

const inSync: readonly [title: string, text: string, wanted: Wanted][] = [
  ['the same value', '[server]\noffset = 1', offset],
  ['a quoted number, which the server reads alike', '[server]\noffset = "1"', offset],
  ['a number in another notation', '[server]\noffset = 0x1', offset],
  ['a text in other quotes', "server.hostname = '''is7'''", hostname],
  ['a boolean in an inline table', 'server={legacy_mode=true}', legacyMode],
];

for (const [title, text, wanted] of inSync) {
  test(`${title} is left alone`, () => assert.equal(editToml(text, [wanted]), { text, edits: [] }));
}

const conflicts: readonly [title: string, text: string, wanted: Wanted, message: RegExp][] = [
  [
    'a table where a value must stand',
    '[server]\n[server.offset]\n',
    offset,
    /^line 2: server\.offset is a table, where a value/,
  ],
  ['a value where a table must stand', 'x = 1\nserver = "s"\n', offset, /^line 2: server is a value, where a table/],
  [
    'an array of tables where a table must stand',
    '[[server]]\n',
    offset,
    /^line 1: server is an array of tables, where/,
  ],
];

for (const [title, text, wanted, message] of conflicts) {
  test(`${title} is a conflict that names the line`, () => {
    const error = thrownBy(() => editToml(text, [wanted]));
    assert.is(error.code, 'TOML_CONFLICT');
    assert.match(error.message, message);
  });
}

test('a file that the servers could not load is refused before anything is touched', () => {
  assert.is(thrownBy(() => editToml('[oauth.a]\n[oauth]\n', [offset])).code, 'TOML_INVALID');
});

test('an edit that the servers could not read back is not made', () => {
  assert.is(thrownBy(() => editToml('', [{ path: ['a', 'b"c'], value: 1 }])).code, 'TOML_EDIT_UNPROVEN');
});

test('an added value, an updated one and the reason are told in one line', () => {
  const reason = 'both servers answer on localhost:9443';
  const { edits } = editToml('[server]\nhostname = "h"\n', [legacyMode, { ...hostname, reason }]);
  assert.equal(
    edits.map(({ action, summary }) => [action, summary]),
    [
      ['add', 'set `[server] legacy_mode = true` (line 3)'],
      ['update', `set \`[server] hostname: "h" → "is7"\` (line 2): ${reason}`],
    ],
  );
});

test('a password is written, and shown neither when it is added nor when it is replaced', () => {
  const wanted = { path: ['a', 'password'], value: new Secret('s3cr"et') };
  for (const before of ['', '[a]\npassword = "0ld"\n']) {
    const { text, edits } = editToml(before, [wanted]);
    assert.ok(text.includes('password = "s3cr\\"et"'));
    assert.not.match(edits[0]?.summary ?? '', /s3cr|0ld/);
  }
});

test('a value that could be secret by its name is not shown when it is replaced by one that is none', () => {
  const wanted = { path: ['keystore', 'tls', 'key_password'], value: '$ref{keystore.tls.password}' };
  const [edit] = editToml('[keystore.tls]\nkey_password = "hunter2"\n', [wanted]).edits;
  assert.is(edit?.summary, 'set `[keystore.tls] key_password: ***** → "$ref{keystore.tls.password}"` (line 2)');
});

test('an edit changes no byte outside its own lines', () => {
  const before =
    '\t# a\r\n\r\n[server]\r\n  hostname\t=  "h"\t# b  \r\n\r\n\r\n# c\r\n[ oauth . "x" ] \r\n  y=[ 1,2 ,]   \r\n\r\n#end';
  const { text } = editSeenByBoth(before, [...legacyRecipe(), allScopes]);
  const kept = text.split('\n');
  for (const line of before.split('\n'))
    assert.ok(
      kept.some((now) => now === line || now === `${line}\r`),
      JSON.stringify(line),
    );
});

test('both recipes after one another do not break a file', () => {
  const { text } = editSeenByBoth('[server]\nhostname = "h"\n', legacyRecipe());
  const { keys } = editSeenByBoth(text, [allScopes]);
  assert.equal(keys, { 'oauth.authorize_all_scopes': true });
});

function thrownBy(use: () => unknown): BootstrapError {
  try {
    use();
  } catch (error) {
    assert.instance(error, BootstrapError);
    return error as BootstrapError;
  }
  throw new Error('nothing was thrown');
}

test.run();
