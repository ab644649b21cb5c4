import type { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { BootstrapError, UnreachableError } from '../errors.js';
import {
  type ClientIdentity,
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type Trust,
} from '../http/client.js';
import type { HostNames } from '../http/host-names.js';
import type { ProxySettings } from '../http/proxy.js';
import { certificatesIn } from '../http/verified-tls.js';
import { readWhole } from '../io/read-whole.js';
import type { Notice, Step } from '../step/step.js';
import { readPeerCertificate, withoutKey } from '../trust/certificate.js';
import { describeCertificate } from '../trust/x509.js';
import type { Server } from './config.js';
import { MESSAGES } from './errors.js';

/** The HTTPS connections of a run, one client a server, because each is believed only with its own certificate. */
export interface Connections {
  to(server: Server): HttpClient;
  /** A client of its own, which presents a certificate when the server asks for one. */
  presenting(server: Server, identity: () => Promise<ClientIdentity>): HttpClient;
  /**
   * The step, with a notice when its server was believed only because its expired certificate is the one in its keystore, and one when
   * it presents another certificate than that.
   */
  withNotices(server: Server, step: Step): Step;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** PEM file with further certificate authorities. */
  readonly caFile: string | undefined;
  readonly proxy: ProxySettings;
  /** Names that are resolved here instead of by the system. */
  readonly hosts?: HostNames;
  /** Told of each exchange with a server. */
  readonly onExchange?: HttpClientOptions['onExchange'];
}

export function createConnections(options: ConnectionOptions): Connections {
  const connections = new Map<Server, Connection>();
  const connectionTo = (server: Server) => {
    const connection = connections.get(server) ?? connect(server, options);
    connections.set(server, connection);
    return connection;
  };
  const presenting: HttpClient[] = [];
  return {
    to: (server) => connectionTo(server).client,
    presenting(server, identity) {
      const { client } = connect(server, options, identity);
      presenting.push(client);
      return client;
    },
    withNotices: (server, step) => ({
      ...step,
      notices: (state) => [...(step.notices?.(state) ?? []), ...connectionTo(server).notices()],
    }),
    async close() {
      const clients = [...connections.values()].map(({ client }) => client);
      await Promise.all([...clients, ...presenting].map((client) => client.close()));
    },
  };
}

interface Connection {
  readonly client: HttpClient;
  notices(): readonly Notice[];
}

function connect(
  server: Server,
  { caFile, proxy, hosts = {}, onExchange }: ConnectionOptions,
  identity?: () => Promise<ClientIdentity>,
): Connection {
  let own: X509Certificate | undefined;
  let expiredAt: string | undefined;
  let presented: string | undefined;
  const client = createHttpClient({
    async trust() {
      own = server.hasCertificate ? await readPeerCertificate(withoutKey(server.certificate())) : undefined;
      return trustIn(own, caFile);
    },
    onExpiredPinned: (host) => {
      expiredAt = host;
    },
    onPresented: (sha256) => {
      presented = sha256;
    },
    proxy,
    hosts,
    ...(onExchange && { onExchange }),
    ...(identity && { identity }),
  });
  return {
    client: {
      ...client,
      send: (request) => client.send(request).catch((error) => Promise.reject(explained(error, server, own))),
    },
    notices: () => [
      ...(expiredAt === undefined ? [] : [expiredNotice(server, expiredAt)]),
      ...(own && presented !== undefined && presented !== own.fingerprint256
        ? [differsNotice(server, own, presented)]
        : []),
    ],
  };
}

/** Public authorities, --ca-file, and the server's own certificate, which is believed for itself, also once it has expired. */
function trustIn(own: X509Certificate | undefined, caFile: string | undefined): Trust {
  return {
    ca: [...rootCertificates, ...readCaFile(caFile)],
    ...(own && { own: own.toString() }),
    pinnedSha256: own ? [own.fingerprint256] : [],
  };
}

/** Its own certificate is trusted, so one that is not trusted is another. */
function explained(error: unknown, server: Server, own: X509Certificate | undefined): unknown {
  if (!own || !(error instanceof UnreachableError)) return error;
  if (error.code !== 'TLS_UNTRUSTED' && error.code !== 'TLS_EXPIRED') return error;
  const told = MESSAGES[error.code](error.message, describeCertificate(own), server.title);
  return new UnreachableError(told, { cause: error.cause });
}

function readCaFile(caFile: string | undefined): readonly string[] {
  if (caFile === undefined) return [];
  const certificates = certificatesIn(readText(caFile));
  if (certificates) return certificates;
  throw new BootstrapError(MESSAGES.CERTIFICATE_UNREADABLE(caFile));
}

function readText(caFile: string): string {
  try {
    return readWhole(caFile).toString('utf8');
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE(caFile, (cause as Error).message), { cause });
  }
}

function expiredNotice(server: Server, host: string): Notice {
  return MESSAGES.CERT_EXPIRED_PINNED(server.title, host);
}

function differsNotice(server: Server, own: X509Certificate, presented: string): Notice {
  return MESSAGES.CERT_PRESENTED_DIFFERS(server.title, presented, describeCertificate(own));
}
