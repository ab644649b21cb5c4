import { X509Certificate } from 'node:crypto';
import { join, resolve } from 'node:path';
import { type PeerCertificate, rootCertificates, type TLSSocket } from 'node:tls';
import { BootstrapError } from '../errors.js';
import { certificatesIn, identityOf, sortedByRole } from '../http/verified-tls.js';
import { readWhole } from '../io/read-whole.js';
import { MESSAGES } from './errors.js';
import { refusedUrl } from './server-url.js';

/**
 * How a database is to be talked to. TLS is verified, chain, host name and dates, whatever a JDBC driver would let pass: `off` no TLS;
 * `preferred` verified TLS, and none where the server offers none; `full` verified TLS.
 */
export type TlsMode = 'off' | 'preferred' | 'full';

export interface TlsWish {
  readonly mode: TlsMode;
  /** The words that ask for it: `sslmode=require`. */
  readonly saidBy: string;
  /** PEM files of trusted authorities, or of the server's own certificate, besides the public authorities. */
  readonly caFiles: readonly string[];
}

/** One way to believe a server, as Node's TLS takes it. */
export interface TlsTrust {
  readonly ca: string[];
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/** The ways to try, one after the other: certificates that are no authorities believe for themselves only. */
export function trustsOf({ caFiles }: TlsWish): readonly TlsTrust[] {
  const { authorities, pins } = sortedByRole(caFiles.flatMap(readPem));
  const byPin = { ca: [...pins], allowPartialTrustChain: true, checkServerIdentity: identityOf(pins) };
  return [{ ca: [...rootCertificates, ...authorities] }, ...(pins.length > 0 ? [byPin] : [])];
}

/**
 * What a Java driver is to believe, PEM. Java takes a certificate that has no extensions for an authority, so that one is left out; every
 * other one that is no authority is believed for itself there, too.
 */
export function javaTrustOf(caFile: string | undefined): readonly string[] {
  const { authorities, pins } = sortedByRole(caFile === undefined ? [] : readPem(caFile));
  return [...rootCertificates, ...authorities, ...pins.filter((pem) => new X509Certificate(pem).subjectAltName)];
}

/**
 * The files that exist only by name so far: `--ca-file` and the one of the URL, which starts from the home as it does for the server.
 *
 * @throws BootstrapError `DATABASE_URL_REFUSED` the URL's leads out of the home
 */
export function caFilesOf(caFile: string | undefined, inUrl: string | undefined, home: string | undefined): string[] {
  const given = caFile ? [caFile] : [];
  if (!inUrl) return given;
  const [folder, path] = [resolve(home ?? '.'), resolve(home ?? '.', inUrl.replace(/^file:(\/\/)?/, ''))];
  if (home !== undefined && path.startsWith(join(folder, '/'))) return [...given, path];
  throw refusedUrl(
    'it names a file of authorities that is not in the home of Identity Server 7; --ca-file takes one of any place',
  );
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
    subjects.push(distinguishedName(certificate.subject));
    const issuer: PeerCertificate | undefined = (certificate as { issuerCertificate?: PeerCertificate })
      .issuerCertificate;
    if (!issuer?.subject && distinguishedName(certificate.issuer) !== distinguishedName(certificate.subject))
      subjects.push(distinguishedName(certificate.issuer));
    certificate = issuer;
  }
  return subjects;
}

function distinguishedName(name: PeerCertificate['subject'] | undefined): string {
  const fields = Object.entries(name ?? {}).filter(([, value]) => value !== undefined);
  return fields.map(([key, value]) => `${key}=${String(value)}`).join(',') || 'no subject';
}

function readPem(path: string): readonly string[] {
  let text: string;
  try {
    text = readWhole(path).toString('utf8');
  } catch (cause) {
    throw unreadable(path, (cause as NodeJS.ErrnoException).code ?? 'unreadable', cause);
  }
  const certificates = certificatesIn(text);
  if (certificates) return certificates;
  throw unreadable(path, 'it holds no PEM certificate', undefined);
}

function unreadable(path: string, why: string, cause: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.CERTIFICATE_UNREADABLE(path, why), { cause });
}
