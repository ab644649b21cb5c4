import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { databaseOf } from '../../src/database/engines.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { Secret } from '../../src/secret.js';
import { impostor, playSqlServer, playTls } from './impostors.js';
import { PASSWORD, refusal, shows, type TlsClient, tlsCases, USER } from './tls-cases.js';

// One class path a process: that of all three drivers.
startJvm(['mssql-jdbc-12.10.1.jre11.jar', 'ojdbc11-23.7.0.25.01.jar', 'jcc-11.5.9.0.jar'].map(javaLibrary));

async function look(url: string, caFile?: string, exposedLogin?: 'allowed'): Promise<unknown> {
  const login = { username: USER, password: new Secret(PASSWORD), lockTimeoutMs: 5_000 };
  const database = await databaseOf({ url, caFile, exposedLogin, ...login });
  return database.withWriter(async () => 'connected', AbortSignal.timeout(8_000));
}

const sqlServer = (settings: string): TlsClient => ({
  name: `SQL Server ${settings || 'without settings'}`,
  play: playSqlServer,
  refusesPlain: true,
  sends: 'login',
  connect: (port, caFile) => look(`jdbc:sqlserver://localhost:${port};databaseName=X;${settings}`, caFile),
});

const others: readonly TlsClient[] = [
  {
    name: 'SQL Server encrypt=strict',
    play: playTls,
    refusesPlain: true,
    sends: 'something',
    connect: (port, caFile) => look(`jdbc:sqlserver://localhost:${port};databaseName=X;encrypt=strict`, caFile),
  },
  {
    name: 'Oracle tcps',
    play: playTls,
    refusesPlain: true,
    sends: 'something',
    connect: (port, caFile) => look(`jdbc:oracle:thin:@tcps://localhost:${port}/X`, caFile),
  },
  {
    name: 'Oracle (DESCRIPTION=…)',
    play: playTls,
    refusesPlain: true,
    sends: 'something',
    connect: (port, caFile) =>
      look(
        `jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(PROTOCOL=TCPS)(HOST=localhost)(PORT=${port}))(CONNECT_DATA=(SID=X)))`,
        caFile,
      ),
  },
  {
    name: 'DB2 sslConnection=true',
    play: playTls,
    refusesPlain: true,
    sends: 'something',
    connect: (port, caFile) => look(`jdbc:db2://localhost:${port}/X:sslConnection=true;`, caFile),
  },
];

tlsCases([sqlServer('encrypt=true;trustServerCertificate=true'), ...others], 'Java');

for (const url of [
  'jdbc:sqlserver://localhost:PORT;databaseName=X;encrypt=false',
  'jdbc:sqlserver://localhost:PORT;databaseName=X;encrypt=optional;trustServerCertificate=true',
  'jdbc:db2://localhost:PORT/X',
  'jdbc:db2://localhost:PORT/X:securityMechanism=9;',
]) {
  test(`${url} is not even connected to, unless showing the login is allowed`, async () => {
    const server = await impostor(playSqlServer, {});
    const at = url.replace('PORT', String(server.port));
    const error = await look(at).then(
      () => undefined,
      (thrown: { readonly code: string }) => thrown,
    );
    assert.equal([error?.code, server.connections()], ['DATABASE_LOGIN_EXPOSED', 0]);
    await look(at, undefined, 'allowed').catch(() => undefined);
    assert.ok(server.connections() > 0, 'the test would show nothing');
    server.close();
  });
}

test('SQL Server that says it has no TLS gets nothing', async () => {
  const client = sqlServer('');
  await refusal(client, {});
});

test('Oracle without TLS shows no password to whoever answers', async () => {
  const server = await impostor(playTls, {});
  const isBelieved = await look(`jdbc:oracle:thin:@localhost:${server.port}/X`).then(
    () => true,
    () => false,
  );
  assert.not.ok(isBelieved);
  assert.ok(server.received().length > 0);
  assert.not.ok(shows(server.received()));
  server.close();
});

test.run();
