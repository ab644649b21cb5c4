import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { ListenAddress } from '../config/shape.js';
import { BootstrapError } from '../errors.js';
import { isAllowedHost } from './allowed-host.js';
import { keepConnectionsFew } from './connections.js';
import { MESSAGES } from './errors.js';
import type { Metrics } from './metrics.js';
import { PAGE_POLICY, renderPage } from './page.js';
import { reasonsNotReady, type WatchStatus } from './status.js';

export interface Served {
  readonly status: () => WatchStatus;
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  /** Names by which it may be asked for, besides those that no stranger's page can have: {@link isAllowedHost}. */
  readonly allowedHosts?: readonly string[];
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Serves health, metrics and the status page while `use` runs, for whoever can reach the address: there is nothing to log in to, nothing
 * that changes anything, and no secret in it.
 *
 * @throws BootstrapError `LISTEN_IN_USE`, `LISTEN_REFUSED`
 */
export async function withStatusServer<T>(
  address: ListenAddress,
  served: Served,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer(LIMITS);
  keepConnectionsFew(server);
  server.on('request', (request, response) => {
    answer(request, response, served).catch(() => response.destroy());
  });
  await listen(server, address);
  try {
    return await use(urlOf(server));
  } finally {
    await close(server);
  }
}

/** Milliseconds and bytes: a request comes whole and soon, and what has timed out is looked for each second. */
const LIMITS = {
  headersTimeout: 2_000,
  requestTimeout: 3_000,
  keepAliveTimeout: 2_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
} as const;

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const { status, type, body, headers } = await replyTo(request, served);
  const length = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { ...SECURITY_HEADERS, ...length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume();
}

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

async function replyTo(
  { method, url = '/', headers }: IncomingMessage,
  { status, metrics, allowedHosts = [] }: Served,
): Promise<Reply> {
  if (!isAllowedHost(headers.host, allowedHosts))
    return text(421, 'This host name is not served: see watch.allowed_hosts.');
  const path = url.split('?')[0] ?? '';
  if (!PATHS.has(path)) return text(404, 'There is nothing here: see /, /healthz, /readyz or /metrics.');
  if (method !== 'GET' && method !== 'HEAD')
    return { ...text(405, 'GET and HEAD only.'), headers: { allow: 'GET, HEAD' } };
  switch (path) {
    case '/healthz':
      return healthReply(status());
    case '/readyz':
      return readyReply(status());
    case '/metrics':
      return { status: 200, type: metrics.contentType, body: await metrics.text() };
    default:
      return pageReply(status());
  }
}

const PATHS: ReadonlySet<string> = new Set(['/', '/healthz', '/readyz', '/metrics']);

/** The process answers, so it lives; but a look that hangs is only seen here. */
function healthReply({ phase }: WatchStatus): Reply {
  if (new Date() <= phase.overdueAt) return text(200, 'ok');
  return text(503, `overdue: ${phase.doing} since before ${phase.overdueAt.toISOString()}`);
}

function readyReply(status: WatchStatus): Reply {
  const reasons = reasonsNotReady(status);
  return reasons.length === 0 ? text(200, 'ready') : text(503, `not ready\n${reasons.join('\n')}`);
}

function pageReply(status: WatchStatus): Reply {
  const body = renderPage(status, new Date());
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body,
    headers: { 'content-security-policy': PAGE_POLICY },
  };
}

function text(status: number, body: string): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen({ host, port }, cause)));
    server.listen({ host, port }, resolve);
  });
}

function cannotListen({ host, port }: ListenAddress, cause: NodeJS.ErrnoException): BootstrapError {
  const where = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (cause.code === 'EADDRINUSE') {
    return new BootstrapError(MESSAGES.LISTEN_IN_USE(where), { cause });
  }
  return new BootstrapError(MESSAGES.LISTEN_REFUSED(where, cause.code, cause.message), { cause });
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${isIPv6(address) ? `[${address}]` : address}:${port}/`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
