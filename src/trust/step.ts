import type { NewFile } from '../io/ownership.js';
import type { KeytoolOptions } from '../jvm/keytool.js';
import type { Gauge, Notice, Step } from '../step/step.js';
import { type PeerCertificate, type PeerIdentity, readPeerIdentity } from './certificate.js';
import { type CertificateRole, findCertificateFaults } from './certificate-findings.js';
import { diffTrust } from './diff.js';
import { editStore } from './edit-store.js';
import { readStore, type Store, type StoreFile } from './keystore/keystore.js';
import { planTrust, type TrustChange } from './plan.js';
import { findStoreFaults, findTruststoreFaults } from './store-findings.js';
import { detailCertificate, expiryOf } from './x509.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * One edge of trust: the owner's truststore holds the certificate that the peer presents. A server is also its own peer, because its
 * parts talk to each other over HTTPS.
 */
/** What our entries are called: the peer is said, and which of its nodes. */
export type Alias = 'wso2is' | 'wso2apim' | 'wso2apim-client' | `wso2is-${string}` | `wso2apim-${string}`;

export interface TrustOptions {
  readonly id: `trust/${string}`;
  readonly needs?: readonly string[];
  /** Whose truststore it is, for people: `WSO2 API Manager`. */
  readonly owner: string;
  /** Whose certificate it is, for people: `WSO2 Identity Server 7`. */
  readonly peer: string;
  /** Who has to be restarted to see a change; absent: nobody. */
  readonly readBy?: 'apim' | 'is7';
  readonly truststore: () => StoreFile;
  readonly certificate: () => PeerCertificate;
  /** Ours alone: what it holds is replaced when the peer's certificate changes. The servers' own `wso2carbon` is not ours. */
  readonly alias: Alias;
  /** What the peer presents the certificate as; default `server`. */
  readonly roles?: readonly CertificateRole[];
  /** The names by which the owner reaches the peer; given on the one edge of each certificate that reports its faults. */
  readonly hosts?: () => readonly string[];
  readonly keytool: KeytoolOptions;
  /** Of a truststore that is new, in an overlay. */
  readonly files?: () => NewFile;
  readonly now?: () => Date;
  /** How long before its end a certificate is worth a notice; default 30 days. */
  readonly warnBeforeMs?: number;
}

export interface TrustState {
  readonly truststore: Store;
  readonly truststoreFile: StoreFile;
  readonly identity: PeerIdentity;
  /** When the certificate is in a keystore here, its file. */
  readonly keystoreFile: StoreFile | undefined;
}

/** Keeps true: the owner's truststore holds the certificate that the peer presents, compared by SHA-256. */
export function trustStep(options: TrustOptions): Step<TrustState, TrustChange> {
  const { id, needs = [], owner, alias, keytool, now = () => new Date() } = options;
  const plan = ({ truststore, truststoreFile, identity: { certificate } }: TrustState) =>
    planTrust({ truststore, truststorePath: truststoreFile.path, certificate }, { owner, alias, now: now() });
  return {
    id,
    needs,
    ...(options.readBy && { readBy: options.readBy }),
    async inspect(signal) {
      signal.throwIfAborted();
      const truststoreFile = options.truststore();
      const certificate = options.certificate();
      const identity = await readPeerIdentity(certificate);
      const keystoreFile = 'store' in certificate ? certificate.store : undefined;
      return { truststore: await readStore(truststoreFile), truststoreFile, identity, keystoreFile };
    },
    plan,
    diff: (state) => diffTrust(plan(state)),
    notices: (state) => findFaults(state, options, now()),
    gauges: ({ identity }) => (options.hosts ? [expiryGauge(identity, alias, now())] : []),
    files: () => [...storeFiles(options.truststore()), ...certificateFiles(options.certificate())],
    details: ({ identity: { certificate } }) => [detailCertificate(certificate)],
    async apply({ edits, obstacle }, signal, { keep } = {}) {
      if (obstacle) throw obstacle;
      await editStore(
        options.truststore(),
        edits,
        { keytool, keep, ...(options.files && { files: options.files() }) },
        signal,
      );
    },
  };
}

/** Each file and each certificate is on several edges: a truststore is reported on that to the peer, a keystore on that to its server itself. */
function findFaults(state: TrustState, options: TrustOptions, now: Date): readonly Notice[] {
  const { truststore, truststoreFile, identity, keystoreFile } = state;
  const { owner, peer, alias, hosts, roles = ['server'], warnBeforeMs = 30 * DAY_MS } = options;
  const ofCertificate = hosts
    ? findCertificateFaults(identity, { owner, peer, hosts: hosts(), roles, now, warnBeforeMs })
    : [];
  // The edge of a certificate that is for clients alone is a second one to the same truststore.
  if (!roles.includes('server')) return ofCertificate;
  if (owner !== peer) {
    return [
      ...ofCertificate,
      ...findStoreFaults(truststore, truststoreFile),
      ...findTruststoreFaults(truststore, truststoreFile, identity, { alias, now }),
    ];
  }
  return [
    ...ofCertificate,
    ...(identity.keystore && keystoreFile ? findStoreFaults(identity.keystore, keystoreFile) : []),
  ];
}

function expiryGauge(identity: PeerIdentity, peer: TrustOptions['alias'], now: Date): Gauge {
  return {
    name: 'certificate_expiry_days',
    help: 'Days until the TLS certificate of a server expires, by the alias in its keystore',
    labels: { server: serverOf(peer), alias: identity.alias ?? 'pem' },
    value: (expiryOf(identity.certificate).getTime() - now.getTime()) / DAY_MS,
  };
}

/** `is7`, or `is7/is-2` of a further node; what API Manager presents as a client is its own. */
function serverOf(peer: Alias): string {
  const [, server, node] = /^wso2(is|apim)(?:-(?!client$)(.+))?/.exec(peer) ?? [];
  return [server === 'is' ? 'is7' : 'apim', node].filter(Boolean).join('/');
}

function certificateFiles(certificate: PeerCertificate): readonly string[] {
  return 'pemFile' in certificate ? [certificate.pemFile] : storeFiles(certificate.store);
}

function storeFiles({ path, overlayPath }: StoreFile): readonly string[] {
  return overlayPath === undefined ? [path] : [path, overlayPath];
}
