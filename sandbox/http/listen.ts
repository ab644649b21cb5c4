import { X509Certificate } from 'node:crypto';
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { BootstrapError } from '../../src/errors.js';
import { MESSAGES } from '../errors.js';
import { empty, Refusal, type Reply } from './reply.js';
import type { ServerRequest } from './request.js';
import type { Handler } from './router.js';

const BODY_LIMIT_BYTES = 1024 * 1024;

/** A server of the sandbox that answers on `url` until it is closed. */
export interface RunningServer {
  /** `https://host:port`, with the real port also when the configured one was 0. */
  readonly url: string;
  /** Where API Manager's gateway listens. */
  readonly gatewayUrl?: string;
  close(): Promise<void>;
}

/** What a server presents, PEM. */
export interface ServerIdentity {
  readonly key: string;
  readonly cert: string;
  /** Clients are asked for a certificate, which they need not have; one that none of these vouches for counts as none. */
  readonly clientAuthorities?: readonly string[];
}

/** Where a server listens, and how it fails. */
export interface ListenOptions {
  /** The name in the server's own URLs. `localhost` listens on the loopback address only, any other name on all addresses. */
  readonly host: string;
  readonly port: number;
  /** PEM; plain HTTP when absent. */
  readonly tls?: ServerIdentity;
  /** The answer to whatever a handler throws that is no {@link Refusal}. */
  readonly failure: Reply;
}

/**
 * Starts a server. The handler is made once the port is known, because a server's own URL is part of its answers.
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the port cannot be had.
 */
export async function listen(options: ListenOptions, handlerFor: (url: string) => Handler): Promise<RunningServer> {
  const server = createServer(options.tls);
  await startListening(server, options);
  const { port } = server.address() as AddressInfo;
  const url = `${options.tls ? 'https' : 'http'}://${options.host}:${port}`;
  const handle = handlerFor(url);
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const certificate = trustedCertificate(incoming.socket, options.tls?.clientAuthorities ?? []);
    const readRequest = () => requestOf(incoming, certificate);
    answer(readRequest, outgoing, handle, options.failure).catch(() => outgoing.destroy());
  });
  return { url, close: () => stopListening(server) };
}

function createServer(tls: ServerIdentity | undefined): Server {
  if (!tls) return http.createServer();
  const { clientAuthorities, ...identity } = tls;
  if (!clientAuthorities) return https.createServer(identity);
  // As Tomcat with `certificateVerification = "want"`: asked for, not demanded. The handshake goes on without a good one, so
  // trustedCertificate looks again before anything is made of it.
  const asked = { requestCert: true, rejectUnauthorized: false, ca: [...clientAuthorities] };
  return https.createServer({ ...identity, ...asked });
}

/** As to Java, a certificate that is itself trusted is good, also when it has expired. */
function trustedCertificate(socket: Socket, authorities: readonly string[]): X509Certificate | undefined {
  const presented = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
  if (!presented) return undefined;
  const isTrusted = authorities.some((pem) => new X509Certificate(pem).fingerprint256 === presented.fingerprint256);
  return isTrusted || (socket as TLSSocket).authorized ? presented : undefined;
}

function startListening(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen({ port, ...(host === 'localhost' && { host: '127.0.0.1' }) }, resolve);
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): BootstrapError {
  return new BootstrapError(MESSAGES.SANDBOX_FAILED.listen(host, port, cause.code, cause.message), { cause });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  readRequest: () => Promise<ServerRequest>,
  outgoing: ServerResponse,
  handle: Handler,
  failure: Reply,
): Promise<void> {
  const reply = await replyTo(readRequest, handle, failure);
  outgoing.writeHead(reply.status, reply.headers).end(reply.body);
}

async function replyTo(readRequest: () => Promise<ServerRequest>, handle: Handler, failure: Reply): Promise<Reply> {
  try {
    return await handle(await readRequest(), {});
  } catch (error) {
    return error instanceof Refusal ? error.reply : failure;
  }
}

async function requestOf(incoming: IncomingMessage, certificate: X509Certificate | undefined): Promise<ServerRequest> {
  const [path = '', ...query] = (incoming.url ?? '').split('?');
  return {
    method: incoming.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: incoming.headers,
    body: await readBody(incoming),
    ...(certificate && { clientCertificate: certificate }),
  };
}

/** The stream is not destroyed where reading ends early, because the connection still has to carry the refusal. */
async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new Refusal(empty(413, { connection: 'close' }));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
