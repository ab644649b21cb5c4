import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { createHttpClient, type HttpReply, type Trust } from '../../src/http/client.js';
import { makeCertificate, type TestCertificate } from '../support/certificates.js';

const HOST = 'is.example';
const valid = await makeCertificate(HOST);
const other = await makeCertificate(HOST);
const expired = await makeCertificate(HOST, 'expired');
const foreignExpired = await makeCertificate('elsewhere.example', 'expired');

test('a server behind a proxy is verified like any other, and what it presents is told', async () => {
  const told: string[] = [];
  const { reply, asked } = await through(valid, trusting(valid), {}, { onPresented: (sha256) => told.push(sha256) });
  assert.is(reply.text, 'GET /x');
  assert.match(asked[0] ?? '', /^CONNECT is\.example:\d+ none$/);
  assert.equal(told, [valid.fingerprint]);
  await refused(through(valid, trusting(other)), 'TLS_UNTRUSTED');
});

test('the exception for a pinned certificate that has expired holds through a proxy, too, and goes no further', async () => {
  const told: string[] = [];
  const { reply } = await through(expired, trusting(expired), {}, { onExpiredPinned: (host) => told.push(host) });
  assert.is(reply.status, 200);
  assert.equal(told, [HOST]);
  await refused(through(expired, { ca: [expired.cert], pinnedSha256: [] }), 'TLS_EXPIRED');
  await refused(through(expired, { ca: [expired.cert], pinnedSha256: [valid.fingerprint] }), 'TLS_EXPIRED');
  await refused(through(foreignExpired, trusting(foreignExpired)), 'TLS_HOST_MISMATCH');
});

test('user and password of the proxy are sent to it, and shown nowhere', async () => {
  const { asked } = await through(valid, trusting(valid), { userInfo: 'me:s%40crt@' });
  assert.match(asked[0] ?? '', `Basic ${Buffer.from('me:s@crt').toString('base64')}`);
  const error = await refused(
    through(valid, trusting(valid), { userInfo: 'me:s%40crt@', status: 407 }),
    'PROXY_REFUSED',
  );
  assert.match(
    error.message,
    /the proxy http:\/\/localhost:\d+ does not connect to is\.example:\d+ \(it answers 407\)/,
  );
  assert.match(error.hint, 'NO_PROXY');
  assert.not.match(error.message + error.hint, /s%40crt|s@crt/);
});

test('a proxy that is not there is told apart from a server that is not', async () => {
  const client = createHttpClient({ trust: async () => trusting(valid), proxy: { httpsProxy: 'http://localhost:1' } });
  const { signal } = new AbortController();
  const error = await refused(client.send({ method: 'GET', url: `https://${HOST}/`, signal }), 'PROXY_REFUSED');
  assert.match(error.message, 'the proxy http://localhost:1 is not reached (ECONNREFUSED)');
  await client.close();
});

function trusting({ cert, fingerprint }: TestCertificate): Trust {
  return { ca: [cert], pinnedSha256: [fingerprint] };
}

interface ProxyOptions {
  readonly userInfo?: string;
  /** What it answers instead of connecting. */
  readonly status?: number;
}

interface Told {
  readonly onPresented?: (sha256: string) => void;
  readonly onExpiredPinned?: (host: string) => void;
}

/** Sends one request to a server with this certificate, through a proxy on loopback that leads every name there. */
async function through(
  server: TestCertificate,
  trust: Trust,
  { userInfo = '', status }: ProxyOptions = {},
  told: Told = {},
): Promise<{ readonly reply: HttpReply; readonly asked: readonly string[] }> {
  const target = createServer({ key: server.key, cert: server.cert }, (request, response) => {
    response.end(`${request.method} ${request.url}`);
  });
  const port = await listening(target);
  const asked: string[] = [];
  const proxy = createHttpServer().on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? 'none'}`);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const there = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      there.pipe(socket).pipe(there);
    });
    for (const end of [there, socket]) end.on('error', () => there.destroy());
  });
  const httpsProxy = `http://${userInfo}localhost:${await listening(proxy)}`;
  const client = createHttpClient({ trust: async () => trust, proxy: { httpsProxy }, ...told });
  try {
    const { signal } = new AbortController();
    return { reply: await client.send({ method: 'GET', url: `https://${HOST}:${port}/x`, signal }), asked };
  } finally {
    await client.close();
    for (const one of [target, proxy]) {
      one.closeAllConnections();
      one.close();
    }
  }
}

async function listening(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, 'localhost', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function refused(attempt: Promise<unknown>, code: string): Promise<BootstrapError> {
  try {
    await attempt;
  } catch (error) {
    assert.is((error as BootstrapError).code, code, (error as Error).message);
    return error as BootstrapError;
  }
  return assert.unreachable(`expected ${code}`) as never;
}

test.run();
