import type { Dispatcher } from 'undici';
import type { HostNames } from './host-names.js';
import { type ClientIdentity, type ConnectionEvents, pinningConnector, type Trust } from './pinned-connector.js';
import { tunnelThrough } from './tunnel.js';
import { Agent, request } from './undici.js';

/** Connections that believe the same certificates and go the same way, kept open between requests. */
export interface Transport {
  send(url: string, options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** What is known besides what to believe. */
export interface TransportOptions {
  readonly hosts: HostNames;
  readonly identity: ClientIdentity | undefined;
}

/** @param proxyUrl empty for straight to the server */
export function createTransport(
  trust: Trust,
  proxyUrl: string,
  events: ConnectionEvents,
  options: TransportOptions,
): Transport {
  const dispatcher = createDispatcher(trust, proxyUrl, events, options);
  return {
    send(url, options) {
      const { origin, pathname, search } = new URL(url);
      return request.call(dispatcher, { origin, path: pathname + search, ...options });
    },
    close: () => dispatcher.destroy(),
  };
}

function createDispatcher(
  trust: Trust,
  proxyUrl: string,
  events: ConnectionEvents,
  { hosts, identity }: TransportOptions,
): Dispatcher {
  const limits = { maxResponseSize: MAX_REPLY_BYTES, headersTimeout: 0, bodyTimeout: 0 };
  // The proxy is another one than the server: neither its own certificate nor its pin count for it.
  const toProxy = pinningConnector({ ca: trust.ca, pinnedSha256: [] }, { onExpiredPinned: () => {} });
  const route = proxyUrl ? { tunnel: tunnelThrough(proxyUrl, toProxy) } : { hosts };
  return new Agent({ connect: pinningConnector(trust, events, { ...route, identity }), ...limits });
}
