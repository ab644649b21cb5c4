import type { ServerId } from '../servers/server.js';
import {
  environmentName,
  SETTING_KEYS,
  type SettingDefinition,
  type SettingKey,
  settingDefinition,
} from './settings.js';

export interface AnnotatedFileOptions {
  /** The homes that were found, as they are to be written. */
  readonly homes: Readonly<Record<ServerId, string | undefined>>;
  /** What the homes say, by key; never a secret. */
  readonly discovered: ReadonlyMap<SettingKey, string>;
  /** Where the JSON Schema lies, from the file. */
  readonly schema: string;
}

/**
 * A km-bootstrap.toml in which every setting stands with what it is for: the homes as they are, all else as comments with what counts
 * without them. Any single comment of a setting may be taken for a line.
 */
export function annotatedFile({ homes, discovered, schema }: AnnotatedFileOptions): string {
  const said: Partial<Record<SettingKey, string>> = {
    ...(homes.is7 !== undefined && { 'is7.home': homes.is7 }),
    ...(homes.apim !== undefined && { 'apim.home': homes.apim }),
  };
  const tables = [...new Set(SETTING_KEYS.map(tableOf))];
  const blocks = tables.map((table) => {
    const keys = SETTING_KEYS.filter((key) => tableOf(key) === table);
    const lines = keys.map((key) => settingLines(key, said[key], discovered.get(key)));
    return [...(table === '' ? [] : [`[${table}]`]), ...lines].join('\n');
  });
  return `#:schema ${schema}\n${HEAD}\n${blocks.join('\n\n')}\n\n${KEY_MANAGERS}`;
}

const HEAD = `# Settings of km-bootstrap. Options and KMB_… variables count before this file; what deployment.toml says and the defaults, after it.
# A comment with a value is what counts while the setting is not said, or an example where nothing does. \`km-bootstrap explain\` lists all
# values and where they come from.
`;

const KEY_MANAGERS = `# Nothing declared is one Key Manager, WSO2-IS-7, as in WSO2's guide. \`km-bootstrap explain key_manager\` lists every key.
# [[key_manager]]
# name = "WSO2-IS-7"

# Further tenants of API Manager, and who manages each.
# [[tenant]]
# name = "example.com"
# password_file = "/run/secrets/example-admin"
`;

function tableOf(key: SettingKey): string {
  return key.split('.').slice(0, -1).join('.');
}

function settingLines(key: SettingKey, said: string | undefined, discovered: string | undefined): string {
  const { meaning, kind, otherwise } = settingDefinition(key);
  const name = key.split('.').at(-1) ?? '';
  const comment = `# ${meaning}${otherwise === undefined ? '' : `; when not said: ${otherwise}`}`;
  if (kind === 'secret')
    return `${comment}; or ${environmentName(key)}\n# ${name}_file = "/run/secrets/${key.replace('.', '-')}"`;
  if (said !== undefined) return `${comment}\n${name} = ${JSON.stringify(said)}`;
  return `${comment}\n# ${name} = ${literal(settingDefinition(key), discovered)}`;
}

const EXAMPLE: Readonly<Record<SettingDefinition['kind'], string | number | boolean>> = {
  text: '…',
  path: '/path/to/it',
  url: 'https://example.com:9443',
  endpoint: 'https://example.com:8243/pizza',
  integer: 0,
  boolean: false,
  duration: '60s',
  version: '4.5.0',
  secret: '',
  choice: '',
  address: '127.0.0.1:9095',
};

function literal({ kind, default: usual, choices }: SettingDefinition, discovered: string | undefined): string {
  if (discovered !== undefined)
    return /^(\d+|true|false)$/.test(discovered) && kind !== 'text' ? discovered : JSON.stringify(discovered);
  return JSON.stringify(usual ?? choices?.[0] ?? EXAMPLE[kind]);
}
