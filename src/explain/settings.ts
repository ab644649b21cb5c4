import { type Config, createConfig } from '../composition/config.js';
import type { FoundSetting } from '../config/load.js';
import type { Settings } from '../config/parse.js';
import { environmentName, type SettingKey, settingDefinition } from '../config/settings.js';
import { maskUrl } from '../secret.js';
import type { Home } from '../servers/home.js';
import type { ServerId } from '../servers/server.js';
import { type HomeRead, traceHome } from './traced-home.js';

/** Where the value of a setting comes from. */
export type Origin = 'option' | 'variable' | 'file' | 'discovered' | 'default' | 'nowhere';

export interface ExplainedSetting {
  readonly key: SettingKey;
  /** As it would be written; of a secret only that it is set. Absent: nothing says it. */
  readonly value?: string;
  readonly origin: Origin;
  /** `--is7-url`, `KMB_IS7_URL`, `km-bootstrap.toml:3:7`, lines of deployment.toml, why nothing could be found. */
  readonly sources: readonly string[];
}

type Homes = Readonly<Record<ServerId, Home | undefined>>;

/** What is known without a home, and the homes to discover the rest from. */
export interface KnownSettings {
  readonly found: ReadonlyMap<SettingKey, FoundSetting>;
  /** Absent when they are not valid: then nothing is discovered. */
  readonly discovery?: { readonly settings: Settings; readonly homes: Homes };
}

/** A setting's value and where it comes from: said, else discovered in a home, else the default. */
export function explainSetting(key: SettingKey, { found, discovery }: KnownSettings): ExplainedSetting {
  const said = found.get(key);
  if (said) return { key, value: shown(key, said.raw), origin: originOf(said.source), sources: sourcesOf(said) };
  const discover = DISCOVERED[key];
  const discovered = discover && discovery && discoverIn(key, discover, discovery);
  if (discovered) return discovered;
  const { default: usual } = settingDefinition(key);
  return usual === undefined
    ? { key, origin: 'nowhere', sources: [] }
    : { key, value: shown(key, usual), origin: 'default', sources: [] };
}

function originOf(source: string): Origin {
  if (source.startsWith('--')) return 'option';
  return /^[A-Z0-9_]+$/.test(source) ? 'variable' : 'file';
}

function sourcesOf({ source, mounted }: FoundSetting): readonly string[] {
  return [mounted === undefined ? source : `${source}, which names ${mounted}`];
}

function shown(key: SettingKey, raw: unknown): string {
  if (settingDefinition(key).kind === 'secret') return '(set, not shown)';
  // In a URL a password may stand, too.
  return maskUrl(String(raw));
}

type Discover = (config: Config) => string | number | boolean | undefined;

/** How each setting that can be discovered is, as the steps do it. */
const DISCOVERED: Partial<Record<SettingKey, Discover>> = {
  'is7.url': ({ is7 }) => (is7.home ? is7.url() : undefined),
  'is7.public_url': (config) => (config.is7.isKnown ? config.is7PublicUrl() : undefined),
  'is7.offset': (config) => offsetOf('is7', config),
  'is7.hostname': ({ is7 }) => is7.home?.text('server.hostname'),
  'is7.version': ({ is7 }) => is7.version(),
  'is7.certificate': ({ is7 }) => certificateOf(is7),
  'is7.username': ({ is7 }) => is7.home?.text('super_admin.username'),
  'is7.password': ({ is7 }) => is7.home?.text('super_admin.password'),
  'apim.url': ({ apim }) => (apim.home ? apim.url() : undefined),
  'apim.offset': (config) => offsetOf('apim', config),
  'apim.hostname': ({ apim }) => apim.home?.text('server.hostname'),
  'apim.version': ({ apim }) => apim.version(),
  'apim.certificate': ({ apim }) => certificateOf(apim),
  'apim.username': ({ apim }) => apim.home?.text('super_admin.username'),
  'apim.password': ({ apim }) => apim.home?.text('super_admin.password'),
  'database.url': (config) => config.databaseUrl(),
  'database.username': ({ is7 }) => is7.home?.text('database.identity_db.username'),
  'database.password': ({ is7 }) => is7.home?.text('database.identity_db.password'),
  'database.constraint': ({ constraint }) => constraint,
};

function offsetOf(server: ServerId, config: Config): number | string | undefined {
  return config.offset(server)?.value ?? config[server].home?.text('server.offset');
}

function certificateOf({ home, certificate }: Config['is7']): string | undefined {
  if (!home) return undefined;
  const presented = certificate();
  return 'pemFile' in presented
    ? presented.pemFile
    : `${presented.store.path}, alias ${presented.alias ?? 'of its only key'}`;
}

function discoverIn(
  key: SettingKey,
  discover: Discover,
  { settings, homes }: NonNullable<KnownSettings['discovery']>,
): ExplainedSetting | undefined {
  const server: ServerId = key.startsWith('apim.') ? 'apim' : 'is7';
  const reads = new Map<string, HomeRead>();
  const home = homes[server];
  const own = home && traceHome(home, (read) => reads.set(read.path, read));
  const config = createConfig(settings, { ...homes, [server]: own });
  try {
    const value = discover(config);
    if (value === undefined) return undefined;
    const sources = [...reads.values()].filter(({ path }) => isTelling(key, path)).map(sourceOf);
    return {
      key,
      value: shown(key, value),
      origin: 'discovered',
      sources: [...sources, ...reasonsOf(key, server, config)],
    };
  } catch (error) {
    return { key, origin: 'nowhere', sources: [(error as Error).message] };
  }
}

/** Of a keystore its passwords are read as well, which are not what it is. */
function isTelling(key: SettingKey, path: string): boolean {
  return !key.endsWith('.certificate') || /\.(file_name|alias)$/.test(path);
}

/** What else led to the value. */
function reasonsOf(key: SettingKey, server: ServerId, config: Config): readonly string[] {
  if (key === 'database.constraint') return [`the recipe ${config.recipe}`];
  const reason = key === `${server}.url` || key === `${server}.offset` ? config.offset(server)?.reason : undefined;
  return reason === undefined ? [] : [reason];
}

function sourceOf({ path, source }: HomeRead): string {
  return source === undefined ? `the server’s default of ${path}` : `${source} (${path})`;
}

/** The variable of a setting, and the one that names a file with its value. */
export function variablesOf(key: SettingKey): readonly [direct: string, mounted: string] {
  return [environmentName(key), `${environmentName(key)}_FILE`];
}
