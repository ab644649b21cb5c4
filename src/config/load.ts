import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseDotenv } from 'dotenv';
import { parse as parseToml, TomlError } from 'smol-toml';
import { BootstrapError } from '../errors.js';
import type { ProxySettings } from '../http/proxy.js';
import { type FoundTable, KEY_MANAGER_VARIABLES } from './key-manager.js';
import { suggestion } from './nearest.js';
import { environmentName, isSettingKey, SETTING_KEYS, type SettingKey } from './settings.js';
import { isTable } from './shape.js';

/** A value as it was found, not yet checked, and where it was found. */
export interface FoundSetting {
  readonly raw: unknown;
  /** `--is7-url`, `KMB_IS7_URL`, `km-bootstrap.toml`. */
  readonly source: string;
}

export interface LoadedSettings {
  readonly found: ReadonlyMap<SettingKey, FoundSetting>;
  /** Every `[[key_manager]]`; the one that variables make, if there is none. */
  readonly keyManagers: readonly FoundTable[];
  /** Every `[[tenant]]`. */
  readonly tenants: readonly FoundTable[];
  /** Everything wrong so far, one sentence each. */
  readonly problems: readonly string[];
}

export interface LoadSources {
  /** Settings that came as command-line options, and the name of each option. */
  readonly flags: ReadonlyMap<SettingKey, FoundSetting>;
  /** Given with --config; absent: `km-bootstrap.toml` in the working folder, if it is there. */
  readonly configFile?: string | undefined;
  readonly workingFolder: string;
}

/** In the working folder. */
export const DEFAULT_CONFIG_FILE = 'km-bootstrap.toml';
const GUIDE_VARIABLES = { IS7_HOME: 'is7.home', APIM_HOME: 'apim.home' } as const;

/** The process's environment with what `.env` adds to it. The only place that reads either. */
export function loadEnvironment(workingFolder: string): Readonly<Record<string, string | undefined>> {
  const file = join(workingFolder, '.env');
  return existsSync(file) ? { ...parseDotenv(readFileSync(file)), ...process.env } : process.env;
}

/** The proxy variables, in the lower- or upper-case spelling. */
export function proxySettings(environment: Readonly<Record<string, string | undefined>>): ProxySettings {
  const httpsProxy = environment['https_proxy'] || environment['HTTPS_PROXY'];
  const noProxy = environment['no_proxy'] || environment['NO_PROXY'];
  return { ...(httpsProxy ? { httpsProxy } : {}), ...(noProxy ? { noProxy } : {}) };
}

/** Finds every setting: flags before environment before configuration file. Nothing is checked yet but the names. */
export function loadSettings(
  { flags, configFile, workingFolder }: LoadSources,
  environment: Readonly<Record<string, string | undefined>>,
): LoadedSettings {
  const problems: string[] = [];
  const file = readConfigFile(configFile, workingFolder, problems);
  const variables = readVariables(environment, problems);
  return {
    found: new Map([...file.settings, ...variables, ...flags]),
    keyManagers: withVariables(file.keyManagers, environment, problems),
    tenants: file.tenants,
    problems,
  };
}

interface ConfigFile {
  readonly settings: ReadonlyMap<SettingKey, FoundSetting>;
  readonly keyManagers: readonly FoundTable[];
  readonly tenants: readonly FoundTable[];
}

function readConfigFile(given: string | undefined, workingFolder: string, problems: string[]): ConfigFile {
  const path = given ?? join(workingFolder, DEFAULT_CONFIG_FILE);
  if (given === undefined && !existsSync(path)) return { settings: new Map(), keyManagers: [], tenants: [] };
  const source = given ?? DEFAULT_CONFIG_FILE;
  const settings = new Map<SettingKey, FoundSetting>();
  const { key_manager: keyManagers, tenant: tenants, ...rest } = parseConfigFile(path);
  for (const [key, raw] of flatten(rest)) {
    if (isSettingKey(key)) settings.set(key, { raw, source });
    else problems.push(`${source}: there is no setting ${key}${suggestion(key, [...SETTING_KEYS, ...TABLES])}`);
  }
  return {
    settings,
    keyManagers: tablesIn(keyManagers, `${source}: key_manager`, problems),
    tenants: tablesIn(tenants, `${source}: tenant`, problems),
  };
}

const TABLES = ['key_manager', 'tenant'];

/** The tables of a list, or the one that stands there alone. */
function tablesIn(raw: unknown, where: string, problems: string[]): readonly FoundTable[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) return [{ raw: withMountedFiles(raw, where, problems), where }];
  return raw.map((entry, index) => {
    const here = `${where}[${index}]`;
    return { raw: withMountedFiles(entry, here, problems), where: here };
  });
}

/** `password_file` and `pem_file` stand for what is in that file, wherever in the table they are. */
function withMountedFiles(raw: unknown, where: string, problems: string[]): unknown {
  if (!isTable(raw)) return raw;
  const entries = Object.entries(raw).map(([name, value]): [string, unknown] => {
    const [, key] = /^(password|pem)_file$/.exec(name) ?? [];
    if (key === undefined || typeof value !== 'string')
      return [name, withMountedFiles(value, `${where}.${name}`, problems)];
    if (key in raw) problems.push(`${where}.${key} and ${where}.${name} are both given; give one`);
    return [key, readMounted(value, `${where}.${name}`, problems)];
  });
  return Object.fromEntries(entries);
}

function parseConfigFile(path: string): Record<string, unknown> {
  try {
    return parseToml(readFileSync(path, 'utf8'));
  } catch (cause) {
    const where = cause instanceof TomlError ? `${path}:${cause.line}:${cause.column}` : path;
    throw new BootstrapError(`${where}: ${(cause as Error).message.split('\n')[0]}`, {
      code: 'CONFIG_FILE_INVALID',
      hint: 'Correct the configuration file, or name another one with --config.',
      cause,
    });
  }
}

/** `KMB_KEY_MANAGER_*` sets the one Key Manager there is, or the default one. */
function withVariables(
  declared: readonly FoundTable[],
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): readonly FoundTable[] {
  const given = Object.entries(environment).flatMap(([name, value]) => {
    const key = keyManagerKey(name);
    return key === undefined || value === undefined ? [] : [{ name, key, value }];
  });
  if (given.length === 0) return declared;
  if (declared.length > 1) {
    problems.push(`${given.map(({ name }) => name).join(', ')}: set one Key Manager, but the file declares several`);
    return declared;
  }
  const [{ raw, where } = { raw: {}, where: 'KMB_KEY_MANAGER' }] = declared;
  const values = Object.fromEntries(given.map(({ key, value }) => [key, value]));
  const variables = Object.fromEntries(given.map(({ key, name }) => [key, name]));
  return [{ raw: isTable(raw) ? { ...raw, ...values } : raw, where, variables }];
}

/** `KMB_KEY_MANAGER_TOKEN_TYPE` → `token_type`. */
function keyManagerKey(variable: string): string | undefined {
  return KEY_MANAGER_VARIABLES.find((key) => variable === keyManagerVariable(key));
}

function keyManagerVariable(key: string): string {
  return `KMB_KEY_MANAGER_${key.toUpperCase()}`;
}

function flatten(table: object, prefix = ''): [key: string, raw: unknown][] {
  return Object.entries(table).flatMap(([name, value]) => {
    const key = prefix + name;
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
    return isTable ? flatten(value, `${key}.`) : [[key, value] as [string, unknown]];
  });
}

function readVariables(
  environment: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Map<SettingKey, FoundSetting> {
  const names = new Map(SETTING_KEYS.map((key) => [environmentName(key), key] as const));
  const known = [...names.keys(), ...KEY_MANAGER_VARIABLES.map(keyManagerVariable)];
  const found = new Map<SettingKey, FoundSetting>();
  for (const [name, key] of Object.entries(GUIDE_VARIABLES)) {
    if (environment[name]) found.set(key, { raw: environment[name], source: name });
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('KMB_') || value === undefined || keyManagerKey(name) !== undefined) continue;
    const direct = names.get(name);
    const pointed = name.endsWith('_FILE') ? names.get(name.slice(0, -'_FILE'.length)) : undefined;
    if (direct) found.set(direct, { raw: value, source: name });
    else if (!pointed) problems.push(`${name}: there is no such variable${suggestion(name, known)}`);
    else if (environment[environmentName(pointed)] !== undefined)
      problems.push(`${name} and ${environmentName(pointed)} are both set; set one`);
    else {
      const raw = readMounted(value, name, problems);
      if (raw !== undefined) found.set(pointed, { raw, source: name });
    }
  }
  return found;
}

/** The text of a mounted file; one trailing line break is not part of it. */
function readMounted(path: string, where: string, problems: string[]): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    problems.push(`${where}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
    return undefined;
  }
}
