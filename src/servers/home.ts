import { existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { BootstrapError, invalidConfiguration } from '../errors.js';
import { type Layers, locateFile } from '../io/overlay.js';
import { readWhole } from '../io/read-whole.js';
import type { KeytoolOptions } from '../jvm/keytool.js';
import { MESSAGES } from './errors.js';
import { DATABASES, DEPLOYMENT_TOML, VERSION_FILE } from './layout.js';
import { resolvePlaceholders } from './placeholders.js';
import { otherServer, PRODUCTS, type ServerId } from './server.js';

/** What a server's home says about itself, read when it is first asked for. */
export interface Home extends Layers {
  /** Where it is now: in the overlay once it has been written there. */
  readonly deploymentToml: string;
  /**
   * A text of deployment.toml, placeholders resolved as the server does; a number or boolean comes as its text.
   *
   * @param instead what to do when a placeholder has no value here, a sentence
   * @throws BootstrapError `PLACEHOLDER_UNRESOLVED`, `TOML_INVALID`, `FILE_UNREADABLE`
   */
  text(path: string, instead?: string): string | undefined;
  /** `7.2`, from bin/version.txt, else from the folder's name. */
  version(): string | undefined;
  /** Whose keytool writes its stores. */
  readonly keytool: KeytoolOptions;
}

/** What the servers use when deployment.toml does not say it (their own default.json; docs/design/facts.md, A home). */
const DEFAULTS: Readonly<Record<ServerId, Readonly<Record<string, string>>>> = {
  is7: storeDefaults('p12', 'PKCS12'),
  apim: storeDefaults('jks', 'JKS'),
};

/**
 * Opens a home for reading.
 *
 * @param overlay a folder that is copied over the home at each start of the server
 * @throws BootstrapError `HOME_NOT_FOUND` the folder is not the home of that server; `CONFIG_INVALID`, `OVERLAY_HOLDS_DATABASE`. Later:
 *   `TOML_INVALID`, `PLACEHOLDER_UNRESOLVED`.
 */
export function openHome(
  server: ServerId,
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
  overlay?: string,
): Home {
  const layers = { folder, overlay };
  const locate = () => locateFile(layers, DEPLOYMENT_TOML);
  if (overlay !== undefined) checkOverlay(server, overlay);
  requireHome(server, folder, locate());
  let parsed: Record<string, unknown> | undefined;

  function table(): Record<string, unknown> {
    parsed ??= refuseOtherServer(server, folder, parseDeploymentToml(locate()));
    return parsed;
  }
  /** The JVM's own properties are the server's; those that people add come in JAVA_OPTS, which its start script reads. */
  function sys(name: string): string | undefined {
    const options = environment['JAVA_OPTS']?.split(/\s+/) ?? [];
    return options.findLast((option) => option.startsWith(`-D${name}=`))?.slice(`-D${name}=`.length);
  }
  function lookUp(path: string): unknown {
    return valueAt(table(), path.split('.')) ?? DEFAULTS[server][path];
  }

  return {
    ...layers,
    keytool: {
      javaHome: environment['JAVA_HOME'],
      path: environment['PATH'],
      javaToolOptions: environment['JAVA_TOOL_OPTIONS'],
    },
    get deploymentToml() {
      return locate();
    },
    text(path, instead) {
      const value = lookUp(path);
      if (value === undefined || typeof value === 'object') return undefined;
      try {
        return resolvePlaceholders(String(value), { ref: lookUp, env: (name) => environment[name], sys });
      } catch (cause) {
        throw unresolved(locate(), path, cause as Error, instead);
      }
    },
    version() {
      return readVersion([folder]);
    },
  };
}

function storeDefaults(extension: string, type: string): Readonly<Record<string, string>> {
  const secrets = { password: 'wso2carbon', key_password: 'wso2carbon' };
  const primary = { file_name: `wso2carbon.${extension}`, type, alias: 'wso2carbon', ...secrets };
  const inherited = Object.keys(primary).map((key) => [`keystore.tls.${key}`, `$ref{keystore.primary.${key}}`]);
  return {
    'server.hostname': 'localhost',
    'server.offset': '0',
    ...Object.fromEntries(Object.entries(primary).map(([key, value]) => [`keystore.primary.${key}`, value])),
    ...Object.fromEntries(inherited),
    'truststore.file_name': `client-truststore.${extension}`,
    'truststore.type': type,
    'truststore.password': 'wso2carbon',
  };
}

/** A database in an overlay is one that the server would lose its data to, at every start. */
function checkOverlay(server: ServerId, overlay: string): void {
  if (!existsSync(overlay)) throw invalidConfiguration([`${server}.overlay: there is no folder ${overlay}`]);
  const databases = join(overlay, DATABASES);
  const file = existsSync(databases) && readdirSync(databases).find((name) => name.endsWith('.mv.db'));
  if (!file) return;
  throw new BootstrapError(MESSAGES.OVERLAY_HOLDS_DATABASE(join(databases, file)));
}

/** What may not be looked into is not taken for what is not there. */
function requireHome(server: ServerId, folder: string, deploymentToml: string): void {
  try {
    statSync(deploymentToml);
  } catch (cause) {
    if (!isAbsent(cause)) throw closedHome(folder, cause);
    throw notAHome(server, folder);
  }
}

function isAbsent(cause: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

function closedHome(folder: string, cause: unknown): BootstrapError {
  const owner = statIfSeen(folder);
  return new BootstrapError(
    MESSAGES.FILE_UNREADABLE.home(folder, (cause as Error).message, owner && `${owner.uid}:${owner.gid}`),
    { cause },
  );
}

function statIfSeen(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function notAHome(server: ServerId, folder: string): BootstrapError {
  const { shortTitle, pack } = PRODUCTS[server];
  const ways = `--${server}-home or KMB_${server.toUpperCase()}_HOME`;
  const nested = namesIn(folder).find((name) => name.startsWith(pack));
  return new BootstrapError(
    MESSAGES.HOME_NOT_FOUND.noHome(folder, shortTitle, DEPLOYMENT_TOML, nested && join(folder, nested), ways),
  );
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (isAbsent(cause)) return [];
    throw closedHome(folder, cause);
  }
}

function parseDeploymentToml(path: string): Record<string, unknown> {
  try {
    return parseToml(readWhole(path).toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw unreadable(path, cause);
    throw new BootstrapError(MESSAGES.TOML_INVALID(path, cause.line, cause.column, cause.message.split('\n')[0]));
  }
}

function unreadable(path: string, cause: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.FILE_UNREADABLE.file(path, (cause as Error).message), { cause });
}

/** The two homes look alike; the database each cannot do without tells them apart. */
function refuseOtherServer(server: ServerId, folder: string, parsed: Record<string, unknown>): Record<string, unknown> {
  const other = otherServer(server);
  const has = (id: ServerId) => valueAt(parsed, ['database', PRODUCTS[id].ownDatabase]) !== undefined;
  if (has(server) || !has(other)) return parsed;
  const [found, expected] = [PRODUCTS[other].shortTitle, PRODUCTS[server].shortTitle];
  throw new BootstrapError(MESSAGES.HOME_NOT_FOUND.otherServer(folder, found, expected));
}

/** What stands at a path of a parsed file; undefined when nothing does. */
export function valueAt(values: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, name) => {
    const isThere = typeof at === 'object' && at !== null && Object.hasOwn(at, name);
    return isThere ? (at as Record<string | number, unknown>)[name] : undefined;
  }, values);
}

function unresolved(file: string, path: string, cause: Error, instead = 'Set what it refers to.'): BootstrapError {
  return new BootstrapError(MESSAGES.PLACEHOLDER_UNRESOLVED(file, path, cause.message, instead), { cause });
}

/** The file of a home that counts, by its path from there: the first layer that has it. */
export function locateIn(layers: readonly string[], path: string): string | undefined {
  return layers.map((layer) => join(layer, path)).find((file) => existsSync(file));
}

/** `7.2` of `WSO2 Identity Server v7.2.0` in its version.txt, else of the name of the folder, which is the last layer. */
export function readVersion(layers: readonly string[]): string | undefined {
  const file = locateIn(layers, VERSION_FILE);
  return (file && versionIn(textIn(file))) ?? versionIn(basename(layers.at(-1) ?? ''));
}

/** What cannot be read tells nothing. */
function textIn(file: string): string {
  try {
    return readWhole(file).toString('utf8');
  } catch {
    return '';
  }
}

function versionIn(text: string): string | undefined {
  return /(\d+\.\d+)\.\d+/.exec(text)?.[1];
}
