import { X509Certificate } from 'node:crypto';
import { createHttpClient, type HttpReply, type HttpRequest } from '../../http/client.js';
import type { LoadedHome } from '../loaded-home.js';

/** A server's own HTTPS client, for calls to the other. */
export interface PeerConnection {
  /** @throws whatever keeps the request from being answered */
  send(request: Omit<HttpRequest, 'signal'>): Promise<HttpReply>;
  close(): Promise<void>;
}

/**
 * A client that trusts the certificates of the home's truststore, as it was at the start, and nothing else, and checks host names. A Java
 * client accepts an expired certificate that is itself in the truststore, which is what shipped packs live on; pinning every one of them
 * does the same here.
 */
export function connectPeer({ trusted, hosts }: Pick<LoadedHome, 'trusted' | 'hosts'>): PeerConnection {
  const stop = new AbortController();
  const trust = async () => ({
    ca: trusted,
    pinnedSha256: trusted.map((pem) => new X509Certificate(pem).fingerprint256),
  });
  const client = createHttpClient({ trust, hosts });
  return {
    send: (request) => client.send({ ...request, signal: stop.signal }),
    async close() {
      stop.abort();
      await client.close();
    },
  };
}
