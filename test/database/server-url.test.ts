import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT_CODE_OF } from '../../src/codes.js';
import { db2Url, oracleUrl, sqlServerUrl } from '../../src/database/jdbc-url.js';
import { parseMysqlUrl } from '../../src/database/mysql-url.js';
import { parsePostgresqlUrl } from '../../src/database/postgresql-url.js';
import { parseServerUrl, showHost, type UrlRules } from '../../src/database/server-url.js';
import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';

const RULES: UrlRules = {
  defaultPort: 1,
  taken: ['usessl', 'a', 'flag', 'ssl', 'sslmode'],
  idle: ['idle'],
  idleWhenFalse: ['risky'],
};

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
    const parsed = parseServerUrl(url, RULES);
    assert.equal([parsed.hosts.map(showHost), parsed.database], [hosts, database]);
  });
}

test('parameters are decoded, whatever their case, and a login among them is left out', () => {
  const { parameters } = parseServerUrl(
    'jdbc:mysql://db/x?useSSL=false&User=me&PASSWORD=hush&a=b%3Dc=d&&flag&idle=1&risky=False',
    RULES,
  );
  assert.equal(
    [...parameters],
    [
      ['usessl', 'false'],
      ['a', 'b=c=d'],
      ['flag', ''],
    ],
  );
});

for (const [url, named] of [
  ['jdbc:mysql://db/x?other=1', 'other'],
  ['jdbc:mysql://db/x?risky=true', 'risky'],
  ['jdbc:mysql://db/x?%6Fther=1', 'other'],
  ['jdbc:mysql://db/x?__proto__=1', '__proto__'],
  ['jdbc:mysql://db/x?a%0Ab=1', 'a setting that is no word'],
] as const) {
  test(`a parameter that nobody vouches for is refused by name: ${url}`, () => {
    const error = failureOf(() => parseServerUrl(url, RULES));
    assert.is(error.code, 'DATABASE_URL_REFUSED');
    assert.match(error.message, named);
  });
}

for (const url of [
  'jdbc:mysql://address=(host=db)(port=3306)(password=hush)/x',
  'jdbc:postgresql://db:port/x?password=hush',
  'jdbc:postgresql://db/x?password=%hush',
  'jdbc:postgresql://me:hush@db/x/y',
]) {
  test('a URL that cannot be read is a mistake in the configuration and is not shown', () => {
    const error = failureOf(() => parseServerUrl(url, RULES));
    assert.is(EXIT_CODE_OF[error.code], 78);
    assert.not.match(error.message + error.hint, /hush/);
  });
}

for (const [parameters, mode, saidBy] of [
  ['', 'preferred', 'sslmode=prefer'],
  ['?sslmode=disable', 'off', 'sslmode=disable'],
  ['?sslmode=allow', 'preferred', 'sslmode=allow'],
  ['?sslmode=require', 'full', 'sslmode=require'],
  ['?sslmode=verify-ca', 'full', 'sslmode=verify-ca'],
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
  ['jdbc:mysql://db/x?sslMode=VERIFY_CA', 'full'],
  ['jdbc:mysql://db/x?sslMode=VERIFY_IDENTITY', 'full'],
  ['jdbc:mariadb://db/x?sslMode=trust', 'full'],
  ['jdbc:mariadb://db/x?sslMode=verify-ca', 'full'],
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
  const inHome = 'jdbc:mariadb://db/x?serverSslCert=file:///opt/is/db.pem';
  assert.equal(parseMysqlUrl({ ...connection(inHome), home: '/opt/is' }).tls.caFiles, ['/opt/is/db.pem']);
});

for (const file of [
  '/etc/db.pem',
  '../db.pem',
  'file:///opt/is/../db.pem',
  '/opt/is2/db.pem',
  '.',
  'classpath:db.pem/../../x',
]) {
  test(`a file of authorities that the URL names outside of the home is not read: ${file}`, () => {
    const url = `jdbc:postgresql://db/x?sslrootcert=${file}`;
    const error = failureOf(() => parsePostgresqlUrl({ ...connection(url), home: '/opt/is' }));
    assert.is(error.code, 'DATABASE_URL_REFUSED');
  });
}

for (const [parse, parameters] of [
  [
    parsePostgresqlUrl,
    ['socketFactory=evil.Factory', 'socketFactoryArg=/tmp/x', 'sslfactory=org.postgresql.ssl.NonValidatingFactory'],
  ],
  [
    parsePostgresqlUrl,
    ['sslhostnameverifier=x.Y', 'sslpasswordcallback=x.Y', 'loggerFile=/tmp/x', 'loggerLevel=TRACE', 'sslkey=/k'],
  ],
  [
    parsePostgresqlUrl,
    ['authenticationPluginClassName=x.Y', 'service=x', 'options=-c%20x=y', 'xmlFactoryFactory=x.Y', 'jaasLogin=true'],
  ],
  [
    parseMysqlUrl,
    [
      'socketFactory=x.Y',
      'localSocket=x',
      'autoDeserialize=true',
      'queryInterceptors=x.Y',
      'statementInterceptors=x.Y',
    ],
  ],
  [
    parseMysqlUrl,
    [
      'allowLoadLocalInfile=true',
      'allowUrlInLocalInfile=true',
      'propertiesTransform=x.Y',
      'logger=x.Y',
      'useConfigs=x',
    ],
  ],
  [
    parseMysqlUrl,
    [
      'connectionLifecycleInterceptors=x.Y',
      'trustCertificateKeyStoreUrl=file:/x',
      'serverRSAPublicKeyFile=/x',
      'sessionVariables=a=1',
    ],
  ],
  [
    parseMysqlUrl,
    [
      'authenticationPlugins=x.Y',
      'defaultAuthenticationPlugin=x.Y',
      'credentialType=x',
      'exceptionInterceptors=x.Y',
      'profilerEventHandler=x.Y',
    ],
  ],
] as const) {
  for (const parameter of parameters) {
    test(`${parse === parseMysqlUrl ? 'MySQL' : 'PostgreSQL'}: ${parameter} is refused by name`, () => {
      const engine = parse === parseMysqlUrl ? 'mysql' : 'postgresql';
      const error = failureOf(() => parse(connection(`jdbc:${engine}://db/x?${parameter}`)));
      assert.is(error.code, 'DATABASE_URL_REFUSED');
      assert.match(error.message, new RegExp(parameter.split('=')[0] ?? '', 'i'));
    });
  }
}

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
    'jdbc:sqlserver://db:1433;databaseName=IDENTITY;',
    'IDENTITY',
    'db:1433',
  ],
  [
    'jdbc:sqlserver://db\\inst;database=ID;encrypt=true;trustServerCertificate=true;',
    'jdbc:sqlserver://db\\inst;database=ID;encrypt=true;',
    'ID',
    'db\\inst',
  ],
  [
    'jdbc:sqlserver://;serverName=db;portNumber=1500;SendStringParametersAsUnicode=false',
    'jdbc:sqlserver://db:1500;sendStringParametersAsUnicode=false;',
    'the default database',
    'db:1500',
  ],
  ['jdbc:sqlserver://[fe80::1]:1433', 'jdbc:sqlserver://[fe80::1]:1433;', 'the default database', '[fe80::1]:1433'],
] as const) {
  test(`SQL Server: ${url}`, () => {
    const parsed = sqlServerUrl(connection(url));
    assert.equal([parsed.url, parsed.database, parsed.address, parsed.plain], [given, database, address, undefined]);
    assert.is(parsed.properties['trustServerCertificate'], 'false');
    assert.ok(parsed.trustStore);
  });
}

for (const [read, url] of [
  [sqlServerUrl, 'jdbc:sqlserver://db;databaseName=ID;encrypt=false'],
  [sqlServerUrl, 'jdbc:sqlserver://db;databaseName=ID;encrypt=optional'],
  [db2Url, 'jdbc:db2://db:50000/ID'],
  [db2Url, 'jdbc:db2://db:50000/ID:sslConnection=false;securityMechanism=9;'],
] as const) {
  test(`a driver that would show the password needs leave to: ${url}`, () => {
    const { exposesLogin, plain, trustStore } = read(connection(url));
    assert.equal([exposesLogin, plain !== undefined, trustStore], [true, true, undefined]);
  });
}

test('for SQL Server a schema cannot be chosen', () => {
  const error = failureOf(() => sqlServerUrl({ ...connection('jdbc:sqlserver://db'), schema: 'iam' }));
  assert.match(error.message, /DEFAULT_SCHEMA/);
});

for (const [place, given, database, address] of [
  [
    '//db:1522/svc.example',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1522))(CONNECT_DATA=(SERVICE_NAME=svc.example)))',
    'svc.example',
    'db:1522',
  ],
  [
    'db:1521/svc',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'svc',
    'db:1521',
  ],
  [
    'db:1521:ORCL',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SID=ORCL)))',
    'ORCL',
    'db:1521',
  ],
  [
    'db/svc',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'svc',
    'db:1521',
  ],
  [
    '[fe80::1]:1521/svc',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=fe80::1)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'svc',
    '[fe80::1]:1521',
  ],
  [
    'tcps://db:2484/svc',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=db)(PORT=2484))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'svc',
    'db:2484',
  ],
  [
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=svc)))',
    'svc',
    'db:1521',
  ],
  [
    ' (description = (address_list=(load_balance=on)(address=(protocol=tcps)(host=a)(port=1))(address=(protocol=tcps)(host=b)(port=2)))\n (connect_data=(sid=X))) ',
    '(DESCRIPTION=(ADDRESS_LIST=(LOAD_BALANCE=on)(ADDRESS=(PROTOCOL=tcps)(HOST=a)(PORT=1))(ADDRESS=(PROTOCOL=tcps)(HOST=b)(PORT=2)))(CONNECT_DATA=(SID=X)))',
    'X',
    'a:1',
  ],
] as const) {
  test(`Oracle: ${place}`, () => {
    const parsed = oracleUrl(connection(`jdbc:oracle:thin:scott/hush@${place}`));
    assert.equal([parsed.url, parsed.database, parsed.address], [`jdbc:oracle:thin:@${given}`, database, address]);
    assert.is(parsed.properties['oracle.net.ssl_server_dn_match'], 'true');
    const isEncrypted = /tcps/.test(place);
    assert.equal([parsed.trustStore !== undefined, parsed.plain === undefined], [isEncrypted, isEncrypted]);
  });
}

for (const place of [
  ...[
    'ldap://dir:389/cn=x',
    'ldaps://dir/x',
    'ldap://a/x,ldap://b/y',
    'config-file:///etc/x.json',
    'config-https://x/y',
    'config-ocivault:x',
    'config-file:x',
    'ldap:x',
    'db:svc',
    'config-file:x:y',
  ],
  ...[
    'alias',
    'alias?TNS_ADMIN=/x',
    'db:1521/svc?wallet_location=/w',
    'tcps://db:2484/svc?ssl_server_dn_match=no',
    '//db/svc?https_proxy=x',
  ],
  ...[
    'wss://db/svc',
    'ws://db/svc',
    'sdp://db/svc',
    'beq://local',
    'file:/etc/passwd',
    'db:1521/svc(IFILE=/x)',
    'db:1521/s v c',
    '/etc/tns:1/x',
  ],
  ...[
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=IPC)(KEY=x))(CONNECT_DATA=(SID=X)))',
    '(IFILE=/etc/x)',
    '(DESCRIPTION=(IFILE=/x)(ADDRESS=(HOST=a)))',
  ],
  ...['(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=a)(PORT=1))(SECURITY=(SSL_SERVER_DN_MATCH=no)))'],
  ...['(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=a)(PORT=1))(SECURITY=(SSL_SERVER_CERT_DN="CN=x")))'],
  ...['(DESCRIPTION=(ADDRESS=(PROTOCOL=tcps)(HOST=a)(PORT=1))(SECURITY=(MY_WALLET_DIRECTORY=/x)))'],
  ...[
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=a)(PORT=1)(HTTPS_PROXY=p)(HTTPS_PROXY_PORT=1))(CONNECT_DATA=(SID=X)))',
  ],
  ...[
    '(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=ldap://x)(PORT=1)))',
    '(DESCRIPTION=(ADDRESS=(HOST=a)))(DESCRIPTION=(IFILE=/x))',
  ],
  ...[
    '(DESCRIPTION=(ADDRESS=(HOST=a))(CONNECT_DATA=(SID=X)(COMMAND=stop)))',
    `${'(DESCRIPTION='.repeat(2000)}${')'.repeat(2000)}`,
  ],
]) {
  test(`Oracle: a place that leads to a file, a directory or elsewhere is refused: ${place.slice(0, 100)}`, () => {
    const error = failureOf(() => oracleUrl(connection(`jdbc:oracle:thin:@${place}`)));
    assert.ok(['DATABASE_URL_REFUSED', 'CONFIG_INVALID'].includes(error.code), `${error.code} ${error.message}`);
  });
}

for (const [read, start, settings] of [
  [
    db2Url,
    'jdbc:db2://db:50000/X:sslConnection=true;',
    [
      ...[
        'traceFile=/x',
        'TRACEFILE=/x',
        'traceDirectory=/x',
        'traceLevel=-1',
        'traceFileAppend=true',
        'dumpDir=/x',
        'pluginName=x',
        'plugin=x',
      ],
      ...[
        'clientRerouteServerListJNDIName=ldap://x',
        'sslTrustStoreLocation=/x',
        'sslKeyStoreLocation=/x',
        'sslCertLocation=/x',
      ],
      ...[
        'securityMechanism=11',
        'kerberosServerPrincipal=x',
        'pkList=/x',
        'dbPath=/x',
        'xmlOptions={x}',
        'currentSchema=A{B',
        'jdbcCollection=x',
      ],
      ...[
        'apiKey=x',
        'accessToken=x',
        'enableSysplexWLB=true',
        'propertiesFile=/x',
        '__proto__=1',
        'trace\u212aile=/x',
        'x',
      ],
    ],
  ],
  [
    sqlServerUrl,
    'jdbc:sqlserver://db;databaseName=X;',
    [
      ...[
        'trustStore=/x',
        'trustStorePassword=x',
        'trustManagerClass=x.Y',
        'trustManagerConstructorArg=x',
        'socketFactoryClass=x.Y',
      ],
      ...[
        'socketFactoryConstructorArg=x',
        'accessTokenCallbackClass=x.Y',
        'hostNameInCertificate=evil',
        'serverCertificate=/x',
        'clientCertificate=/x',
      ],
      ...[
        'clientKey=/x',
        'keyStoreLocation=/x',
        'authentication=ActiveDirectoryPassword',
        'integratedSecurity=true',
        'jaasConfigurationName=x',
      ],
      ...[
        'authenticationScheme=JavaKerberos',
        'failoverPartner=evil',
        'columnEncryptionSetting=Enabled',
        'enclaveAttestationUrl=http://x',
      ],
      ...[
        'retryConn=x',
        'retryExec=x',
        'accessToken=x',
        'encrypt={false}',
        'encrypt=maybe',
        'databaseName={a;trustStore=/x}',
        'sslProtocol=SSLv3',
        'x',
      ],
    ],
  ],
] as const) {
  for (const setting of settings) {
    test(`${start}${setting} is refused by name`, () => {
      const error = failureOf(() => read(connection(`${start}${setting}`)));
      assert.is(error.code, 'DATABASE_URL_REFUSED', `${error.code} ${error.message}`);
    });
  }
}

for (const url of [
  'jdbc:db2://db:1/X/../y',
  'jdbc:db2:X',
  'jdbc:db2:ldap://x',
  'jdbc:db2://[::1/X',
  'jdbc:db2://a,b:1/X',
  'jdbc:db2j:net://x/y',
  'jdbc:db2://h:1/x\ny',
]) {
  test(`DB2: a place that is no host with a port and a name is refused: ${JSON.stringify(url)}`, () => {
    assert.is(failureOf(() => db2Url(connection(url))).code, 'CONFIG_INVALID');
  });
}

test('Oracle: a word that the driver takes for a directory or a configuration is a host here, and for it', () => {
  for (const word of ['ldap', 'config-file', 'config-https'])
    assert.match(
      oracleUrl(connection(`jdbc:oracle:thin:@${word}:1521/x`)).url,
      `@(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=${word})`,
    );
});

test('DB2: a login in the URL is left out, and the name of the host is verified where TLS is asked for', () => {
  const url = 'jdbc:db2://db:50000/IDENT:user=me;password=hush;currentSchema=IAM;';
  const plain = db2Url(connection(url));
  assert.equal(
    [plain.url, plain.database, plain.address, plain.schemaIsGiven],
    ['jdbc:db2://db:50000/IDENT:currentSchema=IAM;', 'IDENT', 'db:50000', true],
  );
  const tls = db2Url(connection('jdbc:db2://db:50000/IDENT:SSLCONNECTION=true;sslClientHostnameValidation=OFF;'));
  assert.is(tls.properties['sslClientHostnameValidation'], 'BASIC');
  assert.is(tls.url, 'jdbc:db2://db:50000/IDENT:sslConnection=true;');
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
