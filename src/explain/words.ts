import type { SettingDefinition, SettingKey } from '../config/settings.js';
import { settingDefinition } from '../config/settings.js';

const TAKES: Readonly<Record<SettingDefinition['kind'], string>> = {
  text: 'text',
  path: 'path',
  url: 'https://host:port',
  endpoint: 'http:// or https:// URL',
  integer: 'whole number',
  boolean: 'true or false',
  duration: 'duration: 90s, 5m, 30d',
  version: 'version: 4.5, 4.5.0',
  secret: 'secret',
  choice: 'one of',
  address: 'address:port',
};

/** What a setting takes, in a few words: `legacy | current`, `duration: 90s, 5m, 30d`. */
export function takes(key: SettingKey): string {
  const { kind, choices } = settingDefinition(key);
  return choices ? choices.join(' | ') : TAKES[kind];
}

/** What counts when nobody says it. */
export function unsaid(key: SettingKey): string {
  const { default: usual, otherwise } = settingDefinition(key);
  return otherwise ?? (usual === undefined ? 'none' : String(usual));
}
