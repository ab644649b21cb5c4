import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type NodeJava from 'java';
import { BootstrapError } from '../src/errors.js';
import type { HostNames } from '../src/http/host-names.js';
import type { Jvm } from '../src/jvm/jvm.js';
import { Secret } from '../src/secret.js';
import { MESSAGES } from './errors.js';
import { openKeystore } from './home/open-keystore.js';
import type { Server } from './home/releases.js';
import { type Environment, serverSettings } from './home/server-settings.js';
import { readServerToml } from './server-toml.js';

/** A private key and its certificate, PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

/** What a server reads once, at its start: later changes of the home are seen by the next start only, but for {@link LoadedHome.trustedNow}. */
export interface LoadedHome {
  readonly server: Server;
  /** Of the release, without the patch: `7.0`, `4.3`. */
  readonly version: string;
  /** Whether the release was updated since it was published. */
  readonly updates: 'none' | 'some';
  readonly folder: string;
  /** deployment.toml as the server's own parser gives it: flat dotted keys, placeholders resolved. */
  readonly toml: ReadonlyMap<string, unknown>;
  readonly host: string;
  /** 9443 plus the offset. */
  readonly httpsPort: number;
  /** 9763 plus the offset. */
  readonly httpPort: number;
  /** 8243 plus the offset, where API Manager's gateway listens. */
  readonly gatewayPort: number;
  readonly admin: { readonly username: string; readonly password: Secret };
  readonly tls: Identity;
  /** Of the primary keystore: signs tokens. */
  readonly signing: Identity;
  /** The certificates, PEM, of the other private keys of that keystore. */
  readonly olderSigning: readonly string[];
  /** Every certificate of the truststore, PEM. */
  readonly trusted: readonly string[];
  /** The same, read anew. */
  trustedNow(): readonly string[];
  /** Names that its machine resolves by itself, like those of /etc/hosts. */
  readonly hosts: HostNames;
}

/** What the sandbox leaves in a home of a release without updates. A real home tells its level of updates nowhere. */
export const UNPATCHED_MARK = join('updates', 'none-at-the-sandbox');

export interface HomeToLoad {
  readonly server: Server;
  readonly folder: string;
  /** In place of `[server] offset`, like `-DportOffset`. */
  readonly portOffset?: number;
  /** Where `$env{}` in deployment.toml looks; nothing by default. */
  readonly environment?: Environment;
  readonly hosts?: HostNames;
}

/**
 * Reads a home as the server does when it starts, and refuses what would keep the real one from starting.
 *
 * @param jvm with the {@link import('./server-toml.js').serverTomlJars} on its class path
 * @throws BootstrapError `SANDBOX_FAILED`, `FILE_UNREADABLE`, and those of {@link readServerToml}
 */
export async function loadHome(jvm: Jvm, home: HomeToLoad): Promise<LoadedHome> {
  const { server, folder } = home;
  const toml = await readSettings(jvm, home);
  const offset = home.portOffset ?? portOffset(folder, toml);
  const primary = openStore(jvm, folder, toml, 'keystore.primary');
  const tls = openStore(jvm, folder, toml, 'keystore.tls');
  const signing = primary.identity();
  const trusted = () => openStore(jvm, folder, toml, 'truststore').trusted();
  return {
    server,
    version: await readVersion(folder),
    updates: existsSync(join(folder, UNPATCHED_MARK)) ? 'none' : 'some',
    folder,
    toml,
    host: text(toml, 'server.hostname'),
    httpsPort: 9443 + offset,
    httpPort: 9763 + offset,
    gatewayPort: 8243 + offset,
    admin: { username: text(toml, 'super_admin.username'), password: secret(toml, 'super_admin.password') },
    tls: tls.identity(),
    signing,
    olderSigning: primary.keyCertificates().filter((cert) => cert !== signing.cert),
    trusted: trusted(),
    trustedNow: trusted,
    hosts: home.hosts ?? {},
  };
}

async function readSettings(jvm: Jvm, home: HomeToLoad): Promise<ReadonlyMap<string, unknown>> {
  const file = join(home.folder, 'repository', 'conf', 'deployment.toml');
  const toml = readServerToml(jvm, await readText(file));
  try {
    return serverSettings(home.server, toml, home.environment ?? {});
  } catch (cause) {
    throw refuseToStart(home.folder, `${file}: ${(cause as Error).message}`, cause);
  }
}

async function readVersion(folder: string): Promise<string> {
  const file = join(folder, 'bin', 'version.txt');
  const version = /(\d+\.\d+)\.\d+/.exec(await readText(file))?.[1];
  if (version !== undefined) return version;
  throw refuseToStart(folder, `${file} names no version`);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new BootstrapError(MESSAGES.FILE_UNREADABLE(file, (cause as Error).message), { cause });
  }
}

const HIGHEST_OFFSET = 65535 - 9763;

/** Written as an integer or as a string, which the real servers read alike. */
function portOffset(folder: string, toml: ReadonlyMap<string, unknown>): number {
  const offset = text(toml, 'server.offset');
  if (/^\d{1,5}$/.test(offset) && Number(offset) <= HIGHEST_OFFSET) return Number(offset);
  throw refuseToStart(
    folder,
    `[server] offset is ${JSON.stringify(offset)}, not a whole number up to ${HIGHEST_OFFSET}`,
  );
}

/** The store that `keystore.primary`, `keystore.tls` or `truststore` names, in `repository/resources/security`. */
function openStore(jvm: Jvm, folder: string, toml: ReadonlyMap<string, unknown>, path: string) {
  const file = join(folder, 'repository', 'resources', 'security', text(toml, `${path}.file_name`));
  const store = attempt(() => openKeystore(jvm, file, secret(toml, `${path}.password`)));
  return {
    identity(): Identity {
      const alias = text(toml, `${path}.alias`);
      const identity = attempt(() => store.identity(alias, secret(toml, `${path}.key_password`)));
      if (identity) return identity;
      throw refuseToStart(folder, `${file} has no private key under the alias ${alias}`);
    },
    trusted: () => attempt(() => store.trusted()),
    keyCertificates: () => attempt(() => store.keyCertificates()),
  };

  function attempt<T>(use: () => T): T {
    try {
      return use();
    } catch (cause) {
      throw refuseToStart(folder, `the store ${file} cannot be used: ${javaMessage(cause)}`, cause);
    }
  }
}

/** The message of the Java exception alone: that of the JavaScript error holds a stack. */
function javaMessage(thrown: unknown): string {
  const { cause, message } = thrown as NodeJava.JavaError;
  return cause?.getMessageSync?.() ?? message.split('\n')[0] ?? '';
}

function text(toml: ReadonlyMap<string, unknown>, path: string): string {
  return String(toml.get(path) ?? '');
}

function secret(toml: ReadonlyMap<string, unknown>, path: string): Secret {
  return new Secret(text(toml, path));
}

function refuseToStart(folder: string, why: string, cause?: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.SANDBOX_FAILED.refuseToStart(folder, why), { cause });
}
