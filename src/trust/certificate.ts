import type { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { BootstrapError } from '../errors.js';
import { readStore, type Store, type StoreEntry, type StoreFile } from './keystore.js';
import { parseX509 } from './x509.js';

/**
 * Where a server's TLS certificate is: in its own keystore, or in a PEM file when its home is not here. Without an alias it is the
 * store's only private key, else the one named `wso2carbon`, the servers' own default.
 */
export type PeerCertificate = { readonly store: StoreFile; readonly alias?: string } | { readonly pemFile: string };

const DEFAULT_ALIAS = 'wso2carbon';

/**
 * Reads the certificate that a server presents.
 *
 * @throws BootstrapError those of {@link readStore}; `STORE_ALIAS_MISSING`; `CERTIFICATE_UNREADABLE`, `FILE_UNREADABLE` for a PEM file
 */
export async function readPeerCertificate(peer: PeerCertificate): Promise<X509Certificate> {
  if ('pemFile' in peer) return readPemFile(peer.pemFile);
  return keyEntry(await readStore(peer.store), peer.alias, peer.store.path).certificate;
}

async function readPemFile(path: string): Promise<X509Certificate> {
  const certificate = parseX509(await readPemBytes(path));
  if (certificate) return certificate;
  throw new BootstrapError(`${path} holds no X.509 certificate`, {
    code: 'CERTIFICATE_UNREADABLE',
    hint: 'Give a file with the PEM of the server certificate: a block from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".',
  });
}

async function readPemBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new BootstrapError(`cannot read the certificate ${path}: ${(cause as Error).message}`, {
      code: 'FILE_UNREADABLE',
      hint: 'Check the setting is7.certificate or apim.certificate, and that the user that runs km-bootstrap may read the file.',
      cause,
    });
  }
}

function keyEntry({ entries }: Store, alias: string | undefined, path: string): StoreEntry {
  const keys = entries.filter(({ kind }) => kind === 'key');
  const wanted = alias?.toLowerCase() ?? (keys.length === 1 ? keys[0]?.alias : DEFAULT_ALIAS);
  const found = keys.find((entry) => entry.alias === wanted);
  if (found) return found;
  const names = keys.map((entry) => `\`${entry.alias}\``).join(', ') || 'none';
  throw new BootstrapError(
    `${path} holds no private key under the alias \`${wanted}\`; its private keys are: ${names}`,
    {
      code: 'STORE_ALIAS_MISSING',
      hint: 'Correct the alias of this keystore in deployment.toml ([keystore.tls] or [keystore.primary]).',
    },
  );
}
