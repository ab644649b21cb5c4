import { homedir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/codes.js';
import { h2JdbcUrl, parseH2Url, schemaIn } from '../../src/database/h2-url.js';
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
  ['jdbc:h2:/DB;Cipher=AES; schema =ID;IFEXISTS=FALSE;ACCESS_MODE_DATA=rw;;', '/DB', ['CIPHER=AES', 'SCHEMA=ID']],
  ['jdbc:h2:/DB;INIT=SET X 1\\;MODE=Oracle;USER=a;PASSWORD=b', '/DB', []],
] as const) {
  test(`${url} is ${path} with ${settings.length} settings kept`, () => {
    assert.equal(parseH2Url(url, '/is 7'), { path, settings });
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

test('the schema of a URL is in upper case unless it is quoted', () => {
  const schemaOf = (settings: string) => schemaIn(parseH2Url(`jdbc:h2:/DB${settings}`, undefined));
  assert.equal(['', ';SCHEMA=iam', ';schema="Iam""s"'].map(schemaOf), [undefined, 'IAM', 'Iam"s']);
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
