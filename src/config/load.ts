import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseDotenv } from 'dotenv';
import { parse as parseToml, TomlError } from 'smol-toml';
import { BootstrapError } from '../errors.js';
import type { ProxySettings } from '../http/proxy.js';
import { suggestion } from './nearest.js';
import { environmentName, isSettingKey, SETTING_KEYS, type SettingKey } from './settings.js';

/** A value as it was found, not yet checked, and where it was found. */
export interface FoundSetting {
  readonly raw: unknown;
  /** `--is7-url`, `KMB_IS7_URL`, `km-bootstrap.toml`. */
  readonly source: string;
}

export interface LoadedSettings {
  readonly found: ReadonlyMap<SettingKey, FoundSetting>;
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

const DEFAULT_CONFIG_FILE = 'km-bootstrap.toml';
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
  return { found: new Map([...file, ...variables, ...flags]), problems };
}

function readConfigFile(
  given: string | undefined,
  workingFolder: string,
  problems: string[],
): Map<SettingKey, FoundSetting> {
  const path = given ?? join(workingFolder, DEFAULT_CONFIG_FILE);
  if (given === undefined && !existsSync(path)) return new Map();
  const source = given ?? DEFAULT_CONFIG_FILE;
  const found = new Map<SettingKey, FoundSetting>();
  for (const [key, raw] of flatten(singleKeyManager(parseConfigFile(path), source, problems))) {
    if (isSettingKey(key)) found.set(key, { raw, source });
    else problems.push(`${source}: there is no setting ${key}${suggestion(key, SETTING_KEYS)}`);
  }
  return found;
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

/** `[[key_manager]]` is a list so that several fit; until then the one there is stands for `key_manager.*`. */
function singleKeyManager(table: Record<string, unknown>, source: string, problems: string[]): Record<string, unknown> {
  const declared = table['key_manager'];
  if (!Array.isArray(declared)) return table;
  if (declared.length > 1) problems.push(`${source}: several [[key_manager]] are not supported yet; declare one`);
  return { ...table, key_manager: declared[0] };
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
  const found = new Map<SettingKey, FoundSetting>();
  for (const [name, key] of Object.entries(GUIDE_VARIABLES)) {
    if (environment[name]) found.set(key, { raw: environment[name], source: name });
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('KMB_') || value === undefined) continue;
    const direct = names.get(name);
    const pointed = name.endsWith('_FILE') ? names.get(name.slice(0, -'_FILE'.length)) : undefined;
    if (direct) found.set(direct, { raw: value, source: name });
    else if (!pointed) problems.push(`${name}: there is no such variable${suggestion(name, [...names.keys()])}`);
    else if (environment[environmentName(pointed)] !== undefined)
      problems.push(`${name} and ${environmentName(pointed)} are both set; set one`);
    else readPointedFile(name, value, pointed, found, problems);
  }
  return found;
}

/** `NAME_FILE` beside any `NAME`: a mounted secret; one trailing line break is not part of it. */
function readPointedFile(
  name: string,
  path: string,
  key: SettingKey,
  found: Map<SettingKey, FoundSetting>,
  problems: string[],
): void {
  try {
    found.set(key, { raw: readFileSync(path, 'utf8').replace(/\r?\n$/, ''), source: name });
  } catch (error) {
    problems.push(`${name}: cannot read ${path}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
