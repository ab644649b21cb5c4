import type { X509Certificate } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import type { Notice, PlannedChange } from '../step/step.js';
import type { Store, StoreEntry } from './keystore.js';
import { dayOf, describeCertificate, expiryOf } from './x509.js';

/** What a truststore holds, and the certificate that it should hold. */
export interface TrustState {
  readonly truststore: Store;
  readonly truststorePath: string;
  readonly certificate: X509Certificate;
}

export interface TrustChange extends PlannedChange {
  readonly certificate: X509Certificate;
}

/** The two servers by the names that people know them by, and the alias that is ours in the owner's truststore. */
export interface TrustNames {
  readonly owner: string;
  readonly peer: string;
  readonly alias: string;
}

/**
 * Nothing when the certificate is there under any alias; else one import. What our alias held before is replaced, except a private key,
 * which nobody would expect to lose.
 */
export function planTrust(
  { truststore, truststorePath, certificate }: TrustState,
  { owner, alias }: TrustNames,
): readonly TrustChange[] {
  if (truststore.entries.some(({ sha256 }) => sha256 === certificate.fingerprint256)) return [];
  const described = describeCertificate(certificate);
  const where = `the ${owner} truststore`;
  if (!truststore.contents.has(alias)) {
    return [{ action: 'add', summary: `import ${described} into ${where} as \`${alias}\``, certificate }];
  }
  const held = truststore.entries.find((entry) => entry.alias === alias);
  const summary = `replace ${held ? describeCertificate(held.certificate) : 'what is'} under \`${alias}\` in ${where} by ${described}`;
  if (held?.kind === 'trusted') return [{ action: 'update', summary, certificate }];
  return [{ action: 'update', summary, certificate, obstacle: aliasTaken(alias, truststorePath, held) }];
}

function aliasTaken(alias: string, path: string, held: StoreEntry | undefined): BootstrapError {
  const what = held ? `a private key (${describeCertificate(held.certificate)})` : 'a key';
  return new BootstrapError(`the alias \`${alias}\` in ${path} already holds ${what}, which is not ours to replace`, {
    code: 'STORE_ALIAS_TAKEN',
    hint: `Move it to another alias: keytool -changealias -alias ${alias} -destalias NAME -keystore '${path}'`,
  });
}

/** What is worth saying of the peer's certificate at this moment. */
export function noticeExpiry(
  { certificate }: TrustState,
  { peer }: TrustNames,
  { now, warnBeforeMs }: { readonly now: Date; readonly warnBeforeMs: number },
): readonly Notice[] {
  const expiry = expiryOf(certificate);
  const subject = `the certificate of ${peer}, ${describeCertificate(certificate)},`;
  if (expiry <= now) {
    return [
      {
        code: 'CERT_EXPIRED',
        message: `${subject} has expired on ${dayOf(expiry)}`,
        hint: 'The servers work on: Java accepts an expired certificate that is itself imported. Browsers, curl and Node refuse it, so replace it when you can.',
      },
    ];
  }
  if (expiry.getTime() - now.getTime() > warnBeforeMs) return [];
  return [
    {
      code: 'CERT_EXPIRES_SOON',
      message: `${subject} expires on ${dayOf(expiry)}`,
      hint: 'Replace it before that day, then apply again: the new certificate is imported in its place.',
    },
  ];
}
