import { type FoundTable, keyManagerSchema, tenantSchema } from '../config/key-manager.js';
import { nodeSchema } from '../config/node.js';
import type { JsonSchema } from '../config/shape.js';
import { isTable } from '../config/shape.js';

/** A key of `[[key_manager]]`, `[[tenant]]` or `[[node]]`: what it is for, and its value in each that is declared. */
export interface ExplainedKey {
  /** `key_manager.connector.username` */
  readonly key: string;
  readonly meaning: string;
  readonly values: readonly { readonly path: string; readonly value: string; readonly source: string }[];
}

export interface DeclaredTables {
  readonly keyManagers: readonly FoundTable[];
  readonly tenants: readonly FoundTable[];
  readonly nodes: readonly FoundTable[];
}

const TABLES = {
  key_manager: { schema: keyManagerSchema, declared: 'keyManagers' },
  tenant: { schema: tenantSchema, declared: 'tenants' },
  node: { schema: nodeSchema, declared: 'nodes' },
} as const satisfies Record<string, { readonly schema: () => JsonSchema; readonly declared: keyof DeclaredTables }>;

type TableName = keyof typeof TABLES;

/**
 * What a word such as `key_manager`, `key_manager[1].issuer` or `tenant.name` is about: the key itself, or every key of the table.
 * Undefined when there is none.
 */
export function explainTableKey(word: string, declared: DeclaredTables): readonly ExplainedKey[] | undefined {
  const [, table = '', at, rest = ''] = /^(key_manager|tenant|node)(?:\[(\d+)\])?(?:\.([\w.]+))?$/.exec(word) ?? [];
  if (!isTableName(table)) return undefined;
  const names = rest === '' ? [] : rest.split('.');
  const schema = descend(TABLES[table].schema(), names);
  if (!schema) return undefined;
  const entries = declared[TABLES[table].declared].filter((_, index) => at === undefined || index === Number(at));
  const members = Object.keys(propertiesOf(schema)).map((name) => [...names, name]);
  return (members.length > 0 ? members : [names]).map((path) => explained(table, path, entries));
}

function isTableName(word: string): word is TableName {
  return Object.hasOwn(TABLES, word);
}

/** Every key that {@link explainTableKey} knows. */
export function tableKeys(): readonly string[] {
  return Object.entries(TABLES).flatMap(([name, { schema }]) => keysOf(name, schema()));
}

function keysOf(path: string, schema: JsonSchema): readonly string[] {
  const members = Object.entries(propertiesOf(schema));
  return [path, ...members.flatMap(([name, member]) => keysOf(`${path}.${name}`, member))];
}

function explained(table: TableName, names: readonly string[], found: readonly FoundTable[]): ExplainedKey {
  const schema = descend(TABLES[table].schema(), names) ?? {};
  const values = found.flatMap(({ raw, path, place }) => {
    const value = names.reduce<unknown>((inner, name) => (isTable(inner) ? inner[name] : undefined), raw);
    const full = [path, ...names].join('.');
    return value === undefined ? [] : [{ path: full, value: shown(value, schema), source: place(full).source }];
  });
  return { key: [table, ...names].join('.'), meaning: String(schema['description'] ?? ''), values };
}

function descend(schema: JsonSchema, names: readonly string[]): JsonSchema | undefined {
  return names.reduce<JsonSchema | undefined>((inner, name) => inner && propertiesOf(inner)[name], schema);
}

/** Those of a table, and of the tables in a list. */
function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const { properties, items } = schema as { properties?: Record<string, JsonSchema>; items?: JsonSchema };
  return properties ?? (items ? propertiesOf(items) : {});
}

function shown(value: unknown, schema: JsonSchema): string {
  if (schema['writeOnly'] === true) return '(set, not shown)';
  return JSON.stringify(value, (name, inner: unknown) => (name === 'password' ? '(set, not shown)' : inner));
}
