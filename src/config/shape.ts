import { isIPv6 } from 'node:net';
import { maskUrl, Secret } from '../secret.js';
import { suggestion } from './nearest.js';

/** Where a value stands (`key_manager[0].issuer`), and who is told what is wrong with it. */
export interface Spot {
  readonly path: string;
  /** `key`: the key itself is wrong, and not its value. */
  report(path: string, problem: string, at?: 'key'): void;
}

/** A kind of value: how it is read, and how JSON Schema says the same to an editor. */
export interface Parser<T> {
  /** Checks one value; undefined when it was refused, and then a problem has been reported. */
  parse(raw: unknown, spot: Spot): T | undefined;
  readonly schema: JsonSchema;
}

/** One key of a table: what it takes and what it is for. */
export interface Key<T> {
  readonly parser: Parser<T>;
  readonly meaning: string;
}

export type Shape = Readonly<Record<string, Key<unknown>>>;

/** What a table of this shape comes to; every key may be absent. */
export type Parsed<S extends Shape> = { readonly [Name in keyof S]?: S[Name] extends Key<infer T> ? T : never };

export function key<T>(parser: Parser<T>, meaning: string): Key<T> {
  return { parser, meaning };
}

/** Keys beside which `<key>_file` names a file that holds the value, in a Key Manager and in a tenant. */
export const MOUNTABLE_KEYS = ['password', 'pem'] as const;

/** A table with these keys and no others; a misspelt one is named with the nearest that exists. */
export function table<S extends Shape>(shape: S, required: readonly (keyof S & string)[] = []): Parser<Parsed<S>> {
  return {
    schema: { ...tableSchema(shape), ...(required.length > 0 && { required }) },
    parse(raw, spot) {
      if (!isTable(raw)) return refuse(spot, 'must be a table');
      const parsed: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(raw)) {
        // It stood in a file that could not be read, which has been said.
        if (value === undefined) continue;
        const path = `${spot.path}.${name}`;
        const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
        if (!known) spot.report(path, `there is no such key${suggestion(name, Object.keys(shape))}`, 'key');
        const result = known?.parser.parse(value, { ...spot, path });
        if (result !== undefined) parsed[name] = result;
      }
      const missing = required.filter((name) => raw[name] === undefined);
      for (const name of missing) spot.report(`${spot.path}.${name}`, 'is missing');
      return parsed as Parsed<S>;
    },
  };
}

function tableSchema(shape: Shape): JsonSchema {
  const properties = Object.entries(shape).map(([name, { parser, meaning }]): [string, JsonSchema] => [
    name,
    { description: meaning, ...parser.schema },
  ]);
  const mounted = MOUNTABLE_KEYS.filter((name) => Object.hasOwn(shape, name));
  const files = mounted.map((name): [string, JsonSchema] => [
    `${name}_file`,
    { description: `file that holds ${name}`, type: 'string', minLength: 1 },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries([...properties, ...files]),
    additionalProperties: false,
    ...(mounted.length > 0 && { allOf: mounted.map((name) => ({ not: { required: [name, `${name}_file`] } })) }),
  };
}

/** What a value must be besides: `problem` says what is wrong with one that is not. */
export function narrowed<T>(
  parser: Parser<T>,
  schema: JsonSchema,
  problem: (value: T) => string | undefined,
): Parser<T> {
  return {
    schema: { ...parser.schema, ...schema },
    parse(raw, spot) {
      const value = parser.parse(raw, spot);
      const wrong = value === undefined ? undefined : problem(value);
      return wrong === undefined ? value : refuse(spot, wrong);
    },
  };
}

/** Text that is not blank, at most so many characters long. */
export function text({ max }: { max?: number } = {}): Parser<string> {
  return {
    schema: { type: 'string', pattern: '\\S', ...(max !== undefined && { maxLength: max }) },
    parse(raw, spot) {
      if (typeof raw !== 'string') return refuse(spot, 'must be a text in quotes');
      if (raw.trim() === '') return refuse(spot, 'is empty');
      if (max !== undefined && raw.length > max)
        return refuse(spot, `has ${raw.length} characters, and at most ${max} are allowed`);
      return raw;
    },
  };
}

export function secret(): Parser<Secret> {
  return {
    schema: { ...text().schema, writeOnly: true },
    parse(raw, spot) {
      const written = text().parse(raw, spot);
      return written === undefined ? undefined : new Secret(written);
    },
  };
}

/** true or false; the words count too, since variables are text. */
export function flag(): Parser<boolean> {
  return {
    schema: { anyOf: [{ type: 'boolean' }, { enum: ['true', 'false'] }] },
    parse(raw, spot) {
      if (raw === true || raw === 'true') return true;
      if (raw === false || raw === 'false') return false;
      return refuse(spot, 'must be true or false');
    },
  };
}

export function choice<const Word extends string>(words: readonly Word[]): Parser<Word> {
  return {
    schema: { enum: words },
    parse(raw, spot) {
      const chosen = words.find((word) => word === raw);
      return chosen ?? refuse(spot, `must be ${words.join(' or ')}, not ${shown(raw)}${hintFor(raw, words)}`);
    },
  };
}

/** From 0 to 99999; the digits count as text too, since variables are text. */
export function wholeNumber(): Parser<number> {
  return {
    schema: {
      anyOf: [
        { type: 'integer', minimum: 0, maximum: 99_999 },
        { type: 'string', pattern: '^\\d{1,5}$' },
      ],
    },
    parse(raw, spot) {
      const digits = ['number', 'bigint', 'string'].includes(typeof raw) ? String(raw) : '';
      if (/^\d{1,5}$/.test(digits)) return Number(digits);
      return refuse(spot, `must be a whole number from 0 to 99999, not ${shown(raw)}`);
    },
  };
}

const DURATION_UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `30d`; milliseconds come back. */
export function duration(): Parser<number> {
  return {
    schema: { type: 'string', pattern: '^\\d+(ms|s|m|h|d)$' },
    parse(raw, spot) {
      const [, amount, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(typeof raw === 'string' ? raw : '') ?? [];
      if (amount !== undefined) return Number(amount) * (DURATION_UNIT_MS[unit] ?? 0);
      return refuse(spot, `must be a duration such as 90s or 5m, not ${shown(raw)}`);
    },
  };
}

/** Where to listen. */
export interface ListenAddress {
  /** A host name or an address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:9095`, `[::1]:9095`, `localhost:9095`. */
export function listenAddress(): Parser<ListenAddress> {
  return {
    schema: { type: 'string', pattern: '^(\\[[0-9A-Fa-f:.]+\\]|[A-Za-z0-9._-]+):\\d{1,5}$' },
    parse(raw, spot) {
      const written = text().parse(raw, spot);
      if (written === undefined) return undefined;
      const [, ipv6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(written) ?? [];
      const host = ipv6 ?? name;
      if (host === undefined || Number(port) > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6)))
        return refuse(spot, `must be address:port such as 127.0.0.1:9095 or [::1]:9095, not ${shown(written)}`);
      return { host, port: Number(port) };
    },
  };
}

/** A release as the servers name theirs: `4.5`, `4.5.0`. */
export function version(): Parser<string> {
  return narrowed(text(), { pattern: VERSION.source }, (written) =>
    VERSION.test(written) ? undefined : `must be a version such as 4.5.0, not ${shown(written)}`,
  );
}

const VERSION = /^\d+\.\d+(\.\d+)*$/;

/** A list; from a variable it comes as one text with commas. */
export function list<T>(item: Parser<T>): Parser<readonly T[]> {
  return {
    schema: listSchema(item.schema),
    parse(raw, spot) {
      const items = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw;
      if (!Array.isArray(items)) return refuse(spot, 'must be a list');
      const parsed = items.map((value, index) => item.parse(value, { ...spot, path: `${spot.path}[${index}]` }));
      return parsed.filter((value) => value !== undefined);
    },
  };
}

function listSchema(items: JsonSchema): JsonSchema {
  const array = { type: 'array', items };
  if (items['type'] !== 'string') return array;
  return { anyOf: [array, { type: 'string', pattern: '^[^,]*[^,\\s][^,]*(,[^,]*[^,\\s][^,]*)*$' }] };
}

const AUTHORITY = '[^\\s/?#@\\\\]+';

/** An absolute https URL, as it was written. */
export function httpsUrl(): Parser<string> {
  return urlOf(['https:'], 'must be an https:// URL');
}

/** An absolute URL, path and query included, that need not be https. */
export function httpUrl(): Parser<string> {
  return urlOf(['http:', 'https:'], 'must be an http:// or https:// URL');
}

function urlOf(protocols: readonly string[], problem: string): Parser<string> {
  const scheme = protocols.length > 1 ? 'https?' : 'https';
  return {
    schema: { type: 'string', pattern: `^${scheme}://${AUTHORITY}([/?]([^#]*[^#\\s])?)?$` },
    parse(raw, spot) {
      const written = text().parse(raw, spot);
      if (written === undefined) return undefined;
      const url = URL.canParse(written) ? new URL(written) : undefined;
      if (!url || !protocols.includes(url.protocol) || written !== written.trim())
        return refuse(spot, `${problem}, not ${shown(maskUrl(written))}`);
      if (url.username || url.password) return refuse(spot, 'must not hold a user name or password');
      if (url.hash) return refuse(spot, 'must not hold a fragment (#)');
      return written;
    },
  };
}

/** `https://host:port` and nothing behind it; a slash at the end is dropped. */
export function httpsOrigin(): Parser<string> {
  const url = urlOf(['https:'], 'must be https://host:port');
  return {
    schema: { type: 'string', pattern: `^https://${AUTHORITY}/?$` },
    parse(raw, spot) {
      const written = url.parse(raw, spot);
      if (written === undefined) return undefined;
      const { pathname, search, origin } = new URL(written);
      return pathname === '/' && !search ? origin : refuse(spot, 'must be https://host:port, without a path');
    },
  };
}

/** One kind of value or another: a text, or a table of texts. */
export function textOrTexts(): Parser<string | Readonly<Record<string, string>>> {
  return {
    schema: { anyOf: [text().schema, { type: 'object', additionalProperties: { type: 'string' } }] },
    parse(raw, spot) {
      if (typeof raw === 'string') return text().parse(raw, spot);
      if (!isTable(raw)) return refuse(spot, 'must be a text in quotes or a table of texts');
      const odd = Object.entries(raw).filter(([, value]) => typeof value !== 'string');
      for (const [name] of odd) spot.report(`${spot.path}.${name}`, 'must be a text in quotes');
      return odd.length > 0 ? undefined : (raw as Record<string, string>);
    },
  };
}

/** Keys that nobody here knows, for what one server or another takes: text, true and false. */
export function anyProperties(): Parser<Readonly<Record<string, string | boolean>>> {
  return {
    schema: { type: 'object', additionalProperties: { type: ['string', 'boolean'] } },
    parse(raw, spot) {
      if (!isTable(raw)) return refuse(spot, 'must be a table');
      const odd = Object.entries(raw).filter(([, value]) => typeof value !== 'string' && typeof value !== 'boolean');
      for (const [name] of odd) spot.report(`${spot.path}.${name}`, 'must be a text in quotes, true or false');
      return odd.length > 0 ? undefined : (raw as Record<string, string | boolean>);
    },
  };
}

export function isTable(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}

/** A value in a message; of a long one its beginning. */
function shown(raw: unknown): string {
  const said = typeof raw === 'bigint' ? String(raw) : (JSON.stringify(raw) ?? String(raw));
  return said.length > 60 ? `${said.slice(0, 59)}…` : said;
}

function hintFor(raw: unknown, words: readonly string[]): string {
  return typeof raw === 'string' ? suggestion(raw, words) : '';
}

function refuse({ path, report }: Spot, problem: string): undefined {
  report(path, problem);
  return undefined;
}

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;
