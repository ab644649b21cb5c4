import type { KeytoolOptions } from '../jvm/keytool.js';
import type { Step } from '../step/step.js';
import { type PeerCertificate, readPeerCertificate } from './certificate.js';
import { readStore, type StoreFile } from './keystore.js';
import { noticeExpiry, planTrust, type TrustChange, type TrustState } from './plan.js';
import { replaceCertificate } from './replace-certificate.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export interface TrustOptions {
  readonly id: `trust/${string}`;
  /** Whose truststore it is, for people: `WSO2 API Manager`. */
  readonly owner: string;
  /** Whose certificate it is, for people: `WSO2 Identity Server 7`. */
  readonly peer: string;
  readonly readBy: 'apim' | 'is7';
  readonly truststore: () => StoreFile;
  readonly certificate: () => PeerCertificate;
  /** Ours alone: what it holds is replaced when the peer's certificate changes. The servers' own `wso2carbon` is not ours. */
  readonly alias: 'wso2is' | 'wso2apim';
  readonly keytool: KeytoolOptions;
  readonly now?: () => Date;
  /** How long before its end a certificate is worth a notice; default 30 days. */
  readonly warnBeforeMs?: number;
}

/** Keeps true: the owner's truststore holds the certificate that the peer presents, compared by SHA-256. */
export function trustStep(options: TrustOptions): Step<TrustState, TrustChange> {
  const { id, readBy, alias, keytool, now = () => new Date(), warnBeforeMs = 30 * DAY_MS } = options;
  return {
    id,
    readBy,
    async inspect(signal) {
      signal.throwIfAborted();
      const store = options.truststore();
      const certificate = await readPeerCertificate(options.certificate());
      return { truststore: await readStore(store), truststorePath: store.path, certificate };
    },
    plan: (state) => planTrust(state, options),
    notices: (state) => noticeExpiry(state, options, { now: now(), warnBeforeMs }),
    async apply({ certificate, obstacle }, signal) {
      if (obstacle) throw obstacle;
      await replaceCertificate(options.truststore(), { alias, certificate }, keytool, signal);
    },
  };
}
