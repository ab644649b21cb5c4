import { isIPv6 } from 'node:net';
import { BootstrapError } from '../errors.js';
import { type KeyManagerSettings, parseKeyManagers, parseTenants, type TenantSettings } from './key-manager.js';
import type { FoundSetting, LoadedSettings } from './load.js';
import { Secret } from './secret.js';
import { SETTINGS, type SettingDefinition, type SettingKey } from './settings.js';

interface ValueOfKind {
  text: string;
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

/** Where a server of ours listens. */
export interface ListenAddress {
  /** A host name or an address, IPv6 without brackets. */
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
}

type ValueOf<Definition extends SettingDefinition> = Definition extends { choices: readonly (infer Choice)[] }
  ? Choice
  : ValueOfKind[Definition['kind']];

/** What was said, checked and typed; what was not said is absent. Durations are milliseconds, URLs have no trailing slash. */
export type Settings = { readonly [Key in SettingKey]?: ValueOf<(typeof SETTINGS)[Key]> } & {
  /** Every declared Key Manager; absent when there is none. */
  readonly key_manager?: readonly KeyManagerSettings[];
  readonly tenant?: readonly TenantSettings[];
};

/**
 * Checks every value that was found.
 *
 * @throws BootstrapError `CONFIG_INVALID` with all problems at once, one a line.
 */
export function parseSettings({ found, keyManagers, tenants, problems: earlier }: LoadedSettings): Settings {
  const problems = [...earlier];
  const values: Partial<Record<SettingKey, unknown>> = {};
  for (const [key, setting] of found) {
    try {
      values[key] = parseValue(SETTINGS[key], setting);
    } catch (error) {
      problems.push(`${setting.source}: ${key} ${(error as Error).message}`);
    }
  }
  const declared = {
    ...(keyManagers.length > 0 && { key_manager: parseKeyManagers(keyManagers, problems) }),
    ...(tenants.length > 0 && { tenant: parseTenants(tenants, problems) }),
  };
  if (problems.length > 0) throw invalidConfiguration(problems);
  return { ...(values as Settings), ...declared };
}

/** One error for a whole list of problems. */
export function invalidConfiguration(problems: readonly string[]): BootstrapError {
  return new BootstrapError(problems.join('\n'), {
    code: 'CONFIG_INVALID',
    hint: 'Correct what is named; nothing was changed. `km-bootstrap help` lists the settings.',
  });
}

const DURATION_UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseValue(definition: SettingDefinition, { raw }: FoundSetting): unknown {
  switch (definition.kind) {
    case 'integer':
      return parseInteger(raw);
    case 'boolean':
      return parseBoolean(raw);
    case 'duration':
      return parseDuration(raw);
    case 'url':
      return parseUrl(parseText(raw));
    case 'endpoint':
      return parseEndpoint(parseText(raw));
    case 'secret':
      return new Secret(parseText(raw));
    case 'address':
      return parseAddress(parseText(raw));
    case 'choice':
      return parseChoice(parseText(raw), definition.choices ?? []);
    default:
      return parseText(raw);
  }
}

function parseText(raw: unknown): string {
  if (typeof raw !== 'string') throw new Error('must be a text in quotes');
  if (raw.trim() === '') throw new Error('is empty');
  return raw;
}

function parseInteger(raw: unknown): number {
  const text = String(raw);
  if (!/^\d{1,5}$/.test(text)) throw new Error(`must be a whole number from 0 to 99999, not ${JSON.stringify(text)}`);
  return Number(text);
}

function parseBoolean(raw: unknown): boolean {
  if (raw === true || raw === 'true') return true;
  if (raw === false || raw === 'false') return false;
  throw new Error('must be true or false');
}

/** `90s`, `5m`, `30d`; milliseconds come back. */
function parseDuration(raw: unknown): number {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(String(raw)) ?? [];
  if (amount === undefined) throw new Error(`must be a duration such as 90s or 5m, not ${JSON.stringify(String(raw))}`);
  return Number(amount) * (DURATION_UNIT_MS[unit] ?? 0);
}

function parseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:')
    throw new Error(`must be https://host:port, not ${JSON.stringify(withoutUserInfo(text))}`);
  if (url.username || url.password) throw new Error('must not hold a user name or password');
  if (url.search || url.hash || url.pathname !== '/') throw new Error('must be https://host:port, without a path');
  return url.origin;
}

/** Any address of a server, path and query included. */
function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Error(`must be an http:// or https:// URL, not ${JSON.stringify(withoutUserInfo(text))}`);
  if (url.username || url.password) throw new Error('must not hold a user name or password');
  return text;
}

/** `127.0.0.1:9095`, `[::1]:9095`, `localhost:9095`. */
function parseAddress(text: string): ListenAddress {
  const [, ipv6, name, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = ipv6 ?? name;
  if (host === undefined || Number(port) > 65_535 || (ipv6 !== undefined && !isIPv6(ipv6)))
    throw new Error(`must be address:port such as 127.0.0.1:9095 or [::1]:9095, not ${JSON.stringify(text)}`);
  return { host, port: Number(port) };
}

function withoutUserInfo(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//*****@');
}

function parseChoice(text: string, choices: readonly string[]): string {
  if (!choices.includes(text)) throw new Error(`must be ${choices.join(' or ')}, not ${JSON.stringify(text)}`);
  return text;
}
