/** One setting: what kind of value it takes, and what it is for. */
export interface SettingDefinition {
  readonly kind: 'text' | 'path' | 'url' | 'integer' | 'boolean' | 'duration' | 'secret' | 'choice';
  readonly choices?: readonly string[];
  readonly meaning: string;
}

/**
 * Every setting by its key in km-bootstrap.toml. The environment variable is `KMB_` and the key in upper case with `_` for `.`; files,
 * environment, flags, messages and docs all read this one table.
 */
export const SETTINGS = {
  recipe: { kind: 'choice', choices: ['legacy', 'current'], meaning: 'which of WSO2’s two set-ups to make true' },
  timeout: { kind: 'duration', meaning: 'deadline of the whole run' },
  lock_timeout: { kind: 'duration', meaning: 'how long to wait for another run’s lock' },
  'is7.home': { kind: 'path', meaning: 'home folder of IS 7' },
  'is7.url': { kind: 'url', meaning: 'IS 7 as reached from API Manager and from here' },
  'is7.public_url': { kind: 'url', meaning: 'IS 7 as browsers and token issuers name it' },
  'is7.offset': { kind: 'integer', meaning: '[server] offset of IS 7' },
  'is7.hostname': { kind: 'text', meaning: '[server] hostname of IS 7' },
  'is7.version': { kind: 'text', meaning: 'version of IS 7' },
  'is7.certificate': { kind: 'path', meaning: 'PEM of IS 7’s TLS certificate, when its home is not here' },
  'is7.username': { kind: 'text', meaning: 'account that API Manager’s connector uses at IS 7' },
  'is7.password': { kind: 'secret', meaning: 'its password' },
  'apim.home': { kind: 'path', meaning: 'home folder of API Manager' },
  'apim.url': { kind: 'url', meaning: 'API Manager as reached from IS 7 and from here' },
  'apim.offset': { kind: 'integer', meaning: '[server] offset of API Manager' },
  'apim.hostname': { kind: 'text', meaning: '[server] hostname of API Manager' },
  'apim.version': { kind: 'text', meaning: 'version of API Manager' },
  'apim.certificate': { kind: 'path', meaning: 'PEM of API Manager’s TLS certificate, when its home is not here' },
  'apim.username': { kind: 'text', meaning: 'admin of the tenant in API Manager' },
  'apim.password': { kind: 'secret', meaning: 'its password' },
  role_creation: { kind: 'boolean', meaning: 'let API Manager create roles in IS 7' },
  'database.url': { kind: 'text', meaning: 'JDBC URL of the identity database' },
  'database.username': { kind: 'text', meaning: 'its user' },
  'database.password': { kind: 'secret', meaning: 'its password' },
  'database.constraint': { kind: 'boolean', meaning: 'whether CONSUMER_KEY must be unique' },
  'trust.warn_before': { kind: 'duration', meaning: 'say so when a certificate expires within this time' },
  'key_manager.name': { kind: 'text', meaning: 'name of the Key Manager in API Manager' },
  'key_manager.display_name': { kind: 'text', meaning: 'its display name' },
  'key_manager.description': { kind: 'text', meaning: 'its description, at most 256 characters' },
} as const satisfies Record<string, SettingDefinition>;

export type SettingKey = keyof typeof SETTINGS;

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** `is7.url` → `KMB_IS7_URL`. */
export function environmentName(key: SettingKey): string {
  return `KMB_${key.toUpperCase().replaceAll('.', '_')}`;
}

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(SETTINGS, key);
}
