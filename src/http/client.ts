import type { FormData } from 'undici';
import type { Secret } from '../secret.js';
import { connectionError } from './connection-error.js';
import type { HostNames } from './host-names.js';
import type { ClientIdentity, Trust } from './pinned-connector.js';
import { type ProxySettings, proxyFor } from './proxy.js';
import type { Transport } from './transport.js';

export type { ClientIdentity, Trust } from './pinned-connector.js';

export interface HttpClientOptions {
  /** Asked once, before the first request. */
  readonly trust: () => Promise<Trust>;
  /** Presented to servers that ask for a certificate (mutual TLS); asked once, too. */
  readonly identity?: () => Promise<ClientIdentity>;
  /** Told each time a connection was accepted only because its expired certificate is pinned. */
  readonly onExpiredPinned?: (host: string) => void;
  /** Told the SHA-256 (upper hex with colons) of the certificate that a server presented, on each connection. */
  readonly onPresented?: (sha256: string) => void;
  readonly proxy?: ProxySettings;
  /** Names that are resolved here instead of by the system. */
  readonly hosts?: HostNames;
  /** Told of each exchange that has ended. */
  readonly onExchange?: (exchange: HttpExchange) => void;
}

/** An exchange as it may be logged: query, headers and bodies hold secrets, so they are not here. */
export interface HttpExchange {
  readonly method: HttpRequest['method'];
  /** Without its query. */
  readonly url: string;
  /** Absent when there was no answer. */
  readonly status?: number;
  readonly durationMs: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | FormData;
  /** For the whole exchange; default 30 s. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface HttpClient {
  /**
   * Sends one request and reads the whole reply, whatever its status; redirects are not followed.
   *
   * @throws UnreachableError `SERVER_UNREACHABLE`, `TLS_UNTRUSTED`, `TLS_HOST_MISMATCH`; the signal's reason when it aborts.
   */
  send(request: HttpRequest): Promise<HttpReply>;
  close(): Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** An HTTPS client that verifies every server against the given trust and nothing else. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { trust, identity, onExpiredPinned = () => {}, onPresented = () => {} } = options;
  const { proxy = {}, hosts = {}, onExchange } = options;
  const transports = new Map<string, Transport>();
  let loaded: Promise<[Trust, ClientIdentity | undefined]> | undefined;

  async function transportFor(url: URL): Promise<Transport> {
    loaded ??= Promise.all([trust(), identity?.()]);
    // Loaded with the first request: a run without a network has no use for it.
    const [[trusted, own], { createTransport }] = await Promise.all([loaded, import('./transport.js')]);
    const through = proxyFor(url, proxy) ?? '';
    const events = { onExpiredPinned, onPresented };
    const known = transports.get(through) ?? createTransport(trusted, through, events, { hosts, identity: own });
    transports.set(through, known);
    return known;
  }

  return {
    async send({ method, url, headers = {}, body = null, timeoutMs = DEFAULT_TIMEOUT_MS, signal }) {
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeoutMs);
      const started = performance.now();
      let status: number | undefined;
      const transport = await transportFor(new URL(url));
      try {
        const reply = await transport.send(url, {
          method,
          headers: { ...formHeader(body), ...headers },
          body: body instanceof URLSearchParams ? body.toString() : body,
          signal: AbortSignal.any([signal, deadline.signal]),
        });
        status = reply.statusCode;
        return { status, headers: flatten(reply.headers), text: await reply.body.text() };
      } catch (error) {
        signal.throwIfAborted();
        throw connectionError(error, new URL(url), deadline.signal.aborted ? timeoutMs : undefined);
      } finally {
        clearTimeout(timer);
        onExchange?.({
          method,
          ...withoutQuery(url),
          ...(status && { status }),
          durationMs: performance.now() - started,
        });
      }
    },
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

function withoutQuery(url: string): { readonly url: string } {
  const { origin, pathname } = new URL(url);
  return { url: origin + pathname };
}

/** The value of an `Authorization` header. */
export function basicAuth(username: string, password: Secret): string {
  return `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`;
}

function formHeader(body: unknown): Record<string, string> {
  return body instanceof URLSearchParams ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]));
}
