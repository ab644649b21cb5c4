import { resolve } from 'node:path';
import { type PeerCertificate, rootCertificates, type TLSSocket } from 'node:tls';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';

/**
 * How a database is to be talked to. TLS that is asked for is verified, whatever a JDBC driver would let pass:
 * `off` no TLS; `preferred` verified TLS if that succeeds, else none; `chain` verified but for the host name; `full` verified.
 */
export type TlsMode = 'off' | 'preferred' | 'chain' | 'full';

export interface TlsWish {
  readonly mode: TlsMode;
  /** The words that ask for it: `sslmode=require`. */
  readonly saidBy: string;
  /** PEM files of trusted authorities, besides the public ones. */
  readonly caFiles: readonly string[];
}

/** What Node's TLS needs to verify; without files of ours Node's own defaults stay, NODE_EXTRA_CA_CERTS among them. */
export function trustOf({ caFiles }: TlsWish): { readonly ca?: string[] } {
  if (caFiles.length === 0) return {};
  return { ca: [...rootCertificates, ...caFiles.map(readPem)] };
}

/** The files that exist only by name so far: `--ca-file` and the one of the URL, which starts from the home as it does for the server. */
export function caFilesOf(caFile: string | undefined, inUrl: string | undefined, home: string | undefined): string[] {
  const ofUrl = inUrl ? [resolve(home ?? '.', inUrl.replace(/^file:(\/\/)?/, ''))] : [];
  return [...(caFile ? [caFile] : []), ...ofUrl];
}

/**
 * Notes the certificates that a server shows before they are judged, for the message when they are found wanting: Node's error has no
 * chain. `secure` is the event that Node itself judges on; should it ever go, only the message loses its chain.
 */
export function noteChain(socket: TLSSocket, chain: string[]): void {
  socket.prependListener('secure', () => chain.push(...subjectsOf(socket.getPeerCertificate(true))));
}

/** Leaf first, and last the issuer whose certificate was not sent. */
function subjectsOf(leaf: PeerCertificate): readonly string[] {
  const subjects: string[] = [];
  const seen = new Set<string>();
  let certificate: PeerCertificate | undefined = leaf;
  while (certificate?.subject && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256);
    subjects.push(nameOf(certificate.subject));
    const issuer: PeerCertificate | undefined = (certificate as { issuerCertificate?: PeerCertificate })
      .issuerCertificate;
    if (!issuer?.subject && nameOf(certificate.issuer) !== nameOf(certificate.subject))
      subjects.push(nameOf(certificate.issuer));
    certificate = issuer;
  }
  return subjects;
}

function nameOf(name: PeerCertificate['subject'] | undefined): string {
  const fields = Object.entries(name ?? {}).filter(([, value]) => value !== undefined);
  return fields.map(([key, value]) => `${key}=${String(value)}`).join(',') || 'no subject';
}

function readPem(path: string): string {
  try {
    const text = readWhole(path).toString('utf8');
    if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  } catch (cause) {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code ?? 'unreadable', cause);
  }
  throw unreadable(path, 'it holds no PEM certificate', undefined);
}

function unreadable(path: string, why: string, cause: unknown): BootstrapError {
  return new BootstrapError(`cannot read the certificate authorities of the database in ${path}: ${why}`, {
    code: 'CERTIFICATE_UNREADABLE',
    hint: 'Give a PEM file with --ca-file, or correct the one that the URL of the database names.',
    cause,
  });
}
