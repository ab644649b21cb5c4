import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { db2Url, oracleUrl, sqlServerUrl } from '../../src/database/jdbc-url.js';
import { parseMysqlUrl } from '../../src/database/mysql-url.js';
import { parsePostgresqlUrl } from '../../src/database/postgresql-url.js';
import { parseServerUrl, showHost } from '../../src/database/server-url.js';
import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';

for (const [url, hosts, database] of [
  ['jdbc:postgresql://db/Identity', ['db:1'], 'Identity'],
  ['jdbc:postgresql://db:5433/identity?ssl=true', ['db:5433'], 'identity'],
  ['jdbc:postgresql://[::1]:5433/identity', ['[::1]:5433'], 'identity'],
  ['jdbc:postgresql://a:5,b,[fe80::1]/x', ['a:5', 'b:1', '[fe80::1]:1'], 'x'],
  ['jdbc:postgresql:identity', ['localhost:1'], 'identity'],
  ['jdbc:postgresql:/identity', ['localhost:1'], 'identity'],
  ['jdbc:postgresql:///identity', ['localhost:1'], 'identity'],
  ['jdbc:postgresql://db/', ['db:1'], ''],
  ['jdbc:postgresql://db?sslmode=disable', ['db:1'], ''],
  ['jdbc:postgresql://db/my%20db', ['db:1'], 'my db'],
  ['jdbc:mysql://me:p%40ss@db:3307/identity', ['db:3307'], 'identity'],
  ['jdbc:mysql:replication://a,b/identity', ['a:1', 'b:1'], 'identity'],
  ['JDBC:MARIADB://db/identity', ['db:1'], 'identity'],
] as const) {
  test(`${url} is ${hosts.join(' and ')}, database ${JSON.stringify(database)}`, () => {
    const parsed = parseServerUrl(url, 1);
    assert.equal([parsed.hosts.map(showHost), parsed.database], [hosts, database]);
  });
}

test('parameters are decoded, whatever their case, and a login among them is left out', () => {
  const { parameters } = parseServerUrl('jdbc:mysql://db/x?useSSL=false&User=me&PASSWORD=hush&a=b%3Dc=d&&flag', 1);
  assert.equal(
    [...parameters],
    [
      ['usessl', 'false'],
      ['a', 'b=c=d'],
      ['flag', ''],
    ],
  );
});

for (const url of [
  'jdbc:mysql://address=(host=db)(port=3306)(password=hush)/x',
  'jdbc:postgresql://db:port/x?password=hush',
  'jdbc:postgresql://db/x?password=%hush',
  'jdbc:postgresql://me:hush@db/x/y',
]) {
  test('a URL that cannot be read is a mistake in the configuration and is not shown', () => {
    const error = failureOf(() => parseServerUrl(url, 1));
    assert.is(EXIT_CODE_OF[error.code], 78);
    assert.not.match(error.message + error.hint, /hush/);
  });
}

for (const [parameters, mode, saidBy] of [
  ['', 'preferred', 'sslmode=prefer'],
  ['?sslmode=disable', 'off', 'sslmode=disable'],
  ['?sslmode=allow', 'preferred', 'sslmode=allow'],
  ['?sslmode=require', 'full', 'sslmode=require'],
  ['?sslmode=verify-ca', 'chain', 'sslmode=verify-ca'],
  ['?sslmode=VERIFY-FULL', 'full', 'sslmode=VERIFY-FULL'],
  ['?ssl=true', 'full', 'ssl=true'],
  ['?ssl', 'full', 'ssl='],
  ['?ssl=false', 'preferred', 'sslmode=prefer'],
  ['?ssl=true&sslmode=disable', 'off', 'sslmode=disable'],
] as const) {
  test(`PostgreSQL ${parameters || 'without parameters'}: TLS is ${mode}`, () => {
    const { tls } = parsePostgresqlUrl(connection(`jdbc:postgresql://db/x${parameters}`));
    assert.equal([tls.mode, tls.saidBy], [mode, saidBy]);
  });
}

for (const [url, mode] of [
  ['jdbc:mysql://db/x', 'preferred'],
  ['jdbc:mysql://db/x?useSSL=false', 'off'],
  ['jdbc:mysql://db/x?useSSL=true&verifyServerCertificate=false', 'full'],
  ['jdbc:mysql://db/x?useSSL=true&requireSSL=true', 'full'],
  ['jdbc:mysql://db/x?useSSL=true&sslMode=DISABLED', 'off'],
  ['jdbc:mysql://db/x?sslMode=PREFERRED', 'preferred'],
  ['jdbc:mysql://db/x?sslMode=REQUIRED', 'full'],
  ['jdbc:mysql://db/x?sslMode=VERIFY_CA', 'chain'],
  ['jdbc:mysql://db/x?sslMode=VERIFY_IDENTITY', 'full'],
  ['jdbc:mariadb://db/x?sslMode=trust', 'full'],
  ['jdbc:mariadb://db/x?sslMode=verify-ca', 'chain'],
] as const) {
  test(`${url}: TLS is ${mode}`, () => {
    assert.is(parseMysqlUrl(connection(url)).tls.mode, mode);
  });
}

for (const parse of [
  () => parsePostgresqlUrl(connection('jdbc:postgresql://db/x?sslmode=requre')),
  () => parseMysqlUrl(connection('jdbc:mysql://db/x?sslMode=on')),
]) {
  test('a word for TLS that is none is refused, and never taken for less', () => {
    assert.match(failureOf(parse).message, /sslmode is none of/i);
  });
}

test('authorities come from --ca-file and from the URL, relative to the home', () => {
  const files = { caFile: '/etc/ca.pem', home: '/opt/is' };
  const postgresql = parsePostgresqlUrl({ ...connection('jdbc:postgresql://db/x?sslrootcert=conf/db.pem'), ...files });
  assert.equal(postgresql.tls.caFiles, ['/etc/ca.pem', '/opt/is/conf/db.pem']);
  const mariadb = parseMysqlUrl({ ...connection('jdbc:mariadb://db/x?serverSslCert=file:///db.pem'), home: '/opt/is' });
  assert.equal(mariadb.tls.caFiles, ['/db.pem']);
});

test('a schema is quoted for PostgreSQL, as it is, and that of the URL is taken as pgJDBC does; for MySQL it is the database', () => {
  const url = 'jdbc:postgresql://db/x?currentSchema=iam,public';
  assert.is(parsePostgresqlUrl(connection(url)).searchPath, 'iam,public');
  assert.is(parsePostgresqlUrl({ ...connection(url), schema: 'My "iam"' }).searchPath, '"My ""iam"""');
  assert.is(parseMysqlUrl({ ...connection('jdbc:mysql://db/x'), schema: 'y' }).database, 'y');
  assert.match(failureOf(() => parseMysqlUrl(connection('jdbc:mysql://db/'))).message, /names no database/);
});

for (const [url, given, database, address] of [
  [
    'jdbc:sqlserver://db:1433;databaseName=IDENTITY;user=sa;password={hu;sh}',
    'jdbc:sqlserver://db:1433;databaseName=IDENTITY;trustServerCertificate=false',
    'IDENTITY',
    'db:1433',
  ],
  [
    'jdbc:sqlserver://db\\inst;database=ID;encrypt=true;trustServerCertificate=true;',
    'jdbc:sqlserver://db\\inst;database=ID;encrypt=true;trustServerCertificate=false',
    'ID',
    'db\\inst',
  ],
] as const) {
  test(`SQL Server: ${url}`, () => {
    const parsed = sqlServerUrl(connection(url));
    assert.equal([parsed.url, parsed.database, parsed.address, parsed.notices], [given, database, address, []]);
  });
}

test('SQL Server without TLS is said, and a schema cannot be chosen there', () => {
  const url = 'jdbc:sqlserver://db;databaseName=ID;encrypt=false';
  assert.is(sqlServerUrl(connection(url)).notices[0]?.code, 'DB_TLS_OFF');
  assert.match(failureOf(() => sqlServerUrl({ ...connection(url), schema: 'iam' })).message, /DEFAULT_SCHEMA/);
});

for (const [url, given, database, address] of [
  ['jdbc:oracle:thin:@//db:1522/svc.example', 'jdbc:oracle:thin:@//db:1522/svc.example', 'svc.example', 'db:1522'],
  ['jdbc:oracle:thin:@db:1521/svc', 'jdbc:oracle:thin:@db:1521/svc', 'svc', 'db:1521'],
  ['jdbc:oracle:thin:@db:1521:ORCL', 'jdbc:oracle:thin:@db:1521:ORCL', 'ORCL', 'db:1521'],
  ['jdbc:oracle:thin:scott/hush@db:1521:ORCL', 'jdbc:oracle:thin:@db:1521:ORCL', 'ORCL', 'db:1521'],
  [
    'jdbc:oracle:thin:@tcps://db:2484/svc?wallet_location=/w',
    'jdbc:oracle:thin:@tcps://db:2484/svc?wallet_location=/w',
    'svc',
    'db:2484',
  ],
  [
    'jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'svc',
    'db:1521',
  ],
] as const) {
  test(`Oracle: ${url}`, () => {
    const parsed = oracleUrl(connection(url));
    assert.equal([parsed.url, parsed.database, parsed.address], [given, database, address]);
  });
}

test('DB2: a login in the URL is left out, and --ca-file is handed on where TLS is asked for', () => {
  const plain = db2Url(connection('jdbc:db2://db:50000/IDENT:user=me;password=hush;currentSchema=IAM;'));
  assert.equal(
    [plain.url, plain.database, plain.address],
    ['jdbc:db2://db:50000/IDENT:currentSchema=IAM;', 'IDENT', 'db:50000'],
  );
  assert.ok(plain.schemaIsGiven);
  const tls = db2Url({ ...connection('jdbc:db2://db:50000/IDENT:sslConnection=true;'), caFile: '/ca.pem' });
  assert.is(tls.properties['sslCertLocation'], '/ca.pem');
});

for (const parse of [
  () => sqlServerUrl(connection('jdbc:sqlserver:db;password=hush')),
  () => oracleUrl(connection('jdbc:oracle:oci8:scott/hush@db')),
  () => db2Url(connection('jdbc:db2:hush')),
]) {
  test('a URL of another form is refused without being shown', () => {
    const error = failureOf(parse);
    assert.is(error.code, 'CONFIG_INVALID');
    assert.not.match(error.message + error.hint, /hush/);
  });
}

function connection(url: string) {
  return { url, username: 'u', password: new Secret('p'), lockTimeoutMs: 10_000 };
}

function failureOf(use: () => unknown): BootstrapError {
  try {
    use();
  } catch (error) {
    return error as BootstrapError;
  }
  throw new Error('nothing was thrown');
}

test.run();
