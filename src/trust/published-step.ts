import { dirname } from 'node:path';
import { BootstrapError } from '../errors.js';
import { makeFolder } from '../io/make-folder.js';
import type { NewFile } from '../io/ownership.js';
import { readWhole } from '../io/read-whole.js';
import { removeLeftovers, writeFileWhole } from '../io/write-file.js';
import type { PlannedChange, Step } from '../step/step.js';
import { type KeystoreCertificate, readPeerIdentity } from './certificate.js';
import { MESSAGES } from './errors.js';

export interface PublishedOptions {
  readonly id: `tls/${string}`;
  readonly needs?: readonly string[];
  /** Whose certificate it is, for people: `WSO2 API Manager`. */
  readonly server: string;
  readonly keystore: () => KeystoreCertificate;
  /** The PEM file: what the server presents, its own certificate first. */
  readonly file: () => string;
  /** Of the file when it is new; its mode is for everybody to read. */
  readonly files?: NewFile;
}

export interface PublishedState {
  readonly wanted: string;
  /** What is in the file; undefined when it is not there. */
  readonly held: string | undefined;
}

/** Whoever has to believe the server may read it; it holds nothing secret. */
export const PUBLIC_MODE = 0o644;

/**
 * Keeps true: the certificate that a server presents also lies in a PEM file, for those who have to believe it and cannot open a
 * keystore: health checks (`curl --cacert`), the other server in another pod.
 */
export function publishedStep(options: PublishedOptions): Step<PublishedState, PlannedChange> {
  const { id, needs = [], server, files = {} } = options;
  return {
    id,
    needs,
    async inspect(signal) {
      signal.throwIfAborted();
      const { chain } = await readPeerIdentity(options.keystore());
      return { wanted: chain.map(String).join(''), held: await readIfThere(options.file()) };
    },
    plan: ({ wanted, held }) => (held === wanted ? [] : [planWriting(held, server, options.file())]),
    async apply(_change, signal, { keep } = {}) {
      const { chain } = await readPeerIdentity(options.keystore());
      signal.throwIfAborted();
      const { like, within } = files;
      await makeFolder(dirname(options.file()), { like, within });
      await removeLeftovers(options.file(), within);
      await writeFileWhole(options.file(), chain.map(String).join(''), {
        usualMode: PUBLIC_MODE,
        group: files.group,
        like,
        within,
        keep,
      });
    },
  };
}

function planWriting(held: string | undefined, server: string, file: string): PlannedChange {
  return {
    action: held === undefined ? 'add' : 'update',
    summary: `write the certificate of ${server} as PEM to ${file}`,
  };
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return readWhole(file).toString('utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE.published(file, (cause as Error).message), { cause });
  }
}
