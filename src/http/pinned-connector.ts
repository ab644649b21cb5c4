import type { Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContextOptions,
  TLSSocket,
} from 'node:tls';
import type { buildConnector } from 'undici';
import { isDistrust } from './connection-error.js';
import { type HostNames, lookupIn } from './host-names.js';
import type { Tunnel } from './tunnel.js';
import { buildConnector as connectorFor } from './undici.js';

/** What a connection believes: nothing but these certificates. */
export interface Trust {
  /** PEM certificates; no other root counts. */
  readonly ca: readonly string[];
  /** One of them, which the server is known to have. */
  readonly own?: string;
  /** SHA-256 fingerprints (upper-case hex with colons) of certificates that are accepted although they have expired. */
  readonly pinnedSha256: readonly string[];
}

/** What a client presents to a server that asks for its certificate, PEM. */
export interface ClientIdentity {
  readonly key: string;
  readonly cert: string;
}

/** What is worth knowing of a connection that was accepted. */
export interface ConnectionEvents {
  /** It was accepted only because its expired certificate is pinned. */
  readonly onExpiredPinned: (host: string) => void;
  /** The SHA-256 of the certificate that the server presented. */
  readonly onPresented?: (sha256: string) => void;
}

/** What the verification said when the only thing wrong is the date. */
const EXPIRED = 'CERT_HAS_EXPIRED';

/** How connections get to their servers, and as whom. */
export interface Route {
  /** Names that are resolved here instead of by the system. */
  readonly hosts?: HostNames;
  /** In place of a connection from here. */
  readonly tunnel?: Tunnel;
  /** Presented to a server that asks for a certificate. */
  readonly identity?: ClientIdentity | undefined;
}

/**
 * Connects with full TLS verification. The one exception of this program: a certificate that is *expired*, and nothing else, is
 * accepted when its SHA-256 is pinned and its SAN covers the host. The certificates that WSO2 ships with IS 7.0–7.2 and API Manager 4.3
 * have expired, and Java accepts an expired certificate that is itself in the truststore. Nothing is sent before these checks pass, and
 * through a proxy they are the same.
 */
export function pinningConnector(
  trust: Trust,
  { onExpiredPinned, onPresented = () => {} }: ConnectionEvents,
  { hosts = {}, identity, tunnel }: Route = {},
): buildConnector.connector {
  const believing = (ca: readonly string[]) => {
    // allowPartialTrustChain: as in Java, a certificate in the truststore is an anchor of its own, whoever issued it.
    const options = { ca: [...ca], ...identity, allowPartialTrustChain: true } as SecureContextOptions;
    const tls = { secureContext: createSecureContext(options), lookup: lookupIn(hosts) } as ConnectionOptions;
    const connector = connectorFor({ ...tls, timeout: CONNECT_TIMEOUT_MS } as buildConnector.BuildOptions);
    return { tls, connect: promised(connector) };
  };
  // To read the hundred and more certificates takes longer than to connect: at most once, and not for a server that is known.
  let all: ReturnType<typeof believing> | undefined;
  const believingAll = () => {
    all ??= believing(trust.ca);
    return all;
  };
  const believingOwn = trust.own === undefined ? undefined : believing([trust.own]);
  const over = (httpSocket: Socket | undefined) => (httpSocket ? { httpSocket } : {});

  async function open(options: buildConnector.Options): Promise<Socket> {
    const through = () => tunnel?.(options.hostname, Number(options.port || 443));
    const httpSocket = await through();
    if (httpSocket && options.protocol !== 'https:') return httpSocket;
    try {
      const socket = await (believingOwn ?? believingAll())
        .connect({ ...options, ...over(httpSocket) })
        .catch(async (error: NodeJS.ErrnoException) => {
          if (!believingOwn || !isDistrust(error.code ?? '')) throw error;
          return believingAll().connect({ ...options, ...over(await through()) });
        });
      if (socket instanceof TLSSocket) onPresented(socket.getPeerCertificate().fingerprint256);
      return socket;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== EXPIRED || trust.pinnedSha256.length === 0) throw error;
      const socket = await connectToExpired(believingAll().tls, options, trust.pinnedSha256, await through());
      onExpiredPinned(options.hostname);
      return socket;
    }
  }

  return (options, callback) => {
    open(options).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

const CONNECT_TIMEOUT_MS = 10_000;

function promised(connector: buildConnector.connector): (options: buildConnector.Options) => Promise<Socket> {
  return (options) =>
    new Promise((resolve, reject) => {
      connector(options, (...[error, socket]) => (error ? reject(error) : resolve(socket)));
    });
}

function connectToExpired(
  tlsOptions: ConnectionOptions,
  { hostname, port, servername }: buildConnector.Options,
  pinnedSha256: readonly string[],
  through: Socket | undefined,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = servername || hostname;
    const socket = connect({
      ...tlsOptions,
      ...(through ? { socket: through } : { host: hostname, port: Number(port || 443) }),
      servername: name,
      rejectUnauthorized: false,
    });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const fault = faultBesidesExpiry(socket, name, pinnedSha256);
      if (!fault) {
        socket.off('error', reject);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(fault);
    });
  });
}

function faultBesidesExpiry(socket: TLSSocket, host: string, pinnedSha256: readonly string[]): Error | undefined {
  const certificate = socket.getPeerCertificate();
  const pinned = pinnedSha256.includes(certificate.fingerprint256);
  if (String(socket.authorizationError) !== EXPIRED || !pinned) {
    return Object.assign(new Error('certificate has expired'), { code: EXPIRED });
  }
  return checkServerIdentity(host, certificate);
}
