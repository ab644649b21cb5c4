import type { X509Certificate } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import type { PlannedChange } from '../step/step.js';
import { MESSAGES } from './errors.js';
import { OTHERS } from './exposed-key.js';
import type { PemFiles } from './pem-identity.js';
import { coversHost, dayOf, describeCertificate, expiryOf, isSelfIssued, isSignedBy, keyStrengthOf } from './x509.js';

export const TLS_KEYS = ['rsa2048', 'rsa3072', 'ec256', 'ec384'] as const;
export type TlsKey = (typeof TLS_KEYS)[number];

/** A certificate that this tool makes. */
export interface GeneratedIdentity {
  readonly from: 'us';
  /** Host names and addresses; the first is also the common name. */
  readonly names: readonly [string, ...string[]];
  readonly key: TlsKey;
  readonly days: number;
  /** A certificate that ends within this time is made anew. */
  readonly renewBeforeMs: number;
  /** Who signs it; itself when absent. */
  readonly authority?: PemFiles;
}

/** Key and certificate that somebody brings as PEM files. */
export interface BroughtIdentity {
  readonly from: 'files';
  readonly files: PemFiles;
  /** Names that it has to cover: those that the server is given by us and reached by. */
  readonly mustCover: readonly string[];
}

export type WantedIdentity = GeneratedIdentity | BroughtIdentity;

/** What the TLS keystore holds: a chain, nothing yet, or something that cannot be used, and why. */
export type HeldIdentity =
  | { readonly chain: readonly X509Certificate[]; readonly mode: number }
  | 'nothing'
  | { readonly unusable: string };

/** What the files outside the keystore hold at this moment. */
export interface GivenCertificates {
  /** The brought certificate and its chain. */
  readonly brought?: readonly X509Certificate[];
  readonly authority?: X509Certificate;
}

export interface TlsChange extends PlannedChange {
  readonly does: 'replace' | 'close';
}

export interface TlsPlanContext {
  /** Whose certificate it is, for people. */
  readonly server: string;
  readonly path: string;
  readonly now: Date;
}

const DAY_MS = 86_400_000;
const KEY_NAME = { rsa2048: 'RSA 2048', rsa3072: 'RSA 3072', ec256: 'EC prime256v1', ec384: 'EC secp384r1' } as const;

/** One change that makes the keystore anew when it does not hold what is wanted. Pure. */
export function planIdentity(
  wanted: WantedIdentity,
  held: HeldIdentity,
  given: GivenCertificates,
  { server, path, now }: TlsPlanContext,
): readonly TlsChange[] {
  const obstacle = given.authority && expiryOf(given.authority) <= now ? authorityExpired(given.authority) : undefined;
  const inTheWay = obstacle && { obstacle };
  const what = wanted.from === 'us' ? describeWanted(wanted) : `the certificate of ${wanted.files.certificate}`;
  if (held === 'nothing')
    return [
      {
        does: 'replace',
        ...inTheWay,
        action: 'add',
        summary: `put ${what} into the new TLS keystore ${path} of ${server}`,
      },
    ];
  const reason = 'unusable' in held ? held.unusable : reasonToReplace(wanted, held.chain, given, now);
  if (reason !== undefined) {
    return [
      {
        does: 'replace',
        ...inTheWay,
        action: 'update',
        summary: `put ${what} into the TLS keystore ${path} of ${server}: ${reason}`,
      },
    ];
  }
  if ('mode' in held && (held.mode & OTHERS) !== 0) {
    return [
      {
        does: 'close',
        action: 'update',
        summary: `close the TLS keystore ${path} of ${server} to others: it holds a private key`,
      },
    ];
  }
  return [];
}

/**
 * @throws BootstrapError `CERTIFICATE_HOST_MISMATCH`: nobody could believe the server that presents it, not even the server itself, which
 *   then never gets ready
 */
export function refuseUncovered({ files, mustCover }: BroughtIdentity, chain: readonly X509Certificate[]): void {
  const [leaf] = chain;
  const missing = leaf ? mustCover.filter((name) => !coversHost(leaf, name)) : [];
  if (!leaf || missing.length === 0) return;
  const names = missing.join(', ');
  throw new BootstrapError(MESSAGES.CERTIFICATE_HOST_MISMATCH(files.certificate, describeCertificate(leaf), names));
}

function authorityExpired(authority: X509Certificate): BootstrapError {
  return new BootstrapError(MESSAGES.AUTHORITY_EXPIRED(describeCertificate(authority)));
}

function describeWanted({ names, key, days, authority }: GeneratedIdentity): string {
  const signer = authority ? authority.certificate : 'itself';
  return `a certificate for ${names.join(', ')} (${KEY_NAME[key]}, ${days} days, signed by ${signer})`;
}

function reasonToReplace(
  wanted: WantedIdentity,
  chain: readonly X509Certificate[],
  given: GivenCertificates,
  now: Date,
): string | undefined {
  const [held] = chain;
  if (!held) return 'it holds none';
  if (wanted.from === 'us') return reasonToRenew(wanted, held, given.authority, now);
  const brought = given.brought ?? [];
  const isSame =
    brought.map(({ fingerprint256 }) => fingerprint256).join() ===
    chain.map(({ fingerprint256 }) => fingerprint256).join();
  return isSame ? undefined : `it holds ${describeCertificate(held)}`;
}

function reasonToRenew(
  { names, key, days, renewBeforeMs }: GeneratedIdentity,
  held: X509Certificate,
  authority: X509Certificate | undefined,
  now: Date,
): string | undefined {
  const expiry = expiryOf(held);
  const possibleMs = Math.min(
    now.getTime() + days * DAY_MS,
    authority ? expiryOf(authority).getTime() : Number.POSITIVE_INFINITY,
  );
  const missing = names.filter((name) => !coversHost(held, name));
  if (expiry <= now) return `the one there has expired on ${dayOf(expiry)}`;
  const isInWindow = expiry.getTime() - now.getTime() <= renewBeforeMs;
  // A new one must live on for longer, or it would be made again and again: days may be few, or the authority near its own end.
  if (isInWindow && possibleMs - expiry.getTime() > DAY_MS) return `the one there expires on ${dayOf(expiry)}`;
  if (missing.length > 0) return `the one there does not cover ${missing.join(', ')}`;
  if (keyStrengthOf(held) !== KEY_NAME[key]) return `the one there has the key ${keyStrengthOf(held)}`;
  if (authority ? !isSignedBy(held, authority) : !isSelfIssued(held)) return 'the one there was signed by another';
  return undefined;
}
