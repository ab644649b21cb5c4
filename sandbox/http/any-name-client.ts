import { X509Certificate } from 'node:crypto';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { HttpReply, HttpRequest } from '../../src/http/client.js';
import { type HostNames, lookupIn } from '../../src/http/host-names.js';
import { VERIFIED } from '../../src/http/verified-tls.js';
import type { Identity } from '../loaded-home.js';

const TIMEOUT_MS = 30_000;
const EXPIRED = 'CERT_HAS_EXPIRED';

export interface AnyNameClient {
  /** Every certificate that is trusted, PEM; read for each request. */
  readonly trusted: () => readonly string[];
  readonly hosts: HostNames;
  /** Presented to a server that asks for a certificate. */
  readonly identity?: Identity;
}

/**
 * Sends as API Manager's Java client does as it is shipped (`httpclient.hostnameVerifier=AllowAll`): the server's certificate must be
 * trusted, whatever host it is for. That one is for stand-ins on this machine alone, which is why it lives here.
 *
 * @throws the error of the connection; `CERT_HAS_EXPIRED` is none where the certificate is itself trusted, as in Java
 */
export async function sendToAnyName(
  client: AnyNameClient,
  request: Omit<HttpRequest, 'signal'>,
  signal: AbortSignal,
): Promise<HttpReply> {
  const trusted = client.trusted();
  try {
    return await send(client, trusted, request, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== EXPIRED) throw error;
    const fingerprints = trusted.map((pem) => new X509Certificate(pem).fingerprint256);
    return send(client, trusted, request, signal, { expired: fingerprints });
  }
}

function send(
  { hosts, identity }: AnyNameClient,
  trusted: readonly string[],
  { method, url, headers = {}, body }: Omit<HttpRequest, 'signal'>,
  signal: AbortSignal,
  accept?: { readonly expired: readonly string[] },
): Promise<HttpReply> {
  const { minVersion, rejectUnauthorized } = VERIFIED;
  const isForm = body instanceof URLSearchParams;
  const options: RequestOptions = {
    method,
    headers: { ...(isForm && { 'content-type': 'application/x-www-form-urlencoded' }), ...headers },
    ca: [...trusted],
    minVersion,
    rejectUnauthorized: accept ? false : rejectUnauthorized,
    checkServerIdentity: () => undefined,
    lookup: lookupIn(hosts),
    agent: false,
    timeout: TIMEOUT_MS,
    signal,
    ...identity,
    ...({ allowPartialTrustChain: true } as object),
  };
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const told = Object.entries(incoming.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]);
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(told),
          text: Buffer.concat(chunks).toString('utf8'),
        });
      });
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    const text = typeof body === 'string' || isForm ? String(body) : undefined;
    if (!accept) {
      outgoing.end(text);
      return;
    }
    // Nothing is sent before it is known that the certificate is trusted itself, and has expired and nothing else.
    outgoing.on('socket', (socket) =>
      socket.once('secureConnect', () => {
        const { authorizationError } = socket as TLSSocket;
        const { fingerprint256 } = (socket as TLSSocket).getPeerCertificate();
        if (String(authorizationError) === EXPIRED && accept.expired.includes(fingerprint256)) outgoing.end(text);
        else outgoing.destroy(Object.assign(new Error('certificate has expired'), { code: EXPIRED }));
      }),
    );
  });
}
