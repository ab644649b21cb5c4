import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { invalidConfiguration } from '../config/parse.js';
import { environmentName, type SettingKey } from '../config/settings.js';
import { BootstrapError } from '../errors.js';
import { type Layers, locateFile } from '../io/overlay.js';
import { readWhole } from '../io/read-whole.js';
import type { KeytoolOptions } from '../jvm/keytool.js';
import { resolvePlaceholders } from './placeholders.js';

export type ServerId = 'is7' | 'apim';

/** What a server's home says about itself, read when it is first asked for. */
export interface Home extends Layers {
  /** Where it is now: in the overlay once it has been written there. */
  readonly deploymentToml: string;
  /** A text of deployment.toml, placeholders resolved as the server does; a number or boolean comes as its text. */
  text(path: string, setting?: SettingKey): string | undefined;
  /** `7.2`, from bin/version.txt, else from the folder's name. */
  version(): string | undefined;
  /** Whose keytool writes its stores. */
  readonly keytool: KeytoolOptions;
}

/** What the servers use when deployment.toml does not say it (their own default.json; `facts`: server-homes, section 4). */
const DEFAULTS: Readonly<Record<ServerId, Readonly<Record<string, string>>>> = {
  is7: storeDefaults('p12', 'PKCS12'),
  apim: storeDefaults('jks', 'JKS'),
};

/** Where it lies in a home. */
export const DEPLOYMENT_TOML = join('repository', 'conf', 'deployment.toml');

const OWN_DATABASE = { is7: 'identity_db', apim: 'apim_db' } as const;
const PACK = { is7: 'wso2is-', apim: 'wso2am-' } as const;
const TITLE = { is7: 'IS 7', apim: 'API Manager' } as const;

/** What the folder in a release's archive is called: `wso2is-7.2.0` for `7.2`, `wso2am-4.5.0` for `4.5`. */
export function packFolder(server: ServerId, release: string): string {
  return `${PACK[server]}${release}.0`;
}

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
  if (!existsSync(locate())) throw notAHome(server, folder);
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
    return valueAt(table(), path) ?? DEFAULTS[server][path];
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
    text(path, setting) {
      const value = lookUp(path);
      if (value === undefined || typeof value === 'object') return undefined;
      try {
        return resolvePlaceholders(String(value), { ref: lookUp, env: (name) => environment[name], sys });
      } catch (cause) {
        throw unresolved(locate(), path, setting, cause as Error);
      }
    },
    version() {
      return versionIn(readIfThere(join(folder, 'bin', 'version.txt'))) ?? versionIn(basename(folder));
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
  const databases = join(overlay, 'repository', 'database');
  const file = existsSync(databases) && readdirSync(databases).find((name) => name.endsWith('.mv.db'));
  if (!file) return;
  throw new BootstrapError(
    `the overlay holds the database ${join(databases, file)}, and an overlay is copied over the home at every start: it would undo the server's data each time`,
    {
      code: 'OVERLAY_HOLDS_DATABASE',
      hint: 'Remove it from the overlay. Keep the database on a volume of its own under repository/database, or on a database server.',
    },
  );
}

function notAHome(server: ServerId, folder: string): BootstrapError {
  const nested = existsSync(folder) ? readdirSync(folder).find((name) => name.startsWith(PACK[server])) : undefined;
  return new BootstrapError(
    `${folder} is not the home of ${TITLE[server]}: it has no repository/conf/deployment.toml`,
    {
      code: 'HOME_NOT_FOUND',
      hint: nested
        ? `Did you mean ${join(folder, nested)}?`
        : `Give the unpacked home with --${server}-home or ${environmentName(`${server}.home`)}.`,
    },
  );
}

function parseDeploymentToml(path: string): Record<string, unknown> {
  try {
    return parseToml(readWhole(path).toString('utf8'));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw unreadable(path, cause);
    throw new BootstrapError(`${path}:${cause.line}:${cause.column}: ${cause.message.split('\n')[0]}`, {
      code: 'TOML_INVALID',
      // The cause is left out: it quotes the lines, which may hold a password.
      hint: 'The server cannot load this file either. Correct the line that is named.',
    });
  }
}

function unreadable(path: string, cause: unknown): BootstrapError {
  return new BootstrapError(`cannot read ${path}: ${(cause as Error).message}`, {
    code: 'FILE_UNREADABLE',
    hint: 'Give the home of the server, and the user that runs km-bootstrap the right to read this file.',
    cause,
  });
}

/** The two homes look alike; the database each cannot do without tells them apart. */
function refuseOtherServer(server: ServerId, folder: string, parsed: Record<string, unknown>): Record<string, unknown> {
  const other = server === 'is7' ? 'apim' : 'is7';
  const has = (id: ServerId) => valueAt(parsed, `database.${OWN_DATABASE[id]}`) !== undefined;
  if (has(server) || !has(other)) return parsed;
  throw new BootstrapError(`${folder} is the home of ${TITLE[other]}, not of ${TITLE[server]}`, {
    code: 'HOME_NOT_FOUND',
    hint: 'Exchange the two homes: --is7-home is Identity Server’s, --apim-home API Manager’s.',
  });
}

function valueAt(table: Record<string, unknown>, path: string): unknown {
  let value: unknown = table;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function unresolved(file: string, path: string, setting: SettingKey | undefined, cause: Error): BootstrapError {
  const instead = setting
    ? `Set ${environmentName(setting)} (or ${setting} in km-bootstrap.toml) instead.`
    : 'Set what it refers to.';
  return new BootstrapError(`${file}: ${path} cannot be read: ${cause.message}`, {
    code: 'PLACEHOLDER_UNRESOLVED',
    hint: instead,
    cause,
  });
}

function readIfThere(path: string): string {
  return existsSync(path) ? readWhole(path).toString('utf8') : '';
}

function versionIn(text: string): string | undefined {
  return /(\d+\.\d+)\.\d+/.exec(text)?.[1];
}
