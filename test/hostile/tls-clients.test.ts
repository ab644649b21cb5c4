import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Server } from '../../src/composition/config.js';
import { createConnections } from '../../src/composition/connections.js';
import type { DatabaseConnection } from '../../src/database/connection.js';
import { databaseOf } from '../../src/database/engines.js';
import { basicAuth } from '../../src/http/client.js';
import { Secret } from '../../src/secret.js';
import { certify } from '../support/authority.js';
import {
  ENCRYPTED_BYTES,
  impostor,
  MYSQL_AUTHS,
  POSTGRESQL_AUTHS,
  playHttp,
  playMysql,
  playPostgresql,
  playProxy,
} from './impostors.js';
import { PASSWORD, refusal, shows, type TlsClient, tlsCases, USER } from './tls-cases.js';

const { signal } = new AbortController();
const NOWHERE = 'https://server.example:9443';

/** One of the two servers, of which nothing but `--ca-file` is known, asked for something with its account. */
function serverClient(title: string): TlsClient {
  return {
    name: title,
    play: playHttp,
    refusesPlain: true,
    sends: 'login',
    connect: (port, caFile) => ask({ title, url: `https://localhost:${port}`, caFile }),
  };
}

const httpsProxy: TlsClient = {
  name: 'a proxy that is spoken to by TLS',
  play: playHttp,
  refusesPlain: true,
  sends: 'login',
  connect: (port, caFile) =>
    ask({
      title: 'x',
      url: NOWHERE,
      caFile,
      proxy: `https://${USER}:${encodeURIComponent(PASSWORD)}@localhost:${port}`,
    }),
};

const behindProxy: TlsClient = {
  name: 'a server behind a proxy',
  play: playProxy,
  refusesPlain: true,
  sends: 'login',
  connect: (port, caFile) =>
    ask({ title: 'x', url: 'https://localhost.:9443', caFile, proxy: `http://127.0.0.1:${port}` }),
};

async function ask(to: { title: string; url: string; caFile: string; proxy?: string }): Promise<void> {
  const connections = createConnections({ caFile: to.caFile, proxy: to.proxy ? { httpsProxy: to.proxy } : {} });
  const server = { title: to.title, hasCertificate: false } as unknown as Server;
  try {
    const headers = { authorization: basicAuth(USER, new Secret(PASSWORD)) };
    const reply = await connections
      .to(server)
      .send({ method: 'POST', url: `${to.url}/x`, headers, timeoutMs: 5_000, signal });
    assert.is(reply.status, 200);
  } finally {
    await connections.close();
  }
}

async function look(url: string, more: Partial<DatabaseConnection> = {}): Promise<unknown> {
  const database = await databaseOf({
    url,
    username: USER,
    password: new Secret(PASSWORD),
    lockTimeoutMs: 5_000,
    ...more,
  });
  return database.withWriter(async () => 'connected', AbortSignal.timeout(8_000));
}

const postgresql = (parameters: string): TlsClient => ({
  name: `PostgreSQL ${parameters || 'without parameters'}`,
  play: playPostgresql('clear'),
  refusesPlain: /require|verify|ssl=true/.test(parameters),
  sends: 'login',
  connect: (port, caFile) => look(`jdbc:postgresql://localhost:${port}/x${parameters}`, { caFile }),
});

const mysql = (engine: 'mysql' | 'mariadb', parameters: string): TlsClient => ({
  name: `${engine} ${parameters || 'without parameters'}`,
  play: playMysql('mysql_clear_password'),
  refusesPlain: parameters !== '' && !/PREFERRED/.test(parameters),
  sends: 'login',
  connect: (port, caFile) => look(`jdbc:${engine}://localhost:${port}/x${parameters}`, { caFile }),
});

tlsCases(
  [
    serverClient('API Manager'),
    serverClient('IS 7'),
    httpsProxy,
    behindProxy,
    ...['', '?sslmode=require', '?sslmode=verify-ca', '?sslmode=verify-full'].map(postgresql),
    ...['', '?sslMode=REQUIRED', '?sslMode=VERIFY_CA'].map((parameters) => mysql('mysql', parameters)),
    ...['', '?sslMode=trust'].map((parameters) => mysql('mariadb', parameters)),
  ],
  'Node',
);

for (const auth of POSTGRESQL_AUTHS) {
  for (const parameters of ['', '?sslmode=disable', '?sslmode=prefer', '?ssl=false']) {
    test(`PostgreSQL${parameters} without TLS does not get the password ${auth}, unless that is allowed, and then says so`, async () => {
      const client = {
        play: playPostgresql(auth),
        connect: (port: number) => look(`jdbc:postgresql://localhost:${port}/x${parameters}`),
      };
      const error = await refusal(client, {});
      assert.is(error.code, 'DATABASE_LOGIN_EXPOSED', error.message);
    });
  }
}

test('PostgreSQL without TLS gets the password in clear and by MD5 when that is allowed', async () => {
  for (const auth of ['clear', 'md5'] as const) {
    const server = await impostor(playPostgresql(auth), {});
    await look(`jdbc:postgresql://localhost:${server.port}/x`, { exposedLogin: 'allowed' }).catch(() => undefined);
    assert.ok(shows(server.received()), auth);
    server.close();
  }
});

for (const auth of MYSQL_AUTHS) {
  for (const url of [
    'mysql://HOST/x',
    'mysql://HOST/x?useSSL=false&allowPublicKeyRetrieval=true',
    'mariadb://HOST/x?sslMode=disable',
  ]) {
    test(`${url} without TLS does not get the password by ${auth}, unless that is allowed`, async () => {
      const lengths: number[] = [];
      const play = playMysql(auth);
      const client = {
        play: ((socket, disguise, keep) => {
          socket.on('data', (bytes) => lengths.push(bytes.length - 4));
          play(socket, disguise, keep);
        }) as typeof play,
        connect: (port: number) => look(`jdbc:${url.replace('HOST', `localhost:${port}`)}`),
      };
      const error = await refusal(client, {});
      assert.is(error.code, 'DATABASE_LOGIN_EXPOSED', error.message);
      assert.not.ok(lengths.includes(ENCRYPTED_BYTES), 'it got the password, encrypted for its own key');
      const allowed = (port: number) =>
        look(`jdbc:${url.replace('HOST', `localhost:${port}`)}`, { exposedLogin: 'allowed' });
      const server = await impostor(client.play, {});
      await allowed(server.port).catch(() => undefined);
      assert.ok(shows(server.received()) || lengths.includes(ENCRYPTED_BYTES), 'the test would show nothing');
      server.close();
    });
  }
}

test('a server that was verified once is verified again: no session that failed is taken up', async () => {
  const disguise = { certificate: certify({ name: 'elsewhere.example' }), maxVersion: 'TLSv1.2' as const };
  const server = await impostor(playHttp, disguise);
  const connections = createConnections({ caFile: undefined, proxy: {} });
  const client = connections.to({ title: 'x', hasCertificate: false } as unknown as Server);
  const headers = { authorization: basicAuth(USER, new Secret(PASSWORD)) };
  for (let attempt = 0; attempt < 3; attempt++) {
    const asked = client.send({ method: 'GET', url: `https://localhost:${server.port}/`, headers, signal });
    assert.ok(
      await asked.then(
        () => false,
        () => true,
      ),
    );
  }
  assert.not.ok(shows(server.received()));
  await connections.close();
  server.close();
});

test.run();
