import type { X509Certificate } from 'node:crypto';
import { BootstrapError } from '../errors.js';
import type { PlannedChange } from '../step/step.js';
import type { StoreEdit } from './edit-store.js';
import { MESSAGES } from './errors.js';
import { describeEntry, type Store, type StoreEntry } from './keystore/keystore.js';
import { dayOf, describeCertificate, expiryOf } from './x509.js';

export interface TrustChange extends PlannedChange {
  readonly edits: readonly StoreEdit[];
}

/** A truststore, and the certificate that it should hold. */
export interface TrustPlanState {
  readonly truststore: Store;
  readonly truststorePath: string;
  readonly certificate: X509Certificate;
}

export interface TrustPlanOptions {
  /** Whose truststore it is, for people. */
  readonly owner: string;
  /** Ours in the owner's truststore. */
  readonly alias: string;
  readonly now: Date;
}

/**
 * Nothing when the certificate is there under any alias; else one import. What our alias held before moves to an alias of its own and
 * stays trusted until it expires, because the peer presents it until it is restarted; then it is removed. A private key under our alias
 * is in the way: nobody would expect to lose it.
 */
export function planTrust(state: TrustPlanState, options: TrustPlanOptions): readonly TrustChange[] {
  return [...planImport(state, options), ...planRemovals(state, options)];
}

function planImport(
  { truststore, truststorePath, certificate }: TrustPlanState,
  options: TrustPlanOptions,
): readonly TrustChange[] {
  const { owner, alias, now } = options;
  if (truststore.entries.some(({ sha256 }) => sha256 === certificate.fingerprint256)) return [];
  const described = describeCertificate(certificate);
  const where = `the ${owner} truststore`;
  const addition: StoreEdit = { does: 'import', alias, certificate };
  if (!truststore.contents.has(alias)) {
    return [{ action: 'add', summary: `import ${described} into ${where} as \`${alias}\``, edits: [addition] }];
  }
  const held = truststore.entries.find((entry) => entry.alias === alias);
  const summary = `replace ${held ? describeEntry(held) : 'what is'} under \`${alias}\` in ${where} by ${described}`;
  if (held?.kind !== 'trusted') {
    return [{ action: 'update', summary, edits: [], obstacle: aliasTaken(alias, truststorePath, held) }];
  }
  const expiry = endOf(held);
  if (expiry === undefined || expiry <= now) {
    return [{ action: 'update', summary, edits: [{ does: 'delete', alias }, addition] }];
  }
  const kept = supersededAlias(alias, held.sha256);
  const until = `; it stays trusted as \`${kept}\` until ${dayOf(expiry)}`;
  const makeRoom: StoreEdit = truststore.contents.has(kept)
    ? { does: 'delete', alias }
    : { does: 'rename', alias, to: kept };
  return [{ action: 'update', summary: summary + until, edits: [makeRoom, addition] }];
}

/** Superseded certificates whose time is over. One that the peer presents again is no longer superseded. */
function planRemovals(
  { truststore, certificate }: TrustPlanState,
  { owner, alias, now }: TrustPlanOptions,
): readonly TrustChange[] {
  return truststore.entries
    .filter((entry) => entry.kind === 'trusted' && entry.alias === supersededAlias(alias, entry.sha256))
    .filter((entry) => (endOf(entry) ?? now) <= now && entry.sha256 !== certificate.fingerprint256)
    .map((entry) => ({
      action: 'remove',
      summary: `remove the superseded ${describeEntry(entry)}, \`${entry.alias}\`, from the ${owner} truststore`,
      edits: [{ does: 'delete', alias: entry.alias }],
    }));
}

/** When its certificate expires; unknown when that cannot be read. */
function endOf({ chain: [certificate] }: StoreEntry): Date | undefined {
  return certificate && expiryOf(certificate);
}

/** `wso2is-9db36ba1`: the certificate's own, so that any number can overlap and each is known as ours. */
function supersededAlias(alias: string, sha256: string): string {
  return `${alias}-${sha256.replaceAll(':', '').slice(0, 8).toLowerCase()}`;
}

function aliasTaken(alias: string, path: string, held: StoreEntry | undefined): BootstrapError {
  const what = held ? `a private key (${describeEntry(held)})` : 'a key';
  return new BootstrapError(MESSAGES.STORE_ALIAS_TAKEN(alias, path, what));
}
