import { keyManagerSchema, tenantSchema } from './key-manager.js';
import { nodeSchema } from './node.js';
import { parserOf } from './parse.js';
import { environmentName, SETTING_KEYS, type SettingKey, settingDefinition } from './settings.js';
import type { JsonSchema } from './shape.js';

/**
 * JSON Schema of km-bootstrap.toml, from the same tables as its parser: for editors, which complete and check the file as it is written.
 * Draft 7, since TOML editors take it whatever their age; nothing that later drafts changed is used.
 */
export function configurationSchema(): JsonSchema {
  const { properties, ...settings } = tableSchema('');
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'km-bootstrap.toml',
    description: 'Settings of km-bootstrap, which makes WSO2 Identity Server 7 the Key Manager of WSO2 API Manager.',
    ...settings,
    properties: {
      ...(properties as JsonSchema),
      key_manager: {
        description: 'The Key Managers of API Manager; without any, one as the guide has it.',
        anyOf: [keyManagerSchema(), { type: 'array', items: keyManagerSchema(), ...namesOfSeveral() }],
      },
      tenant: {
        description: 'Tenants of API Manager besides carbon.super, and who manages each.',
        anyOf: [tenantSchema(), { type: 'array', items: tenantSchema() }],
      },
      node: {
        description: 'Further homes of either server, prepared as the first ones are.',
        anyOf: [nodeSchema(), { type: 'array', items: nodeSchema() }],
      },
    },
  };
}

/** A single Key Manager may go without a name. */
function namesOfSeveral(): JsonSchema {
  return { anyOf: [{ maxItems: 1 }, { items: { required: ['name'] } }] };
}

/** The settings whose keys begin with `prefix`, which is empty or ends with a dot. */
function tableSchema(prefix: string): JsonSchema {
  const keys = SETTING_KEYS.filter((key) => key.startsWith(prefix));
  const names = [...new Set(keys.map((key) => key.slice(prefix.length).replace(/\..*/, '')))];
  const secrets = names.filter((name) => isSecret(prefix + name));
  const properties = names.map((name): [string, JsonSchema] => {
    const key = keys.find((candidate) => candidate === prefix + name);
    return [name, key ? settingSchema(key) : tableSchema(`${prefix}${name}.`)];
  });
  const files = secrets.map((name): [string, JsonSchema] => [
    `${name}_file`,
    { description: `File that holds ${prefix}${name}.`, type: 'string', minLength: 1 },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries([...properties, ...files]),
    additionalProperties: false,
    ...(secrets.length > 0 && { allOf: secrets.map((name) => ({ not: { required: [name, `${name}_file`] } })) }),
  };
}

function settingSchema(key: SettingKey): JsonSchema {
  const definition = settingDefinition(key);
  const { meaning, default: usual, otherwise } = definition;
  const unsaid = otherwise === undefined ? '' : ` When it is not said: ${otherwise}.`;
  return {
    description: `${meaning}.${unsaid} Environment: ${environmentName(key)}.`,
    ...parserOf(definition).schema,
    ...(usual !== undefined && { default: usual }),
  };
}

function isSecret(key: string): boolean {
  const known = SETTING_KEYS.find((candidate) => candidate === key);
  return known !== undefined && settingDefinition(known).kind === 'secret';
}
