import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { BootstrapError } from '../../errors.js';
import { empty, Refusal, type Reply } from './reply.js';
import type { ServerRequest } from './request.js';
import type { Handler } from './router.js';

const BODY_LIMIT_BYTES = 1024 * 1024;

/** A server of the sandbox that answers on `url` until it is closed. */
export interface RunningServer {
  /** `https://host:port`, with the real port also when the configured one was 0. */
  readonly url: string;
  close(): Promise<void>;
}

/** Where a server listens, and how it fails. */
export interface ListenOptions {
  /** The name in the server's own URLs. `localhost` listens on the loopback address only, any other name on all addresses. */
  readonly host: string;
  readonly port: number;
  /** PEM; plain HTTP when absent. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The answer to whatever a handler throws that is no {@link Refusal}. */
  readonly failure: Reply;
}

/**
 * Starts a server. The handler is made once the port is known, because a server's own URL is part of its answers.
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the port cannot be had.
 */
export async function listen(options: ListenOptions, handlerFor: (url: string) => Handler): Promise<RunningServer> {
  const server = options.tls ? https.createServer(options.tls) : http.createServer();
  await startListening(server, options);
  const { port } = server.address() as AddressInfo;
  const url = `${options.tls ? 'https' : 'http'}://${options.host}:${port}`;
  const handle = handlerFor(url);
  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    answer(incoming, outgoing, handle, options.failure).catch(() => outgoing.destroy());
  });
  return { url, close: () => stopListening(server) };
}

function startListening(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)));
    server.listen({ port, ...(host === 'localhost' && { host: '127.0.0.1' }) }, resolve);
  });
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): BootstrapError {
  return new BootstrapError(`cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`, {
    code: 'SANDBOX_FAILED',
    hint: 'End the program that holds this port, or give the server another one with --is7-offset or --apim-offset.',
    cause,
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  handle: Handler,
  failure: Reply,
): Promise<void> {
  const reply = await replyTo(incoming, handle, failure);
  outgoing.writeHead(reply.status, reply.headers).end(reply.body);
}

async function replyTo(incoming: IncomingMessage, handle: Handler, failure: Reply): Promise<Reply> {
  try {
    return await handle(await readRequest(incoming), {});
  } catch (error) {
    return error instanceof Refusal ? error.reply : failure;
  }
}

async function readRequest(incoming: IncomingMessage): Promise<ServerRequest> {
  const [path = '', ...query] = (incoming.url ?? '').split('?');
  return {
    method: incoming.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    headers: incoming.headers,
    body: await readBody(incoming),
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
