import { X509Certificate } from 'node:crypto';
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
import { identityOf, sortedByRole, VERIFIED } from './verified-tls.js';

/** What a connection believes: nothing but these certificates. */
export interface Trust {
  /** PEM certificates; no other root counts. One that is no authority is believed for itself only. */
  readonly ca: readonly string[];
  /** One that the server is known to have: believed for itself only, whatever it says it may sign. */
  readonly own?: string;
  /** SHA-256 fingerprints (upper-case hex with colons) of certificates among these that are accepted although they have expired. */
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
  const tlsWith = (ca: readonly string[], further: ConnectionOptions = {}): ConnectionOptions => {
    // allowPartialTrustChain: as in Java, a certificate in the truststore is an anchor of its own, whoever issued it.
    const { rejectUnauthorized, minVersion } = VERIFIED;
    const context = { ca: [...ca], minVersion, ...identity, allowPartialTrustChain: true } as SecureContextOptions;
    const lookup = lookupIn(hosts);
    return { secureContext: createSecureContext(context), rejectUnauthorized, lookup, ...further } as ConnectionOptions;
  };
  const connectorOf = (tls: ConnectionOptions) =>
    promised(connectorFor({ ...tls, timeout: CONNECT_TIMEOUT_MS } as buildConnector.BuildOptions));
  const byPin = (pins: readonly string[]) => connectorOf(tlsWith(pins, { checkServerIdentity: identityOf(pins) }));
  // To read the hundred and more certificates takes longer than to connect: at most once, and not for a server that is known.
  const { own } = trust;
  const ways = [
    ...(own === undefined ? [] : [once(() => byPin([own]))]),
    once(() => {
      const { pins } = sortedByRole(trust.ca);
      return pins.length > 0 ? byPin(pins) : undefined;
    }),
    once(() => connectorOf(tlsWith(sortedByRole(trust.ca).authorities))),
  ];
  const over = (httpSocket: Socket | undefined) => (httpSocket ? { httpSocket } : {});

  async function verified(options: buildConnector.Options, through: () => Promise<Socket | undefined>) {
    let last: unknown;
    for (const way of ways) {
      const connectBy = way();
      if (!connectBy) continue;
      try {
        return await connectBy({ ...options, ...over(await through()) });
      } catch (error) {
        if (!isDistrust((error as NodeJS.ErrnoException).code ?? '')) throw error;
        last = moreTelling(last, error);
      }
    }
    throw last;
  }

  async function open(options: buildConnector.Options): Promise<Socket> {
    const through = async () => tunnel?.(options.hostname, Number(options.port || 443));
    if (options.protocol !== 'https:') {
      const httpSocket = await through();
      return httpSocket ?? connectorOf({ lookup: lookupIn(hosts) } as ConnectionOptions)(options);
    }
    try {
      const socket = await verified(options, through);
      if (socket instanceof TLSSocket) onPresented(socket.getPeerCertificate().fingerprint256);
      return socket;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== EXPIRED || trust.pinnedSha256.length === 0) throw error;
      const socket = await connectToExpired(tlsWith(pinned(trust)), options, trust.pinnedSha256, await through());
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

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Of what several ways said, that it has expired tells more than that it is not known. */
function moreTelling(last: unknown, error: unknown): unknown {
  return (last as NodeJS.ErrnoException | undefined)?.code === EXPIRED ? last : error;
}

function pinned({ ca, own, pinnedSha256 }: Trust): readonly string[] {
  const all = own === undefined ? ca : [own, ...ca];
  return all.filter((pem) => pinnedSha256.includes(new X509Certificate(pem).fingerprint256));
}

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
