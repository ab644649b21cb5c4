import { homedir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/codes.js';
import { h2JdbcUrl, parseH2Url } from '../../src/database/h2-url.js';
import type { BootstrapError } from '../../src/errors.js';

for (const [url, path, settings] of [
  [
    'jdbc:h2:./repository/database/WSO2IDENTITY_DB;DB_CLOSE_ON_EXIT=FALSE;LOCK_TIMEOUT=60000',
    '/is 7/repository/database/WSO2IDENTITY_DB',
    [],
  ],
  ['jdbc:h2:file:./a b/DB', '/is 7/a b/DB', []],
  ['JDBC:H2:FILE:../DB', '/DB', []],
  ['jdbc:h2:/data/x y/DB;mode=DB2', '/data/x y/DB', ['MODE=DB2']],
  ['jdbc:h2:file:///data/DB', '/data/DB', []],
  ['jdbc:h2:~/DB', `${homedir()}/DB`, []],
  ['jdbc:h2:/DB;Cipher=AES;IFEXISTS=FALSE;ACCESS_MODE_DATA=rw;;', '/DB', ['CIPHER=AES']],
  ['jdbc:h2:/DB;MODE=Oracle;USER=a;PASSWORD=b=c', '/DB', ['MODE=Oracle']],
] as const) {
  test(`${url} is ${path} with ${settings.length} settings kept`, () => {
    assert.equal(parseH2Url(url, '/is 7'), { path, settings, schema: undefined });
  });
}

test('a schema is a name, spelled as H2 spells it, and no part of the URL that H2 gets', () => {
  const file = parseH2Url('jdbc:h2:/DB; schema =is_db', undefined);
  assert.is(file.schema, 'IS_DB');
  assert.is(parseH2Url('jdbc:h2:/DB;SCHEMA="Iam"', undefined).schema, 'Iam');
  assert.not.match(h2JdbcUrl(file), /schema/i);
});

for (const [settings, named] of [
  ["SCHEMA=PUBLIC\\;CALL CSVWRITE('x.csv','SELECT 42')", 'backslash'],
  ['SCHEMA=PUBLIC --\\\\;INIT=CALL 1', 'backslash'],
  ['MODE=DB2\\', 'backslash'],
  ['PASSWORD=a\\;INIT=CALL 1', 'backslash'],
  ['SCHEMA=PUBLIC CALL 1', 'SCHEMA'],
  ['SCHEMA="A""', 'SCHEMA'],
  ['SCHEMA="A" CALL 1', 'SCHEMA'],
  ['SCHEMA=', 'SCHEMA'],
  ['MODE=DB2 CALL 1', 'MODE'],
  ["CIPHER=AES'", 'CIPHER'],
  ['INIT=CALL 1', 'INIT'],
  ["INIT=RUNSCRIPT FROM 'http://x/y.sql'", 'INIT'],
  [' init =CALL 1', 'init'],
  ['\u0130NIT=1', 'a setting that is no word'],
  ["DATABASE_EVENT_LISTENER='x.Y'", 'DATABASE_EVENT_LISTENER'],
  ['JAVA_OBJECT_SERIALIZER=x.Y', 'JAVA_OBJECT_SERIALIZER'],
  ["LOCK_TIMEOUT=1' CALL 1", 'LOCK_TIMEOUT'],
  ['TRACE_LEVEL_FILE=(CALL 1)', 'TRACE_LEVEL_FILE'],
  ['AUTHREALM=x', 'AUTHREALM'],
  ['BUILTIN_ALIAS_OVERRIDE=1', 'BUILTIN_ALIAS_OVERRIDE'],
  ['EXCLUSIVE=1', 'EXCLUSIVE'],
  ['__proto__=1', '__proto__'],
  ['constructor=1', 'constructor'],
  ['LOCK_TIMEOUT=1\nCALL 1', 'control character'],
  ['CALL 1', 'a setting that is no word'],
] as const) {
  test(`an H2 URL with ${JSON.stringify(settings)} is refused by name`, () => {
    const error = failureOf(() => parseH2Url(`jdbc:h2:./DB;${settings}`, '/is7'));
    assert.is(error.code, 'DATABASE_URL_REFUSED');
    assert.match(error.message, named);
  });
}

for (const [url, code, message] of [
  ['jdbc:h2:tcp://db:9092/~/DB', 'DATABASE_UNSUPPORTED', /form jdbc:h2:tcp: cannot/],
  ['jdbc:h2:ssl://db/DB', 'DATABASE_UNSUPPORTED', /form jdbc:h2:ssl: cannot/],
  ['jdbc:h2:mem:x;PASSWORD=hush', 'DATABASE_UNSUPPORTED', /form jdbc:h2:mem: cannot/],
  ['jdbc:h2:nio:/DB', 'DATABASE_UNSUPPORTED', /form jdbc:h2:nio: cannot/],
  ['jdbc:h2:file:zip:/a.zip!/DB', 'DATABASE_UNSUPPORTED', /form jdbc:h2:zip: cannot/],
  ['jdbc:h2:repository/database/DB', 'DATABASE_UNSUPPORTED', /does not say where it starts/],
  ['jdbc:h2:', 'DATABASE_UNSUPPORTED', /does not say where it starts/],
] as const satisfies readonly (readonly [string, ErrorCode, RegExp])[]) {
  test(`${url} is refused`, () => {
    const error = failureOf(() => parseH2Url(url, '/is7'));
    assert.is(error.code, code);
    assert.match(error.message, message);
    assert.not.match(`${error.message} ${error.hint}`, /hush/);
  });
}

test('a relative path needs the home, and a semicolon in the home is told', () => {
  assert.is(failureOf(() => parseH2Url('jdbc:h2:./DB', undefined)).code, 'HOME_NOT_FOUND');
  assert.match(failureOf(() => parseH2Url('jdbc:h2:./DB', '/a;b')).message, /first semicolon/);
});

test('a file is opened only if it exists, without a trace file, and is not rewritten', () => {
  const file = { path: '/a b/DB', settings: ['MODE=DB2'] };
  assert.is(h2JdbcUrl(file), 'jdbc:h2:/a b/DB;IFEXISTS=TRUE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0;MODE=DB2');
});

function failureOf(act: () => unknown): BootstrapError {
  try {
    act();
  } catch (error) {
    return error as BootstrapError;
  }
  throw new Error('nothing was thrown');
}

test.run();
