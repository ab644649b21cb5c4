import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContextOptions,
  TLSSocket,
} from 'node:tls';
import { buildConnector } from 'undici';
import { type HostNames, lookupIn } from './host-names.js';

/** What a connection believes: nothing but these certificates. */
export interface Trust {
  /** PEM certificates; no other root counts. */
  readonly ca: readonly string[];
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

/**
 * Connects with full TLS verification. The one exception of this program: a certificate that is *expired*, and nothing else, is
 * accepted when its SHA-256 is pinned and its SAN covers the host. The certificates that WSO2 ships with IS 7.0–7.2 and API Manager 4.3
 * have expired, and Java accepts an expired certificate that is itself in the truststore. Nothing is sent before these checks pass.
 */
export function pinningConnector(
  trust: Trust,
  { onExpiredPinned, onPresented = () => {} }: ConnectionEvents,
  { hosts = {}, identity }: { readonly hosts?: HostNames; readonly identity?: ClientIdentity | undefined } = {},
): buildConnector.connector {
  // allowPartialTrustChain: as in Java, a certificate in the truststore is an anchor of its own, whoever issued it. One context for all
  // connections, because each would read the hundred and more certificates again.
  const secureContext = createSecureContext({
    ca: [...trust.ca],
    ...identity,
    allowPartialTrustChain: true,
  } as SecureContextOptions);
  const tlsOptions = { secureContext, lookup: lookupIn(hosts) } as ConnectionOptions;
  const verified = buildConnector({ ...tlsOptions, timeout: 10_000 } as buildConnector.BuildOptions);
  return (options, callback) => {
    verified(options, (...result) => {
      const [error] = result;
      if ((error as NodeJS.ErrnoException | null)?.code !== EXPIRED || trust.pinnedSha256.length === 0) {
        if (result[1] instanceof TLSSocket) onPresented(result[1].getPeerCertificate().fingerprint256);
        callback(...result);
        return;
      }
      connectToExpired(tlsOptions, options, trust.pinnedSha256).then(
        (socket) => {
          onExpiredPinned(options.hostname);
          callback(null, socket);
        },
        (refused: Error) => callback(refused, null),
      );
    });
  };
}

function connectToExpired(
  tlsOptions: ConnectionOptions,
  { hostname, port, servername }: buildConnector.Options,
  pinnedSha256: readonly string[],
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = servername || hostname;
    const socket = connect({
      ...tlsOptions,
      host: hostname,
      port: Number(port || 443),
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
