import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { BootstrapError } from '../errors.js';
import { makeFolder } from '../io/make-folder.js';
import type { NewFile } from '../io/ownership.js';
import { removeLeftovers, setMode, writeFileWhole } from '../io/write-file.js';
import type { Step } from '../step/step.js';
import { type KeystoreCertificate, readPeerIdentity } from './certificate.js';
import { OTHERS, refuseOpenMode } from './exposed-key.js';
import { readPemCertificates } from './pem.js';
import { readPemIdentity } from './pem-identity.js';
import {
  type GivenCertificates,
  type HeldIdentity,
  planIdentity,
  refuseUncovered,
  type TlsChange,
  type WantedIdentity,
} from './tls-plan.js';
import { detailCertificate } from './x509.js';

export interface TlsOptions {
  readonly id: `tls/${string}`;
  readonly needs?: readonly string[];
  /** Whose certificate it is, for people: `WSO2 API Manager`. */
  readonly server: string;
  readonly readBy: 'apim' | 'is7';
  /** Our own file: whatever it holds may be replaced. The primary keystore, which signs tokens and encrypts data, is another. */
  readonly keystore: () => KeystoreCertificate & { readonly alias: string };
  readonly wanted: () => WantedIdentity;
  /** Of the file when it is new; its mode leaves nothing to others. */
  readonly files?: NewFile;
  readonly now?: () => Date;
}

export interface TlsState {
  readonly held: HeldIdentity;
  readonly given: GivenCertificates;
}

/**
 * Keeps true: the TLS keystore holds a key and a certificate that covers the server's names and lives on for a while, or the ones that
 * were brought.
 *
 * @throws BootstrapError `KEY_EXPOSED` when the mode would let everybody read the key
 */
export function tlsStep(options: TlsOptions): Step<TlsState, TlsChange> {
  const { id, needs = [], server, readBy, files = {}, now = () => new Date() } = options;
  if (files.mode !== undefined) refuseOpenMode(files.mode);
  return {
    id,
    needs,
    readBy,
    files: () => [options.keystore().store.path, ...filesOf(options.wanted())],
    async inspect(signal) {
      signal.throwIfAborted();
      return { held: await readHeld(options.keystore()), given: await readGiven(options.wanted()) };
    },
    plan: ({ held, given }) =>
      planIdentity(options.wanted(), held, given, { server, path: options.keystore().store.path, now: now() }),
    details: ({ held }) => (held !== 'nothing' && 'chain' in held ? held.chain.slice(0, 1).map(detailCertificate) : []),
    async apply({ does, obstacle }, signal, { keep } = {}) {
      if (obstacle) throw obstacle;
      const { store, alias } = options.keystore();
      if (does === 'replace') {
        const { like, within } = files;
        await makeFolder(dirname(store.path), { like, within });
        await removeLeftovers(store.path, within);
        // node-forge takes long to load, and hardly any run makes a certificate.
        const { makeTlsStore } = await import('./make-certificate.js');
        const bytes = await makeTlsStore(options.wanted(), { store, alias, now: now() });
        signal.throwIfAborted();
        await writeFileWhole(store.path, bytes, { ...files, keep });
      }
      await closeToOthers(store.path, files.within);
    },
  };
}

function filesOf(wanted: WantedIdentity): readonly string[] {
  const pems = wanted.from === 'files' ? wanted.files : wanted.authority;
  return [pems?.certificate, pems?.key, pems?.chain].filter((path) => path !== undefined);
}

/** A file of ours that does not open is as good as none: it is made anew. */
const REPLACEABLE = [
  'STORE_EMPTY',
  'STORE_TRUNCATED',
  'STORE_UNREADABLE',
  'STORE_PASSWORD_WRONG',
  'STORE_ALIAS_MISSING',
  'KEY_MISSING',
  'KEY_PASSWORD_WRONG',
  'KEY_MISMATCH',
];

async function readHeld(keystore: KeystoreCertificate): Promise<HeldIdentity> {
  try {
    const { chain } = await readPeerIdentity(keystore);
    return { chain, mode: (await stat(keystore.store.path)).mode };
  } catch (error) {
    const { code, message } = error as BootstrapError;
    if (code === 'STORE_MISSING') return 'nothing';
    if (REPLACEABLE.includes(code)) return { unusable: message };
    throw error;
  }
}

async function readGiven(wanted: WantedIdentity): Promise<GivenCertificates> {
  if (wanted.from === 'files') {
    const { chain } = await readPemIdentity(wanted.files);
    refuseUncovered(wanted, chain);
    return { brought: chain };
  }
  if (!wanted.authority) return {};
  const [authority] = await readPemCertificates(wanted.authority.certificate, wanted.authority.settings);
  return { authority };
}

/** A file that was replaced keeps its mode, which may be too open for what it holds now. */
async function closeToOthers(path: string, within: readonly string[] | undefined): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & OTHERS) !== 0) await setMode(path, mode & 0o770, within);
}
