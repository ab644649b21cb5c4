import { invalidConfiguration } from '../errors.js';
import type { Secret } from '../secret.js';
import { type KeyManagerSettings, parseKeyManagers, parseTenants, type TenantSettings } from './key-manager.js';
import type { FoundSetting, LoadedSettings } from './load.js';
import { type NodeSettings, parseNodes } from './node.js';
import { problemAt } from './place.js';
import { SETTING_KEYS, SETTINGS, type SettingDefinition, type SettingKey, settingDefinition } from './settings.js';
import {
  choice,
  duration,
  flag,
  httpsOrigin,
  httpUrl,
  type ListenAddress,
  listenAddress,
  type Parser,
  secret,
  text,
  version,
  wholeNumber,
} from './shape.js';

interface ValueOfKind {
  text: string;
  version: string;
  path: string;
  url: string;
  endpoint: string;
  integer: number;
  boolean: boolean;
  /** Milliseconds. */
  duration: number;
  secret: Secret;
  choice: string;
  address: ListenAddress;
}

type ValueOf<Definition extends SettingDefinition> = Definition extends { choices: readonly (infer Choice)[] }
  ? Choice
  : ValueOfKind[Definition['kind']];

/** Settings that are never absent. */
type DefaultedKey = {
  [Key in SettingKey]: (typeof SETTINGS)[Key] extends { default: unknown } ? Key : never;
}[SettingKey];

type ValueOfKey<Key extends SettingKey> = ValueOf<(typeof SETTINGS)[Key]>;

/**
 * What was said and the defaults, checked and typed; what was not said and has no default is absent. Durations are milliseconds, URLs
 * have no trailing slash.
 */
export type Settings = { readonly [Key in DefaultedKey]: ValueOfKey<Key> } & {
  readonly [Key in Exclude<SettingKey, DefaultedKey>]?: ValueOfKey<Key>;
} & {
  /** Which of them somebody said; the others with a value have their default. */
  readonly said: ReadonlySet<SettingKey>;
  /** Every declared Key Manager; absent when there is none. */
  readonly key_manager?: readonly KeyManagerSettings[];
  readonly tenant?: readonly TenantSettings[];
  readonly node?: readonly NodeSettings[];
};

/**
 * Checks every value that was found, and fills in the defaults: the only place that does.
 *
 * @throws BootstrapError `CONFIG_INVALID` with all problems at once, one a line.
 */
export function parseSettings({ found, keyManagers, tenants, nodes, problems: earlier }: LoadedSettings): Settings {
  const problems = [...earlier];
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, setting] of new Map<SettingKey, FoundSetting>([...DEFAULTS, ...found])) {
    const report = (path: string, problem: string) => problems.push(problemAt(setting, `${path} ${problem}`));
    values[key] = parserOf(SETTINGS[key]).parse(setting.raw, { path: key, report });
  }
  const declared = {
    ...(keyManagers.length > 0 && { key_manager: parseKeyManagers(keyManagers, problems) }),
    ...(tenants.length > 0 && { tenant: parseTenants(tenants, problems) }),
    ...(nodes.length > 0 && { node: parseNodes(nodes, problems) }),
  };
  if (problems.length > 0) throw invalidConfiguration(problems);
  return { ...(values as Settings), said: new Set(found.keys()), ...declared };
}

const DEFAULTS = SETTING_KEYS.flatMap((key): (readonly [SettingKey, FoundSetting])[] => {
  const { default: raw } = settingDefinition(key);
  return raw === undefined ? [] : [[key, { raw, source: 'the default' }]];
});

/** What counts when nothing is said. */
export function defaultSettings(): Settings {
  return parseSettings({ found: new Map(), keyManagers: [], tenants: [], nodes: [], problems: [] });
}

/** How a setting is read, and its JSON Schema. */
export function parserOf({ kind, choices = [] }: SettingDefinition): Parser<unknown> {
  switch (kind) {
    case 'integer':
      return wholeNumber();
    case 'boolean':
      return flag();
    case 'duration':
      return duration();
    case 'url':
      return httpsOrigin();
    case 'endpoint':
      return httpUrl();
    case 'version':
      return version();
    case 'secret':
      return secret();
    case 'address':
      return listenAddress();
    case 'choice':
      return choice(choices);
    default:
      return text();
  }
}
