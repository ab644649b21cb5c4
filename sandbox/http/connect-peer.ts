import { X509Certificate } from 'node:crypto';
import {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpReply,
  type HttpRequest,
} from '../../src/http/client.js';
import type { LoadedHome } from '../loaded-home.js';
import { sendToAnyName } from './any-name-client.js';

/** A server's own HTTPS client, for calls to the other. */
export interface PeerConnection {
  /** @throws whatever keeps the request from being answered */
  send(request: Omit<HttpRequest, 'signal'>): Promise<HttpReply>;
  /** {@link send}, presenting the certificate of the primary keystore to a server that asks for one. */
  sendWithCertificate(request: Omit<HttpRequest, 'signal'>): Promise<HttpReply>;
  close(): Promise<void>;
}

/** Whether a certificate must be for the host that is asked. */
export type NamesOfPeers = 'any' | 'checked';

/** How a server's client comes by the certificates that it trusts: as they were at the start, or anew for each request. */
export type TruststoreReading = 'at-start' | 'each-time';

/**
 * A client that trusts the certificates of the home's truststore and nothing else, and checks host names unless told otherwise. A Java client accepts an expired
 * certificate that is itself in the truststore, which is what shipped packs live on; pinning every one of them does the same here.
 */
export function connectPeer(
  home: Pick<LoadedHome, 'trusted' | 'trustedNow' | 'signing' | 'hosts'>,
  reading: TruststoreReading = 'at-start',
  names: NamesOfPeers = 'checked',
): PeerConnection {
  const stop = new AbortController();
  const { hosts, signing } = home;
  if (names === 'any') {
    const trusted = () => (reading === 'at-start' ? home.trusted : home.trustedNow());
    return {
      send: (request) => sendToAnyName({ trusted, hosts }, request, stop.signal),
      sendWithCertificate: (request) => sendToAnyName({ trusted, hosts, identity: signing }, request, stop.signal),
      close: async () => stop.abort(),
    };
  }
  const trust = async () => {
    const trusted = reading === 'at-start' ? home.trusted : home.trustedNow();
    return { ca: trusted, pinnedSha256: trusted.map((pem) => new X509Certificate(pem).fingerprint256) };
  };
  const plain = clientOf({ trust, hosts }, reading);
  const known = clientOf({ trust, hosts, identity: async () => signing }, reading);
  return {
    send: (request) => plain.send({ ...request, signal: stop.signal }),
    sendWithCertificate: (request) => known.send({ ...request, signal: stop.signal }),
    async close() {
      stop.abort();
      await Promise.all([plain.close(), known.close()]);
    },
  };
}

function clientOf(options: HttpClientOptions, reading: TruststoreReading): HttpClient {
  if (reading === 'at-start') return createHttpClient(options);
  return {
    async send(request) {
      const client = createHttpClient(options);
      return client.send(request).finally(() => client.close());
    },
    close: async () => {},
  };
}
