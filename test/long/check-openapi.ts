// Records every exchange of the Key Manager steps with the sandbox, for each release, and validates it against the servers' own OpenAPI
// definitions: paths, methods, query parameters, bodies, statuses, answers. Every object that names its properties takes no others, those
// of an allOf together. null is no value unless the definition says nullable. Then each request is changed in one place after another
// (unknown field, wrong type, null, too long, not in the list), and each change must fail.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { Ajv, type ValidateFunction } from 'ajv';
import { load as parseYaml } from 'js-yaml';
import { echo } from 'zx';
import { type Exchange, recordExchanges } from '../key-manager/record-exchanges.js';

const folder = process.argv[2] ?? '';
if (!folder) {
  echo('usage: ./scripts/check-openapi DIR');
  process.exit(64);
}

/** A schema of an OpenAPI definition, or a reference to one; what is looked at here only. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  nullable?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean;
  allOf?: Schema[];
  items?: Schema;
  enum?: unknown[];
  example?: unknown;
  maxLength?: number;
  minLength?: number;
}

interface Body {
  $ref?: string;
  required?: boolean;
  content?: Record<string, { schema: Schema }>;
}

interface Parameter {
  $ref?: string;
  in: string;
  name: string;
}

interface Operation {
  parameters?: Parameter[];
  requestBody?: Body;
  responses: Record<string, Body>;
}

interface Document {
  components: object;
  paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>;
}

interface Definition {
  readonly name: string;
  readonly document: Document;
  readonly validators: Map<string, ValidateFunction>;
}

/** An operation, its own parameters and those of its path. */
interface Found {
  /** Method and path as the definition writes it. */
  readonly id: string;
  readonly operation: Operation;
  readonly parameters: readonly Parameter[];
}

interface Mutant {
  readonly what: string;
  readonly mutant: Record<string, unknown>;
}

/** Which definition a path belongs to, for a release of API Manager. */
const DEFINITIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  4.3: { '/api/am/admin/v4': 'admin-4.3.0', '/client-registration/v0.17': 'dcr' },
  4.5: {
    '/api/am/admin/v4': 'admin-4.5.0',
    '/api/am/devportal/v3': 'devportal-4.5.0',
    '/client-registration/v0.17': 'dcr',
  },
};

/** Where the servers' own code and tests are known to differ from their definitions; each is counted and printed. */
const KNOWN_DIFFERENCES = {
  'POST /register answers callBackURL': 'RegistrationServiceImpl names it so',
  'POST /key-managers/discover answers no name': 'discovery cannot know one',
  'POST /key-managers answers 404': '900607, a role in its permissions that does not exist',
  'DELETE /key-managers/{keyManagerId} answers 412': '902015, it is used',
  'an optional member is null in an answer': 'the servers write null for what is not set (enableTokenGeneration)',
  'a member has the type of its own example':
    'client registration gives and takes booleans, a setting has a text as default',
  'a connector setting lists texts as values': 'the connector of IS 7 lists "Enable" for enable_roles_creation',
  'a token rule has a text as value': 'a regular expression with REFERENCE, where JWT has an object',
};

const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const definitions = new Map<string, Definition>();
const counts = { requests: 0, answers: 0, outside: 0, mutations: 0, nulls: 0, closed: 0, merged: 0 };
const failures: string[] = [];
const differences = new Set<keyof typeof KNOWN_DIFFERENCES>();

for (const [release, bases] of Object.entries(DEFINITIONS)) {
  for (const exchange of await recordExchanges(release)) await check(exchange, release, bases);
}

echo(
  `requests: ${counts.requests}, answers: ${counts.answers}, outside the definitions (OAuth, IS 7): ${counts.outside}`,
);
echo(`mutations: ${counts.mutations}, all of which must be refused`);
echo(
  `objects that take no unnamed member: ${counts.closed}, of ${counts.merged} the parts of an allOf together; nulls in answers: ${counts.nulls}`,
);
for (const difference of differences) echo(`known difference: ${difference} (${KNOWN_DIFFERENCES[difference]})`);
for (const failure of failures) echo(`FAILED ${failure}`);
echo(`${counts.requests + counts.answers + counts.mutations - failures.length} passed, ${failures.length} failed`);
process.exit(failures.length > 0 ? 1 : 0);

async function check(exchange: Exchange, release: string, bases: Readonly<Record<string, string>>): Promise<void> {
  const url = new URL(exchange.url);
  const [base, file] = Object.entries(bases).find(([prefix]) => url.pathname.startsWith(`${prefix}/`)) ?? [];
  if (base === undefined || file === undefined) {
    counts.outside++;
    return;
  }
  const definition = await load(file);
  const name = `${release} ${exchange.method} ${url.pathname}`;
  const found = operationOf(definition, exchange.method, url.pathname.slice(base.length));
  if (!found) {
    failures.push(`${name}: there is no such operation`);
    return;
  }
  checkQuery(found, url, name);
  checkRequest(definition, found, exchange, name);
  checkAnswer(definition, found, exchange, name);
}

function checkQuery({ parameters }: Found, url: URL, name: string): void {
  const known = parameters.filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
  for (const key of url.searchParams.keys()) {
    if (!known.includes(key)) failures.push(`${name}: there is no query parameter ${key}`);
  }
}

function checkRequest(
  definition: Definition,
  { operation }: Found,
  { body, contentType = '' }: Exchange,
  name: string,
): void {
  counts.requests++;
  const described = operation.requestBody && resolve(definition, operation.requestBody);
  if (body === undefined) {
    if (described?.content && described.required) failures.push(`${name}: a body is missing`);
    return;
  }
  const type = contentType.split(';')[0] ?? '';
  const schema = described?.content?.[type]?.schema;
  if (!schema) {
    failures.push(`${name}: takes no ${type}`);
    return;
  }
  const validate = validator(definition, schema);
  if (!validate(body)) failures.push(`${name}: ${ajv.errorsText(validate.errors)}`);
  for (const { what, mutant } of mutants(definition, schema, body)) {
    counts.mutations++;
    if (validate(mutant)) failures.push(`${name}: accepted although ${what}`);
  }
}

function checkAnswer(definition: Definition, { id, operation }: Found, { status, text }: Exchange, name: string): void {
  counts.answers++;
  const response = operation.responses[status] ?? operation.responses['default'];
  const documented = response && resolve(definition, response);
  // A failure inside is documented nowhere and has the body of every other refusal.
  if (!documented && status !== 500 && status !== 401 && !isKnown(`${id} answers ${status}`)) {
    failures.push(`${name}: ${status} is not documented`);
  }
  const content = documented?.content?.['application/json'] ?? Object.values(documented?.content ?? {})[0];
  if (!content) {
    if (text !== '' && status < 300) failures.push(`${name}: ${status} has a body that is not documented`);
    return;
  }
  if (text === '') {
    failures.push(`${name}: ${status} has no body`);
    return;
  }
  const answer = withoutUnsetNulls(definition, content.schema, JSON.parse(text)) as Record<string, unknown>;
  const value = answer['value'] as { name?: string } | undefined;
  if ('callBackURL' in answer && isKnown(`${id} answers callBackURL`)) delete answer['callBackURL'];
  if (value && !value.name && isKnown(`${id} answers no name`)) value.name = 'any';
  const validate = validator(definition, content.schema);
  if (!validate(answer)) failures.push(`${name} answers ${status}: ${ajv.errorsText(validate.errors)}`);
}

/** Takes out the null members that are neither required nor nullable, and counts them; any other null stays and is validated. */
function withoutUnsetNulls(definition: Definition, schema: Schema = {}, value: unknown): unknown {
  const resolved = resolve(definition, schema);
  if (Array.isArray(value)) return value.map((item) => withoutUnsetNulls(definition, resolved.items, item));
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {}, required = [] } = resolved;
  const isUnset = ([name, member]: readonly [string, unknown]) =>
    member === null && !required.includes(name) && properties[name] && !resolve(definition, properties[name]).nullable;
  const members = Object.entries(value).filter((entry) => {
    if (!isUnset(entry)) return true;
    counts.nulls++;
    return !isKnown('an optional member is null in an answer');
  });
  return Object.fromEntries(
    members.map(([name, member]) => [name, withoutUnsetNulls(definition, properties[name], member)]),
  );
}

function isKnown(difference: string): boolean {
  if (!Object.hasOwn(KNOWN_DIFFERENCES, difference)) return false;
  differences.add(difference as keyof typeof KNOWN_DIFFERENCES);
  return true;
}

async function load(name: string): Promise<Definition> {
  const known = definitions.get(name);
  if (known) return known;
  const document = parseYaml(await readFile(join(folder, `${name}.yaml`), 'utf8')) as Document;
  const definition: Definition = { name, document, validators: new Map() };
  closeSchemas(document);
  ajv.addSchema({ $id: `${name}.json`, components: document.components }, `${name}.json`);
  definitions.set(name, definition);
  return definition;
}

function operationOf(definition: Definition, method: string, path: string): Found | undefined {
  const { document } = definition;
  for (const [template, item] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${template.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`);
    const operation = item[method.toLowerCase()];
    if (!operation || !pattern.test(path)) continue;
    // A path without parameters comes before one that it fits as well: /key-managers/discover.
    if (template.includes('{') && document.paths[path]?.[method.toLowerCase()]) continue;
    const all = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
    const id = `${method} ${template}`;
    return { id, operation, parameters: all.map((parameter) => resolve(definition, parameter)) };
  }
  return undefined;
}

function resolve<T extends { $ref?: string }>(definition: Pick<Definition, 'document'>, value: T): T {
  if (!value.$ref) return value;
  const path = value.$ref.replace('#/', '').split('/');
  const target = path.reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], definition.document);
  return resolve(definition, target as T);
}

function validator({ name, validators }: Definition, schema: Schema): ValidateFunction {
  const key = JSON.stringify(schema);
  const known = validators.get(key) ?? ajv.compile(withAbsoluteRefs(structuredClone(schema), `${name}.json`) as Schema);
  validators.set(key, known);
  return known;
}

function withAbsoluteRefs(node: unknown, base: string): unknown {
  if (Array.isArray(node)) return node.map((item) => withAbsoluteRefs(item, base));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [key, base + value] : [key, withAbsoluteRefs(value, base)],
  );
  return Object.fromEntries(entries);
}

/** Makes every object that names its properties refuse others, once the parts of each `allOf` are one object. */
function closeSchemas(document: Document): void {
  const seen = new Set<Schema>();
  for (const root of [document.components, document.paths]) visit(root, merge);
  for (const root of [document.components, document.paths]) visit(root, close);

  function merge(schema: Schema): void {
    if (!Array.isArray(schema.allOf)) return;
    const parts = schema.allOf.map((part) => {
      const resolved = resolve({ document }, part);
      merge(resolved);
      return resolved;
    });
    delete schema.allOf;
    const all: Schema[] = [...parts, { ...schema }];
    schema.type = 'object';
    schema.properties = Object.assign({}, ...all.map(({ properties }) => properties));
    schema.required = [...new Set(all.flatMap(({ required = [] }) => required))];
    if (schema.required.length === 0) delete schema.required;
    counts.merged++;
  }

  function close(schema: Schema): void {
    if (seen.has(schema)) return;
    seen.add(schema);
    if (Object.keys(schema.properties ?? {}).length > 0 && schema.additionalProperties === undefined) {
      schema.additionalProperties = false;
      counts.closed++;
    }
    takeExample(schema);
  }
}

/** Some definitions contradict themselves, and others the servers: each kind is a known difference. */
function takeExample(schema: Schema): void {
  const { example, type, title, properties = {} } = schema;
  const shown = typeof example;
  if ((type === 'string' && shown === 'boolean') || (type === 'object' && shown === 'string')) {
    isKnown('a member has the type of its own example');
    schema.type = [type, shown];
  }
  const { values, value } = properties;
  if (title === 'Key Manager Configuration' && values?.items?.type === 'object') {
    isKnown('a connector setting lists texts as values');
    values.items.type = ['object', 'string'];
  }
  if (title === 'Token handling Configuration' && value?.type === 'object') {
    isKnown('a token rule has a text as value');
    value.type = ['object', 'string'];
  }
}

/** Calls `use` for everything that looks like a schema: a member named `properties` may itself be a property. */
function visit(node: unknown, use: (schema: Schema) => void, isMap = false): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, use);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if (!isMap) use(node);
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'example' && key !== 'examples') visit(value, use, !isMap && key === 'properties');
  }
}

/** The same body with one thing wrong. */
function mutants(definition: Definition, schema: Schema, body: unknown, path = ''): readonly Mutant[] {
  const resolved = resolve(definition, schema);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
  const given = body as Record<string, unknown>;
  const { properties = {}, additionalProperties } = resolved;
  const found: Mutant[] = [];
  if (additionalProperties === false)
    found.push({ what: `${path}/unknownField is there`, mutant: { ...given, unknownField: 1 } });
  for (const [name, value] of Object.entries(body)) {
    if (!properties[name]) continue;
    const property = resolve(definition, properties[name]);
    const put = (what: string, wrong: unknown) =>
      found.push({ what: `${path}/${name} ${what}`, mutant: { ...given, [name]: wrong } });
    if (property.type) put('has the wrong type', wrongType(property));
    if (property.type && !property.nullable) put('is null', null);
    if (property.maxLength) put('is too long', 'x'.repeat(property.maxLength + 1));
    if (property.minLength) put('is empty', '');
    if (property.enum) put('is not in the list', 'NOT_IN_THE_LIST');
    if (property.type === 'array' && property.items)
      put('has an item of the wrong type', [wrongType(resolve(definition, property.items))]);
    for (const { what, mutant } of mutants(definition, property, value, `${path}/${name}`)) {
      found.push({ what, mutant: { ...given, [name]: mutant } });
    }
  }
  for (const name of resolved.required ?? []) {
    const { [name]: _, ...rest } = given;
    found.push({ what: `${path}/${name} is missing`, mutant: rest });
  }
  return found;
}

function wrongType({ type }: Schema): unknown {
  return [type].flat().includes('array') ? {} : ['neither'];
}
