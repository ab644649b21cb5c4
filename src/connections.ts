import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Server } from './config/config.js';
import { BootstrapError } from './errors.js';
import { createHttpClient, type HttpClient, type Trust } from './http/client.js';
import type { ProxySettings } from './http/proxy.js';
import type { Notice, Step } from './step/step.js';
import { readPeerCertificate } from './trust/certificate.js';

/** The HTTPS connections of a run, one client a server, because each is believed only with its own certificate. */
export interface Connections {
  to(server: Server): HttpClient;
  /** The step, with a notice when its server was believed only because its expired certificate is the one in its keystore. */
  withNotices(server: Server, step: Step): Step;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  /** PEM file with further certificate authorities. */
  readonly caFile: string | undefined;
  readonly proxy: ProxySettings;
}

export function createConnections({ caFile, proxy }: ConnectionOptions): Connections {
  const clients = new Map<Server, HttpClient>();
  const expired = new Map<Server, Notice>();
  return {
    to(server) {
      const known = clients.get(server);
      if (known) return known;
      const client = createHttpClient({
        trust: () => trustIn(server, caFile),
        onExpiredPinned: (host) => expired.set(server, expiredNotice(server, host)),
        proxy,
      });
      clients.set(server, client);
      return client;
    },
    withNotices(server, step) {
      return {
        ...step,
        notices: (state) => [
          ...(step.notices?.(state) ?? []),
          ...(expired.has(server) ? [expired.get(server) as Notice] : []),
        ],
      };
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  };
}

/** The server's own certificate, which is also pinned should it have expired, public authorities, and --ca-file. */
async function trustIn(server: Server, caFile: string | undefined): Promise<Trust> {
  const own = server.hasCertificate ? [await readPeerCertificate(server.certificate())] : [];
  return {
    ca: [...own.map((certificate) => certificate.toString()), ...rootCertificates, ...readCaFile(caFile)],
    pinnedSha256: own.map(({ fingerprint256 }) => fingerprint256),
  };
}

function readCaFile(caFile: string | undefined): readonly string[] {
  if (caFile === undefined) return [];
  const blocks = readText(caFile).match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks) return blocks;
  throw new BootstrapError(`--ca-file ${caFile} holds no PEM certificate`, {
    code: 'CERTIFICATE_UNREADABLE',
    hint: 'Give a file with one or more blocks from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
  });
}

function readText(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new BootstrapError(`cannot read --ca-file ${caFile}: ${(cause as NodeJS.ErrnoException).code}`, {
      code: 'FILE_UNREADABLE',
      hint: 'Check the path and its rights.',
      cause,
    });
  }
}

function expiredNotice(server: Server, host: string): Notice {
  return {
    code: 'CERT_EXPIRED_PINNED',
    message: `the certificate of ${server.title} at ${host} has expired; it was accepted because it is exactly the one in the server's keystore`,
    hint: 'Java accepts it too while it is in the truststore. Give the server a new certificate when you can.',
  };
}
