import type { RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { DISCOVERY, HEALTH_CHECK, STARTUP } from '../../src/health/probe.js';
import { healthStep } from '../../src/health/step.js';
import { createHttpClient } from '../../src/http/client.js';
import { makeCertificate } from '../support/certificates.js';

const { signal } = new AbortController();
const localhost = await makeCertificate('localhost');
const elsewhere = await makeCertificate('is.example');
const expired = await makeCertificate('localhost', 'expired');
const future = await makeCertificate('localhost', 'future');

const ISSUER = 'https://is.example/oauth2/token';
const READY = JSON.stringify({ issuer: ISSUER });

interface Fault {
  /** A server that has the fault. Absent: nothing is there. */
  readonly server?: () => Server;
  readonly url?: string;
  readonly trusted?: readonly string[];
  readonly proxy?: 'refuses';
  readonly timeoutMs?: number;
}

/** Everything that keeps people waiting, each with the code word that the deadline names as its cause, and what they read. */
const FAULTS: readonly [title: string, fault: Fault, code: string, message: RegExp][] = [
  [
    'a name that nobody knows',
    { url: 'https://is7.invalid:9443', timeoutMs: 3_000 },
    'HOST_NOT_FOUND',
    /is7\.invalid cannot be resolved/,
  ],
  ['a port where nothing listens', { url: 'https://localhost:1' }, 'CONNECTION_REFUSED', /nothing listens on port 1 /],
  ['an answer that never comes', { server: silent }, 'CONNECTION_TIMEOUT', /no complete answer/],
  ['an answer that is cut', { server: cut }, 'CONNECTION_LOST', /cut before the answer was complete/],
  ['the port of plain HTTP', { server: plain }, 'NOT_TLS', /does not speak TLS/],
  [
    'no cipher in common',
    { server: () => https({ ciphers: 'PSK-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' }) },
    'TLS_HANDSHAKE_FAILED',
    /no TLS/,
  ],
  ['a certificate of nobody', { server: () => https({}), trusted: [] }, 'TLS_UNTRUSTED', /is not trusted/],
  ['an expired certificate', { server: () => https(expired), trusted: [expired.cert] }, 'TLS_EXPIRED', /has expired/],
  [
    'a clock that is behind',
    { server: () => https(future), trusted: [future.cert] },
    'TLS_NOT_YET_VALID',
    /clock here/,
  ],
  [
    'another name',
    { server: () => https(elsewhere), trusted: [elsewhere.cert] },
    'TLS_HOST_MISMATCH',
    /DNS:is\.example/,
  ],
  [
    'a server that is starting',
    { server: () => answers({ [HEALTH_CHECK]: [503, report('HC_00004', 'Server is not in RUNNING state')] }, 503) },
    'SERVER_STARTING',
    /reports: HC_00004 Server is not in RUNNING state/,
  ],
  [
    'a database that is down',
    { server: () => answers({ [HEALTH_CHECK]: [503, report('HC_00002', 'DataSource jdbc/x failed')] }, 503) },
    'SERVER_DATABASE_DOWN',
    /DataSource jdbc\/x failed/,
  ],
  ['503 without a report', { server: () => answers({}, 503) }, 'SERVER_STARTING', /answered 503/],
  [
    'a page that leads elsewhere',
    { server: () => answers({}, 302) },
    'SERVER_REDIRECTS',
    /to https:\/\/login\.example\/\)/,
  ],
  ['a page of HTML', { server: () => answers({ [DISCOVERY]: [200, '<html>'] }) }, 'SERVER_NOT_READY', /HTML/],
  [
    'the other product',
    { server: () => answers({ [STARTUP]: [200, ''] }) },
    'WRONG_PRODUCT',
    /is API Manager, not Identity/,
  ],
  ['some other server', { server: () => answers({}) }, 'WRONG_CONTEXT', /404 where Identity Server has/],
  [
    'a proxy that refuses',
    { url: 'https://is7.test:9443', proxy: 'refuses' },
    'PROXY_REFUSED',
    /the proxy http:\/\/127\.0\.0\.1:\d+ does not connect to is7\.test:9443 \(it answers 403\)/,
  ],
  [
    'another issuer',
    { server: () => answers({ [DISCOVERY]: [200, '{"issuer":"https://other"}'] }) },
    'ISSUER_MISMATCH',
    /issues tokens as https:\/\/other/,
  ],
];

for (const [title, fault, code, message] of FAULTS) {
  test(`${title}: ${code}`, () =>
    withFault(fault, async (step) => {
      const thrown = await step
        .apply({ action: 'update', summary: '' }, signal)
        .catch((error: BootstrapError) => error);
      assert.ok(thrown, 'it was ready');
      const cause = thrown.code === 'HEALTH_DEADLINE' ? (thrown.cause as BootstrapError) : thrown;
      assert.is(cause.code, code, cause.message);
      assert.match(thrown.message, message);
      assert.ok(thrown.hint.length > 20);
    }));
}

test('fifteen faults and more have a code of their own', () => {
  assert.ok(new Set(FAULTS.map(([, , code]) => code)).size >= 15);
});

test('a clock that differs is named although the server is ready', () => {
  const date = new Date(Date.now() - 600_000).toUTCString();
  return withFault({ server: () => answers({ [DISCOVERY]: [200, READY] }, 404, { date }) }, async (step) => {
    const state = await step.inspect(signal);
    assert.equal(step.plan(state), []);
    const [notice] = step.notices?.(state) ?? [];
    assert.is(notice?.code, 'CLOCK_SKEW');
    assert.match(notice?.message ?? '', /is 6\d\d s behind the one here/);
  });
});

test('what is waited for is said at the start and when it changes, and not at each look', () => {
  const pages: Record<string, [number, string]> = { [DISCOVERY]: [503, ''] };
  return withFault({ server: () => answers(pages), timeoutMs: 20_000 }, async (step) => {
    const said: string[] = [];
    const enough = new AbortController();
    setTimeout(() => {
      pages[DISCOVERY] = [200, '<html>'];
    }, 300);
    const say = (text: string) => {
      if (said.push(text) === 2) setTimeout(() => enough.abort(), 300);
    };
    await step.apply({ action: 'update', summary: '' }, enough.signal, { say }).catch(() => {});
    assert.is(said.length, 2, said.join('\n'));
    assert.match(said[0] ?? '', /^waiting for WSO2 Identity Server 7 at https:.*, 20 s at most: .* answered 503/);
    assert.match(said[1] ?? '', /^still waiting after .*HTML/);
  });
});

function https(options: ServerOptions & { readonly cert?: string }, listener: RequestListener = () => {}): Server {
  return createServer({ key: localhost.key, cert: localhost.cert, ...options }, listener);
}

/** Pages by path; everything else has the given status. */
function answers(
  pages: Readonly<Record<string, readonly [status: number, text: string]>>,
  otherwise = 404,
  headers: Readonly<Record<string, string>> = {},
): Server {
  return https({}, (request, response) => {
    const [status, text] = pages[request.url ?? ''] ?? [otherwise, ''];
    const location = status === 302 ? { location: 'https://login.example/?x=1' } : {};
    response.writeHead(status, { ...headers, ...location }).end(text);
  });
}

function report(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

function silent(): Server {
  return https({}, () => {});
}

function cut(): Server {
  return https({}, (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{');
    setTimeout(() => response.destroy(), 20);
  });
}

function plain(): Server {
  return createHttpServer((_request, response) => response.end('hello'));
}

async function withFault(
  { server, url, trusted = [localhost.cert], proxy, timeoutMs = 350 }: Fault,
  use: (step: ReturnType<typeof healthStep>) => Promise<void>,
): Promise<void> {
  const running = await listening(server?.());
  const refusing = await listening(proxy && createTcpServer((socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')));
  const http = createHttpClient({
    trust: async () => ({ ca: trusted, pinnedSha256: [] }),
    ...(refusing && { proxy: { httpsProxy: `http://127.0.0.1:${portOf(refusing)}` } }),
  });
  const target = {
    server: 'is7',
    url: url ?? `https://localhost:${running && portOf(running)}`,
    issuer: ISSUER,
  } as const;
  try {
    await use(healthStep({ server: 'is7', target: () => target, http, timeoutMs: () => timeoutMs }));
  } finally {
    await http.close();
    for (const open of [running, refusing]) open?.close();
  }
}

async function listening(server: Server | undefined): Promise<Server | undefined> {
  if (server) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

test.run();
