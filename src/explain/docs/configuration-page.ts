import { keyManagerSchema, tenantSchema } from '../../config/key-manager.js';
import { nodeSchema } from '../../config/node.js';
import { environmentName, SETTING_KEYS, type SettingKey, settingDefinition } from '../../config/settings.js';
import type { JsonSchema } from '../../config/shape.js';
import { takes, unsaid } from '../words.js';

/** docs/configuration.md: every setting, and every key of `[[key_manager]]`, `[[tenant]]` and `[[node]]`. */
export function configurationPage(): string {
  const tables = [...new Set(SETTING_KEYS.map(tableOf))];
  return `# Configuration

<!-- Made by \`npm run docs\` from src/config. -->

With the two homes everything else is discovered, so that most need no other setting. What is said counts in this order: options, then the
environment, then \`km-bootstrap.toml\` in the working folder (another one with \`--config\`), then what the \`deployment.toml\` of the two
homes says, then the default. \`km-bootstrap explain\` lists every value and where it comes from, \`km-bootstrap explain KEY\` one of them.

\`km-bootstrap init\` writes an annotated file for the homes that lie in the folder or beside it, and the JSON Schema of it
(\`km-bootstrap schema\`), by which an editor completes and checks the file while you type. A key that does not exist is an error that
names the nearest one, with file, line and column.

- **Environment.** \`KMB_\` and the key in upper case, with \`_\` for the dot: \`KMB_IS7_URL\`. \`.env\` in the working folder is read and never
  overrides the environment. \`IS7_HOME\` and \`APIM_HOME\`, as in WSO2’s guide, count when \`KMB_IS7_HOME\` and \`KMB_APIM_HOME\` are not set.
- **Secrets** are never options. Any variable also comes as \`NAME_FILE\`, the path of a mounted file that holds the value; in the file a
  secret \`password\` also comes as \`password_file\`. One line break at the end is not a part of it. Both at once is an error.
- **Durations** are a number and a unit: \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`.

${tables.map(settingsTable).join('\n')}
## \`[[key_manager]]\`

Nothing declared is one Key Manager, \`WSO2-IS-7\`, as in the guide. What is not declared of a Key Manager stays as it is in API Manager.
While there is at most one, \`KMB_KEY_MANAGER_NAME\` and so on set its keys, but for those that are tables.

${schemaTables('key_manager', keyManagerSchema())}
## \`[[tenant]]\`

The tenants of API Manager besides \`carbon.super\`, whose admin is \`apim.username\`.

${schemaTables('tenant', tenantSchema())}
## \`[[node]]\`

Further homes of either server, which get the same files as the first ones: see [nodes](nodes.md).

${schemaTables('node', nodeSchema())}`;
}

function tableOf(key: SettingKey): string {
  return key.split('.').slice(0, -1).join('.');
}

function settingsTable(table: string): string {
  const rows = SETTING_KEYS.filter((key) => tableOf(key) === table).map((key) => {
    const { meaning, readBy } = settingDefinition(key);
    return row([`\`${key}\``, meaning, takes(key), whenNotSaid(key), `\`${environmentName(key)}\``, readBy]);
  });
  const title = table === '' ? 'The run as a whole' : `\`[${table}]\``;
  const head = row(['key', 'meaning', 'takes', 'when not said', 'environment', 'read by']);
  return `## ${title}\n\n${head}\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function whenNotSaid(key: SettingKey): string {
  return settingDefinition(key).default === undefined ? unsaid(key) : `\`${unsaid(key)}\``;
}

/** A table of keys, and one for each table among them. */
function schemaTables(path: string, schema: JsonSchema): string {
  const members = Object.entries(propertiesOf(schema));
  const rows = members.map(([name, member]) =>
    row([`\`${name}\``, String(member['description'] ?? ''), takesOf(member)]),
  );
  const inner = members.flatMap(([name, member]) =>
    Object.keys(propertiesOf(member)).length === 0
      ? []
      : [`### \`${path}.${name}\`\n\n${schemaTables(`${path}.${name}`, member)}`],
  );
  return [`${row(['key', 'meaning', 'takes'])}\n|---|---|---|\n${rows.join('\n')}\n`, ...inner].join('\n');
}

function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const { properties, items } = schema as { properties?: Record<string, JsonSchema>; items?: JsonSchema };
  return properties ?? (items ? propertiesOf(items) : {});
}

/** What a schema takes, in a few words. */
function takesOf(schema: JsonSchema): string {
  const { type, anyOf, items, pattern, maxLength } = schema as Partial<Record<string, string>>;
  const words = schema['enum'] as readonly string[] | undefined;
  if (words) return words.join(' | ');
  if (anyOf) return takesOf((schema['anyOf'] as JsonSchema[])[0] ?? {});
  if (items) return Object.keys(propertiesOf(schema)).length > 0 ? 'list of tables' : 'list of texts';
  if (type === 'boolean') return 'true or false';
  if (type === 'object') return 'table';
  if (schema['writeOnly']) return 'secret';
  if (pattern?.startsWith('^https://')) return 'https:// URL';
  return maxLength === undefined ? 'text' : `text of at most ${maxLength} characters`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
