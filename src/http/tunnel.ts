import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';

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

/**
 * Has a proxy open connections (RFC 9110, CONNECT).
 *
 * @param proxyUrl `http://user:password@proxy:3128`; with https:// the proxy's own certificate must be of one of `ca`
 */
export function tunnelThrough(proxyUrl: string, ca: readonly string[]): Tunnel {
  const proxy = new URL(proxyUrl);
  const { protocol, hostname, port: proxyPort, username, password } = proxy;
  const isHttps = protocol === 'https:';
  const request = isHttps ? requestHttps : requestHttp;
  const account = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return (host, port) =>
    new Promise((resolve, reject) => {
      const authority = `${host}:${port}`;
      const asked = request({
        method: 'CONNECT',
        host: hostname.replace(/^\[|\]$/g, ''),
        port: proxyPort || (isHttps ? 443 : 80),
        path: authority,
        headers: { host: authority, ...(username && { 'proxy-authorization': `Basic ${account}` }) },
        timeout: TIMEOUT_MS,
        agent: false,
        ...(isHttps && { ca: [...ca] }),
      });
      asked.once('connect', ({ statusCode }, socket) => {
        socket.setTimeout(0);
        if (statusCode === 200) {
          resolve(socket);
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
      asked.once('error', (cause: NodeJS.ErrnoException) => {
        reject(new ProxyError(proxy, `is not reached (${cause.code ?? cause.message})`, cause));
      });
      asked.end();
    });
}
