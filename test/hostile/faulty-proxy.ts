import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request as send } from 'undici';
import { IDENTITY } from '../sandbox/is7/stand-in.js';

/** A reply as the server behind gave it. */
export interface TrueReply {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer;
}

/** Answers in the place of a server that has done what it was asked for. */
export type Fault = (response: ServerResponse, reply: TrueReply, request: Asked) => Promise<void> | void;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface FaultyProxy {
  readonly url: string;
  /** `GET /api/am/admin/v4/settings`, in order. */
  readonly calls: string[];
  /** What becomes of each reply; undefined lets it through. */
  fault: ((asked: Asked, nth: number) => Fault | undefined) | undefined;
}

/** Lends a server that passes every request on, and falsifies what it is told to of the replies. */
export async function withFaultyProxy<T>(target: string, use: (proxy: FaultyProxy) => Promise<T>): Promise<T> {
  const behind = new Agent({ connect: { ca: IDENTITY.cert } });
  const server = createServer({ key: IDENTITY.key, cert: IDENTITY.cert, keepAlive: true });
  const proxy: FaultyProxy & { url: string } = { url: '', calls: [], fault: undefined };
  server.on('request', (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  proxy.url = `https://localhost:${(server.address() as AddressInfo).port}`;
  try {
    return await use(proxy);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await behind.destroy();
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const body = await buffer(request);
    const asked = { method, path, headers, body };
    proxy.calls.push(`${method} ${path.replace(/\?.*/, '')}`);
    const fault = proxy.fault?.(asked, proxy.calls.length);
    const reply = await passOn(asked);
    if (fault) return fault(response, reply, asked);
    response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body);
  }

  async function passOn({ method, path, headers, body }: Asked): Promise<TrueReply> {
    const { host, connection, ...rest } = headers;
    const reply = await send(`${target}${path}`, {
      method: method as 'GET',
      headers: rest as Record<string, string>,
      body: body.length > 0 ? body : null,
      dispatcher: behind,
    });
    return {
      status: reply.statusCode,
      type: String(reply.headers['content-type'] ?? ''),
      body: Buffer.from(await reply.body.arrayBuffer()),
    };
  }
}

/** Every way that we know in which a reply can be wrong, by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'cut before the reply': ({ socket }) => void socket?.resetAndDestroy(),
  'cut mid-body': async (response, { status, body }) => {
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length + 100 });
    response.write(body.subarray(0, body.length / 2));
    await sleep(20);
    response.socket?.destroy();
  },
  'cut mid-header': async ({ socket }) => {
    socket?.write('HTTP/1.1 200 OK\r\ncontent-ty');
    await sleep(20);
    socket?.destroy();
  },
  truncated: (response, { status, body }) => as(response, status, body.subarray(0, body.length / 2)),
  doubled: ({ socket }, reply) => {
    socket?.write(Buffer.concat([raw(reply), raw(reply)]));
  },
  'doubled body': (response, { status, body }) => as(response, status, Buffer.concat([body, body])),
  delayed: async (response, { status, body }) => {
    await sleep(300);
    as(response, status, body);
  },
  dripping: async (response, { status, body }) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    for (const byte of body.subarray(0, 30)) {
      response.write(Buffer.of(byte));
      await sleep(2);
    }
    response.end(body.subarray(30));
  },
  'HTML instead of JSON': (response) => as(response, 200, '<!DOCTYPE html><title>Welcome</title>', 'text/html'),
  'an HTML error': (response) => as(response, 500, '<html><body>Oops</body></html>', 'text/html'),
  nothing: (response) => as(response, 200, ''),
  'no content': (response) => void response.writeHead(204).end(),
  'JSON that is no object': (response) => as(response, 200, '[1, "two", null]'),
  null: (response) => as(response, 200, 'null'),
  'an empty object': (response) => as(response, 200, '{}'),
  'malformed JSON': (response, { body }) => as(response, 200, `${body.toString('utf8')},}`),
  'deep nesting': (response) => as(response, 200, `${'{"list":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
  'deep lists': (response) => as(response, 200, `{"list":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
  'invalid UTF-8': (response, { status, body }) => as(response, status, Buffer.concat([body, Buffer.of(0xff, 0xc0)])),
  'invalid UTF-8 in a text': (response, { status, body }) =>
    as(response, status, Buffer.from(body.toString('latin1').replaceAll('a', '\xff'), 'latin1')),
  'a byte order mark': (response, { status, body }) =>
    as(response, status, Buffer.concat([Buffer.from('\ufeff'), body])),
  'UTF-16': (response, { status, body }) => as(response, status, Buffer.from(body.toString('utf8'), 'utf16le')),
  '10 MB of JSON': (response) => as(response, 200, JSON.stringify({ list: [], fill: 'x'.repeat(10_000_000) })),
  '10 MB of noise': (response) => as(response, 200, Buffer.alloc(10_000_000, 0xaa)),
  'endless chunks': async (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = Buffer.alloc(1_000_000, 0x20);
    for (let sent = 0; sent < 40 && !response.destroyed && response.socket; sent++) {
      if (!response.write(chunk)) await sleep(1);
    }
    response.end();
  },
  'a redirect elsewhere': (response) =>
    void response.writeHead(302, { location: 'https://elsewhere.invalid/login' }).end(),
  'a redirect to itself': (response, _reply, { path }) => void response.writeHead(307, { location: path }).end(),
  'a redirect without TLS': (response) => void response.writeHead(301, { location: 'http://localhost/' }).end(),
  'a header flood': ({ socket }, { body }) => {
    const headers = Array.from({ length: 5_000 }, (_, index) => `x-flood-${index}: ${index}\r\n`).join('');
    socket?.end(`HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n${body}`);
  },
  'one endless header': ({ socket }, { body }) => {
    socket?.end(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1_000_000)}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  },
  'something that is not HTTP': ({ socket }) => {
    socket?.end('SSH-2.0-OpenSSH_9.6\r\n');
  },
  'two lengths': ({ socket }, { body }) => {
    socket?.end(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\ncontent-length: 1\r\n\r\n${body}`);
  },
  'a bad chunk': ({ socket }) => {
    socket?.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n');
  },
  'interim replies': ({ socket }, reply) => {
    socket?.end(Buffer.concat([Buffer.from('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50)), raw(reply)]));
  },
  'switching protocols': ({ socket }) => {
    socket?.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n');
  },
  'a status that does not exist': ({ socket }) => {
    socket?.end('HTTP/1.1 999 What\r\ncontent-length: 2\r\n\r\n{}');
  },
  unauthorized: (response) => as(response, 401, '{"code":900902,"message":"Missing Credentials"}'),
  forbidden: (response) => as(response, 403, '{"code":900403}'),
  'not found': (response) => as(response, 404, '{"code":404}'),
  conflict: (response) => as(response, 409, '{"code":901402}'),
  'too many requests': (response) => as(response, 429, '{}'),
  'an internal error': (response) => as(response, 500, '{"code":500,"message":{"a":1},"description":[]}'),
  'bad gateway': (response) => as(response, 502, '<html>nginx</html>', 'text/html'),
  unavailable: (response) => as(response, 503, ''),
};

function as(response: ServerResponse, status: number, body: string | Buffer, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function raw({ status, type, body }: TrueReply): Buffer {
  const head = `HTTP/1.1 ${status} Whatever\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
