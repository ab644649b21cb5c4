import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { buildConnector } from 'undici';

/** Opens a connection to a host and port from somewhere else; TLS with the host is spoken through it. */
export type Tunnel = (host: string, port: number) => Promise<Socket>;

const TIMEOUT_MS = 10_000;

/** The proxy did not open a connection. The address of a proxy may hold a password, so only its origin is named. */
export class ProxyError extends Error {
  constructor(proxy: URL, why: string, cause?: unknown) {
    super(`the proxy ${proxy.origin} ${why}`, { cause });
    this.name = 'ProxyError';
  }
}

/** Opens a verified TLS connection. */
export type ConnectTls = buildConnector.connector;

/**
 * Has a proxy open connections (RFC 9110, CONNECT).
 *
 * @param proxyUrl `http://user:password@proxy:3128`; with https:// the proxy is verified before it gets user and password
 */
export function tunnelThrough(proxyUrl: string, connectTls: ConnectTls): Tunnel {
  const proxy = new URL(proxyUrl);
  const { username, password } = proxy;
  const account = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return async (host, port) => {
    const toProxy = await connectTo(proxy, connectTls).catch((cause: NodeJS.ErrnoException) => {
      throw notReached(proxy, cause);
    });
    return new Promise((resolve, reject) => {
      const authority = `${host}:${port}`;
      const asked = request({
        method: 'CONNECT',
        path: authority,
        headers: { host: authority, ...(username && { 'proxy-authorization': `Basic ${account}` }) },
        timeout: TIMEOUT_MS,
        createConnection: () => toProxy,
      });
      asked.once('connect', ({ statusCode }, socket) => {
        socket.setTimeout(0);
        if (statusCode === 200) {
          resolve(socket as Socket);
          return;
        }
        socket.destroy();
        reject(new ProxyError(proxy, `does not connect to ${authority} (it answers ${statusCode})`));
      });
      // A proxy that takes CONNECT for any other request answers without a connection.
      asked.once('response', (response) => {
        response.destroy();
        reject(new ProxyError(proxy, `does not connect to ${authority} (it answers ${response.statusCode})`));
      });
      asked.once('timeout', () => asked.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      asked.once('error', (cause: NodeJS.ErrnoException) => reject(notReached(proxy, cause)));
      asked.end();
    });
  };
}

function notReached(proxy: URL, cause: NodeJS.ErrnoException): ProxyError {
  return new ProxyError(proxy, `is not reached (${cause.code ?? cause.message})`, cause);
}

function connectTo({ protocol, hostname, port, host }: URL, connectTls: ConnectTls): Promise<Socket> {
  const name = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    if (protocol === 'https:') {
      connectTls({ hostname: name, host, protocol, port }, (...[error, socket]) =>
        error ? reject(error) : resolve(socket),
      );
      return;
    }
    const socket = connect(Number(port || 80), name);
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.setTimeout(0);
      resolve(socket);
    });
  });
}
