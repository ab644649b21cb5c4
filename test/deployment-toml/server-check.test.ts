import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readServerToml, serverTomlJars } from '../../sandbox/server-toml.js';
import { readDocument } from '../../src/deployment-toml/document.js';
import { BootstrapError } from '../../src/errors.js';
import { startJvm } from '../../src/jvm/jvm.js';

const jvm = startJvm(serverTomlJars());

/** Whether they load is for the servers' own parser to say. */
const FILES = [
  // Tables
  '[a.b]\n[a]',
  '[[a.b]]\n[a]',
  '[a]\nb.c=1\n[a.b]',
  'a.b=1\n[a]',
  'a.b=1\n[a.c]',
  '[a.b.c]\n[a.b]',
  '[a.b.c]\n[x]\n[a]\ny=1',
  '[a]\n[a]',
  '[a]\n["a"]',
  "[a]\n[ 'a' ]",
  'a=1\n"a"=2',
  'a=1\n[a]',
  'a=1\n[a.b]',
  'a=1\n[[a]]',
  '[[a]]\n[a]',
  '[a]\n[[a]]',
  't=[]\n[[t]]',
  't=[{a=1}]\n[[t]]',
  '[t.x]\n[[t.x]]',
  '[[a]]\n[a.b]\n[[a]]\n[a.b]',
  '[[a]]\n[a.b]\n[a.b]',
  '[[a]]\n[a.b.c]\n[a.b]',
  '[[a]]\n[[a.b]]\n[a.b.c]\n[[a.b]]\n[a.b.c]',
  '[a]\n[a.b]\n[c]\n[a.d]',
  'a.b=1\n[[a.c]]',
  'a.b=1\na.b.c=2',
  'a={b=1}\n[a]',
  'a={b.c=1,b.d=2}',
  'a={b=1,b=2}',
  '[x]\na.b.c=1\na.b.d=2',
  '[a]\nb.c=1\n[a.b.d]',
  'a.b=1\n[a.c.d]\n[a.c]',
  '["a.b"]\n[a]',
  '[__proto__]\na=1\n[constructor]\nb=1',
  // Arrays and inline tables
  'a=[1,"x"]',
  'a=[1,2.0]',
  'a=[true,"true"]',
  'a=[[1],["a"]]',
  'a=[{b=1},{c="x"}]',
  'a=[{},1]',
  'a=[{b=[1,"x"]}]',
  'a=[1\n,2]',
  'a=[1 # c\n,2]',
  'a=[ # c\n1, # d\n\n2 # e\n]',
  'a=[1,2,]',
  'a=["x",\'y\',"""z"""]',
  'a=[1.0,inf,nan]',
  'a=[1,0x10]',
  'a={b=1,}',
  'a={b=1,\nc=2}',
  'a={\n}',
  'a={ }',
  'a={b=[1,\n2]}',
  'a={b="""x\ny"""}',
  'a=[[],{}]',
  'a=[]\nb=[ ]\nc=[\n]\n[[d]]\ne=[]',
  'a={b=[]}',
  'a={b=1,c=[\n]}',
  'a=[{b=[]},{b=[1]}]',
  'a={b=[{}],c={}}',
  'a=[[],[1]]\nb=1',
  'a=[[],[]]\nb=1',
  'a=[[[]],[{b=1}]]\nc=1',
  // Strings and keys
  'a="x\ty"',
  "a='x\ty'",
  'a="""\n\ty"""',
  "a='''\n\ty'''",
  'a="\\e"',
  'a="\\x41"',
  'a="\\\\e"',
  'a="\\\\x41"',
  '"a\ty"=1',
  "'a\ty'=1",
  '"a"\t.\tb\t=\t1\t# c',
  '"\\x41"=1',
  'a="""x"y""z"""',
  'a="""x"""" # c',
  "a='''x''''",
  'a="""x\\""""',
  'a="""""x"""',
  'a=""""""',
  'a="""x\\\n   y"""',
  'a="""x\\\t\ny"""',
  'a="""x\\\n\ty"""',
  'a="""x\\\\\ty"""',
  'a="""\n[server]\n[server]\n"""',
  "'a\"b'=1",
  "'a\\b'=1",
  '"a\'b"=1',
  "'header.X-WSO2'=1",
  '"é"=1',
  '""=1',
  '"a]"=1\n["b]"] # [c]',
  'a="é€😀" # é😀',
  'a="\\U0001F600"',
  'é=1',
  // Dates and numbers
  'a=1979-05-27T07:32:00Z',
  'a=1979-05-27 07:32:00 # c',
  'a=1979-05-27t07:32:00',
  'a=1979-05-27T07:32:00z',
  'a=1979-05-27T07:32Z',
  'a=07:32',
  'a=07:32:00.123456789',
  'a=07:32:00.1234567891',
  'a=2021-02-29',
  'a=2020-02-29',
  'a=2021-04-31T00:00:00',
  'a=[1979-05-27]',
  'a=[1979-05-27 ]',
  'a=[1979-05-27\n]',
  'a={b=07:32:00}',
  'a={b=07:32:00,c=1}',
  'a=[1979-05-27 ,07:32:00 ]',
  'a=1979-05-27T07:32:00+18:00',
  'a=1979-05-27T07:32:00+18:01',
  'a=1979-05-27T07:32:00-23:59',
  'a=1e5',
  'a=1e05',
  'a=1.0e+0_1',
  'a=1e1_0',
  'a=1e400',
  'a=1e-400',
  'a=0e0',
  'a=0xdead_beef',
  'a=0b101',
  'a=9223372036854775807',
  'a=9223372036854775808',
  'a=00',
  'a=+inf',
  'a=1_000.5',
  // Lines
  '\ufeffa=1',
  '[a]\r\nb=1\r\n',
  '[a]\rb=1',
  'a=1',
  '',
  '# only a comment',
  '  [ a . b ] # c',
  '[a]b=1',
  'a=1 b=2',
  'a',
  '[]',
  'a=$env{X}',
  'a={{x}}',
  '{{ x }}',
  '{% if x %}\na=1',
  'a="{{ x }}"',
  'a=True',
  '\f[a]',
];

for (const text of FILES) {
  test(`the check decides as the servers do: ${JSON.stringify(text)}`, () => {
    assert.is(
      refusalOf(() => readDocument(text)),
      refusalOf(() => readServerToml(jvm, text)),
    );
  });
}

function refusalOf(read: () => unknown): string {
  try {
    read();
    return 'loads';
  } catch (error) {
    return error instanceof BootstrapError ? error.code : String(error);
  }
}

/** What the servers let pass although it is no TOML: not edited, because nothing could prove the edit. */
const LENIENT = ['# \u0001', 'a={b=1}\n[a.c]', 'a={b=1}\n[[a.c]]', 'a={b=1}\na.c=2', 'a="\\uD800"'];

for (const text of LENIENT) {
  test(`what only the servers can read is refused, not edited: ${JSON.stringify(text)}`, () => {
    assert.is(
      refusalOf(() => readServerToml(jvm, text)),
      'loads',
    );
    assert.is(
      refusalOf(() => readDocument(text)),
      'TOML_INVALID',
    );
  });
}

const messages: readonly [title: string, text: string, message: RegExp][] = [
  [
    'a table after its part',
    'x = 1\n[oauth.grant_type]\n\n[oauth]\ny = 2\n',
    /^line 4, column 1: `\[oauth\]` stands after a part of its own.*stack.*: `\[oauth\.grant_type\]` of line 2$/,
  ],
  ['a table twice', '[a]\nx = 1\n\n [a] # again\n', /^line 4, column 2: `\[a\]` defines again .*: `\[a\]` of line 1$/],
  ['a key twice, without its values', '[a]\nb = "s1"\n"b" = "s2"\n', /^line 3, column 1: `"b"` .*: `b` of line 2$/],
  ['a tab in a string', '[a]\nb = "x\ty"\n', /^line 2, column 5: a tab in a "string"/],
  ['a mixed array', 'a = [\n  1,\n  "x",\n]\n', /^line 3, column 3: an array of integers that also holds a string/],
  ['a byte order mark', '\ufeffa = 1', /^line 1, column 1: .*byte order mark/],
  ['no TOML', 'a = 1\nb = yes\n', /^line 2, column 5: /],
  ['a Helm template', 'a = 1\n{{- if .Values.x }}\nb = 2\n{{- end }}\n', /^line 2, column 1: this is a Helm template/],
  ['an Ansible template', '[server]\nhostname = {{ host }}\n', /this is an Ansible or Jinja template/],
  ['a Jinja template', '{% if x %}\na = 1\n{% endif %}\n', /this is an Ansible or Jinja template/],
  [
    'a plain mistake beside marks in a comment and a text',
    '# {{ x }}\na = "{{ y }}"\nb = yes\n',
    /^line 3, column 5: (?!this is)/,
  ],
  ['a Puppet template', 'a = <%= @x %>\n', /this is a Puppet or ERB template/],
];

for (const [title, text, message] of messages) {
  test(`${title}: the refusal names the place`, () => assert.throws(() => readDocument(text), message));
}

test.run();
