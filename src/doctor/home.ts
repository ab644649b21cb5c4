import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { keyInHome, storeInHome } from '../composition/tls.js';
import { readDocument, type TomlDocument } from '../deployment-toml/document.js';
import { lineOfPath } from '../deployment-toml/refusal.js';
import { BootstrapError } from '../errors.js';
import { readWhole } from '../io/read-whole.js';
import { type Home, locateIn, openHome, readVersion, valueAt } from '../servers/home.js';
import { DEPLOYMENT_TOML, DROPINS, LIB, LOGS, PLUGINS } from '../servers/layout.js';
import { isServerRunning, PID_FILE } from '../servers/running.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import type { KeystoreCertificate } from '../trust/certificate.js';
import type { StoreFile } from '../trust/keystore/keystore.js';
import { MESSAGES } from './errors.js';
import type { FileFacts, HomeFacts, JvmOption, Leaf, OverlayFacts, SettingFacts, SettingPath } from './facts.js';
import { type Finding, finding } from './finding.js';
import { readLogs } from './read-logs.js';

export type KeystoreTable = 'keystore.tls' | 'keystore.primary';

/** A home that was read: what the checks go by, and what is needed to look into its stores and its database. */
export interface ExaminedHome {
  readonly facts: HomeFacts;
  /** Absent while its deployment.toml cannot be read at all. */
  readonly home: Home | undefined;
  /** Absent while the server could not load its deployment.toml. */
  readonly document: TomlDocument | undefined;
  /** What deployment.toml in the home itself says, when another one is copied over it. */
  readonly hiddenDocument: TomlDocument | undefined;
  /** Undefined where deployment.toml does not tell, or a placeholder in it has no value here. */
  readonly truststore: StoreFile | undefined;
  /** The truststore in the home itself, when another one is copied over it. */
  readonly hiddenTruststore: StoreFile | undefined;
  readonly keystores: Readonly<Record<KeystoreTable, KeystoreCertificate | undefined>>;
  /** Whether a file is in the home, or in what is copied over it, by its path from there. */
  holds(path: string): boolean;
  /** What was found while reading. */
  readonly findings: readonly Finding[];
}

export interface HomeToExamine {
  readonly server: ServerId;
  readonly folder: string;
  readonly from: 'home' | 'bundle';
  /** As the user set it; else the volumes that lie beside the home of a container count. */
  readonly overlay: string | undefined;
  readonly version: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The images' entrypoint copies the first one last. */
const VOLUMES = ['wso2-artifact-volume', 'wso2-config-volume'];

/**
 * Reads all of a home that decides whether IS 7 works as Key Manager. Writes nothing.
 *
 * @throws BootstrapError `HOME_NOT_FOUND` there is no deployment.toml, neither in the home nor in what is copied over it
 */
export function examineHome(request: HomeToExamine): ExaminedHome {
  const { server, folder, from } = request;
  const layers = layersOf(folder, request.overlay);
  const toml = readToml(request, layers);
  const truststore = quietly(() => locateStore(toml.home, storeInHome(toml.home, 'truststore', undefined), layers));
  const keystore = (table: KeystoreTable) =>
    quietly(() => {
      const key = keyInHome(toml.home, table, undefined);
      return { ...key, store: locateStore(toml.home, key.store, layers) };
    });
  const keystores = { 'keystore.tls': keystore('keystore.tls'), 'keystore.primary': keystore('keystore.primary') };
  const jars = readJars(layers);
  const files = [
    { path: toml.file, role: 'settings' },
    ...(truststore ? [{ path: truststore.path, role: 'truststore' } as const] : []),
    ...Object.values(keystores).flatMap((key) => (key ? [{ path: key.store.path, role: 'store' } as const] : [])),
    ...handlersIn(jars, layers).map((path) => ({ path, role: 'dropin' }) as const),
  ] as const;
  const isHome = from === 'home';
  const facts: HomeFacts = {
    server,
    title: PRODUCTS[server].title,
    folder,
    from,
    version: request.version ?? readVersion(layers),
    settings: toml.document && settingsOf(toml.file, toml.home, toml.document),
    options: readJvmOptions(layers, server),
    jars,
    files: isHome ? readFileFacts(files) : [],
    owner: isHome ? statSync(folder, { throwIfNoEntry: false }) : undefined,
    runningSince: isHome ? readRunningSince(folder) : undefined,
    overlay: readOverlayFacts(layers.slice(0, -1)),
    logs: readLogs(join(folder, LOGS)),
  };
  return {
    facts,
    home: toml.home,
    document: toml.document,
    hiddenDocument: hiddenDocument(toml.file, folder),
    truststore,
    hiddenTruststore: truststore && hiddenStore(truststore, layers),
    keystores,
    holds: (path) => locateIn(layers, path) !== undefined,
    findings: toml.findings,
  };
}

/** A home, and before it what is copied over it: the overlay that was set, else the volumes that lie beside it as in the images. */
export function layersOf(folder: string, overlay?: string): HomeLayers {
  const candidates = overlay === undefined ? VOLUMES.map((name) => join(dirname(folder), name)) : [overlay];
  return [...candidates.filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory()), folder];
}

/** The jars of the handler of revoked tokens that a home would load. */
export function handlersIn(jars: HomeFacts['jars'], layers: HomeLayers): readonly string[] {
  const names = jars.get(DROPINS)?.filter((name) => name.startsWith('wso2is.notification.event.handlers')) ?? [];
  return names.flatMap((name) => locateIn(layers, join(DROPINS, name)) ?? []);
}

interface ReadToml {
  readonly file: string;
  readonly home: Home;
  readonly document: TomlDocument | undefined;
  readonly findings: readonly Finding[];
}

function readToml({ server, folder, environment }: HomeToExamine, layers: HomeLayers): ReadToml {
  const layer = layers.find((candidate) => locateIn([candidate], DEPLOYMENT_TOML) !== undefined);
  const home = openHome(server, layer ?? folder, environment);
  const file = home.deploymentToml;
  try {
    return { file, home, document: readDocument(readWhole(file).toString('utf8')), findings: [] };
  } catch (thrown) {
    return { file, home, document: undefined, findings: [unusable(file, PRODUCTS[server].title, thrown as Error)] };
  }
}

function unusable(file: string, title: string, cause: Error): Finding {
  if (!(cause instanceof BootstrapError)) {
    return finding(MESSAGES.FILE_UNREADABLE(cause.message), { where: file });
  }
  const line = /^line (\d+)/.exec(cause.message)?.[1];
  return finding(MESSAGES.TOML_INVALID(title, cause.message, cause.hint), { where: line ? `${file}:${line}` : file });
}

function settingsOf(file: string, home: Home, document: TomlDocument): SettingFacts {
  return {
    file,
    text: (path) => quietly(() => home.text(path)),
    value: (path) => valueAt(document.values, path),
    place(path) {
      const line = lineOfPath(document, path);
      return line === undefined ? file : `${file}:${line}`;
    },
    leaves: leavesOf(document.values),
  };
}

function leavesOf(value: unknown, path: SettingPath = []): readonly Leaf[] {
  if (typeof value !== 'object' || value === null || value instanceof Date) return [{ path, value }];
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => leavesOf(item, [...path, index]));
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, [...path, name]));
}

/** The same store in the layer that counts, whichever layer its deployment.toml is in. */
function locateStore(home: Home, store: StoreFile, layers: HomeLayers): StoreFile {
  const path = relative(home.folder, store.path);
  return { ...store, path: locateIn(layers, path) ?? join(layers.at(-1) ?? '', path) };
}

function hiddenStore(store: StoreFile, layers: HomeLayers): StoreFile | undefined {
  const layer = layers.find((candidate) => store.path.startsWith(join(candidate, '/')));
  const folder = layers.at(-1) ?? '';
  if (layer === undefined || layer === folder) return undefined;
  const path = locateIn([folder], relative(layer, store.path));
  return path === undefined ? undefined : { ...store, path };
}

function hiddenDocument(file: string, folder: string): TomlDocument | undefined {
  const hidden = join(folder, DEPLOYMENT_TOML);
  return hidden === file ? undefined : quietly(() => readDocument(readWhole(hidden).toString('utf8')));
}

/** What cannot be told here is left to the check that reports why. */
function quietly<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

/** A home, and before it the folders that are copied over it at each start, the last one to be copied first. */
export type HomeLayers = readonly string[];

/** `-Dname=value` of the start script's lines, comments left out. The name of a variable is no value. */
export function readJvmOptions(layers: HomeLayers, server: ServerId): readonly JvmOption[] {
  const file = locateIn(layers, PRODUCTS[server].startScript);
  if (file === undefined) return [];
  return textIn(file)
    .split('\n')
    .flatMap((line, index) => {
      const options = line.trimStart().startsWith('#') ? [] : [...line.matchAll(/-D([\w.]+)=["']?([^\s"'\\)}$*]+)/g)];
      return options.map(([, name = '', value = '']) => ({ name, value, where: `${file}:${index + 1}` }));
    });
}

/** The jars of the folders that people put jars into, by folder. */
export function readJars(layers: HomeLayers): HomeFacts['jars'] {
  return new Map(
    [LIB, DROPINS, PLUGINS].flatMap((folder): [string, readonly string[]][] => {
      const there = layers.map((layer) => join(layer, folder)).filter((path) => existsSync(path));
      const names = new Set(there.flatMap((path) => readdirSync(path).filter((name) => name.endsWith('.jar'))));
      return there.length === 0 ? [] : [[folder, [...names].sort()]];
    }),
  );
}

/** Who owns the files that were named, and when they changed; one that is not there is left out. */
export function readFileFacts(files: readonly Pick<FileFacts, 'path' | 'role'>[]): readonly FileFacts[] {
  return files.flatMap(({ path, role }) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return [];
    const { uid, gid, mode, mtime } = stats;
    return [{ path, role, uid, gid, mode: mode & 0o777, changed: mtime }];
  });
}

/** When the server that runs from a home was started: it writes its pid file then. */
export function readRunningSince(home: string): Date | undefined {
  return isServerRunning(home) ? statSync(join(home, PID_FILE), { throwIfNoEntry: false })?.mtime : undefined;
}

/** What the folders over a home hold that they should not, or hold twice. */
export function readOverlayFacts(folders: readonly string[]): OverlayFacts {
  const [winner, loser] = folders;
  return {
    folders,
    databases: folders.flatMap((folder) =>
      filesBelow(folder)
        .filter((path) => path.endsWith('.mv.db'))
        .map((path) => join(folder, path)),
    ),
    twice:
      winner === undefined || loser === undefined
        ? []
        : filesBelow(loser)
            .filter((path) => existsSync(join(winner, path)))
            .filter((path) => !readWhole(join(winner, path)).equals(readWhole(join(loser, path))))
            .map((path) => ({ path, winner, loser })),
  };
}

/** Links are followed by the entrypoint's copy; what begins with `..` is Kubernetes' own. */
function filesBelow(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    const stats = name.startsWith('..') ? undefined : statSync(join(folder, path), { throwIfNoEntry: false });
    if (stats?.isDirectory()) return filesBelow(folder, path);
    return stats?.isFile() ? [path] : [];
  });
}

function textIn(file: string): string {
  try {
    return readWhole(file).toString('utf8');
  } catch {
    return '';
  }
}
