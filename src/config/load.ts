import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import { BootstrapError } from '../errors.js';
import type { ProxySettings } from '../http/proxy.js';
import { readWhole } from '../io/read-whole.js';
import { processEnvironment } from './environment.js';
import { MESSAGES } from './errors.js';
import { type FoundTable, KEY_MANAGER_VARIABLES } from './key-manager.js';
import { suggestion } from './nearest.js';
import { type FindPlace, type Place, placeAt, placesIn, problemAt } from './place.js';
import { environmentName, isSettingKey, SETTING_KEYS, SETTINGS, type SettingKey } from './settings.js';
import { isTable, MOUNTABLE_KEYS } from './shape.js';

/** A value as it was found, not yet checked, and where it was found. */
export interface FoundSetting extends Place {
  readonly raw: unknown;
  /** The file that held it, when only that file's name was given. */
  readonly mounted?: string;
}

export interface LoadedSettings {
  readonly found: ReadonlyMap<SettingKey, FoundSetting>;
  /** Every `[[key_manager]]`; the one that variables make, if there is none. */
  readonly keyManagers: readonly FoundTable[];
  /** Every `[[tenant]]`. */
  readonly tenants: readonly FoundTable[];
  /** Every `[[node]]`. */
  readonly nodes: readonly FoundTable[];
  /** Everything wrong so far, one sentence each. */
  readonly problems: readonly string[];
}

export interface LoadSources {
  /** Settings that came as command-line options, and the name of each option. */
  readonly flags: ReadonlyMap<SettingKey, FoundSetting>;
  /** Given with --config; absent: `km-bootstrap.toml` in the working folder, if it is there; null: none. */
  readonly configFile?: string | null | undefined;
  readonly workingFolder: string;
}

/** In the working folder. */
export const DEFAULT_CONFIG_FILE = 'km-bootstrap.toml';
const GUIDE_VARIABLES = { IS7_HOME: 'is7.home', APIM_HOME: 'apim.home' } as const;

/**
 * The process's environment with what `.env` adds to it. The only place that reads that file.
 *
 * @param workingFolder whose `.env` is read; undefined when it is not to be believed
 * @throws BootstrapError `CONFIG_FILE_INVALID`, `VERIFICATION_OFF`
 */
export async function loadEnvironment(
  workingFolder: string | undefined,
): Promise<Readonly<Record<string, string | undefined>>> {
  const environment =
    workingFolder === undefined ? processEnvironment() : await withDotenv(join(workingFolder, '.env'));
  refuseVerificationOff(environment);
  return environment;
}

/** Every client of ours verifies, whatever these say; who sets them expects something else, and has to know. */
function refuseVerificationOff(environment: Readonly<Record<string, string | undefined>>): void {
  const name = Object.keys(VERIFICATION_OFF).find((variable) => VERIFICATION_OFF[variable]?.(environment[variable]));
  if (name === undefined) return;
  throw new BootstrapError(MESSAGES.VERIFICATION_OFF(name, environment[name]));
}

/** `NODE_PG_FORCE_NATIVE` has another client talk to PostgreSQL, which takes what to verify from elsewhere. */
const VERIFICATION_OFF: Readonly<Record<string, (value: string | undefined) => boolean>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: (value) => value === '0',
  NODE_PG_FORCE_NATIVE: (value) => value !== undefined && value !== '',
};

async function withDotenv(file: string): Promise<Readonly<Record<string, string | undefined>>> {
  if (!existsSync(file)) return processEnvironment();
  const { parse } = await import('dotenv');
  try {
    return { ...parse(readWhole(file)), ...processEnvironment() };
  } catch (cause) {
    throw new BootstrapError(MESSAGES.CONFIG_FILE_INVALID.dotEnv(file, (cause as Error).message), { cause });
  }
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
    nodes: file.nodes,
    problems,
  };
}

interface ConfigFile {
  readonly settings: ReadonlyMap<SettingKey, FoundSetting>;
  readonly keyManagers: readonly FoundTable[];
  readonly tenants: readonly FoundTable[];
  readonly nodes: readonly FoundTable[];
}

function readConfigFile(given: string | null | undefined, workingFolder: string, problems: string[]): ConfigFile {
  const path = given ?? join(workingFolder, DEFAULT_CONFIG_FILE);
  if (given === null || (given === undefined && !existsSync(path)))
    return { settings: new Map(), keyManagers: [], tenants: [], nodes: [] };
  const file = given ?? DEFAULT_CONFIG_FILE;
  const text = readConfigText(path, file);
  const { key_manager: keyManagers, tenant: tenants, node: nodes, ...rest } = parseConfigText(text, file);
  const place = placesIn(file, text);
  return {
    settings: settingsIn(rest, place, problems),
    keyManagers: tablesIn(keyManagers, 'key_manager', place, problems),
    tenants: tablesIn(tenants, 'tenant', place, problems),
    nodes: tablesIn(nodes, 'node', place, problems),
  };
}

const TABLES = ['key_manager', 'tenant', 'node'];

function settingsIn(tables: object, place: FindPlace, problems: string[]): Map<SettingKey, FoundSetting> {
  const settings = new Map<SettingKey, FoundSetting>();
  const entries = new Map(flatten(tables));
  for (const [key, raw] of entries) {
    const secret = secretOfFile(key);
    if (isSettingKey(key)) settings.set(key, { raw, ...place(key) });
    else if (secret === undefined)
      problems.push(problemAt(place(key, 'key'), `there is no setting ${key}${suggestion(key, knownKeys())}`));
    else addMounted(secret, raw, place(key));
  }
  return settings;

  function addMounted(key: SettingKey, path: unknown, spot: Place): void {
    if (entries.has(key)) problems.push(problemAt(spot, `${key} and ${key}_file are both given; give one`));
    else if (typeof path !== 'string') problems.push(problemAt(spot, `${key}_file must be a text in quotes`));
    else {
      const raw = readMounted(path, spot, `${key}_file`, problems);
      if (raw !== undefined) settings.set(key, { raw, ...spot, mounted: path });
    }
  }
}

/** `apim.password_file` names the file that holds `apim.password`; only secrets come so. */
function secretOfFile(key: string): SettingKey | undefined {
  const held = key.replace(/_file$/, '');
  return held !== key && isSettingKey(held) && SETTINGS[held].kind === 'secret' ? held : undefined;
}

function knownKeys(): readonly string[] {
  return [...SETTING_KEYS, ...TABLES];
}

/** The tables of a list, or the one that stands there alone. */
function tablesIn(raw: unknown, path: string, place: FindPlace, problems: string[]): readonly FoundTable[] {
  if (raw === undefined) return [];
  if (!Array.isArray(raw)) return [{ raw: withMountedFiles(raw, path, place, problems), path, place }];
  return raw.map((entry, index) => {
    const here = `${path}[${index}]`;
    return { raw: withMountedFiles(entry, here, place, problems), path: here, place };
  });
}

/** `password_file` and `pem_file` stand for what is in that file, wherever in the table they are. */
function withMountedFiles(raw: unknown, path: string, place: FindPlace, problems: string[]): unknown {
  if (!isTable(raw)) return raw;
  const entries = Object.entries(raw).map(([name, value]): [string, unknown] => {
    const here = `${path}.${name}`;
    const key = MOUNTABLE_KEYS.find((mountable) => name === `${mountable}_file`);
    if (key === undefined || typeof value !== 'string') return [name, withMountedFiles(value, here, place, problems)];
    if (key in raw) problems.push(problemAt(place(here), `${path}.${key} and ${here} are both given; give one`));
    return [key, readMounted(value, place(here), here, problems)];
  });
  return Object.fromEntries(entries);
}

function readConfigText(path: string, file: string): string {
  try {
    return readWhole(path).toString('utf8');
  } catch (cause) {
    throw fileInvalid(`${file}: ${(cause as Error).message}`, cause);
  }
}

function parseConfigText(text: string, file: string): Record<string, unknown> {
  try {
    return parseToml(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [message = ''] = cause.message.split('\n');
    // The cause quotes the lines, which may hold a password.
    throw fileInvalid(problemAt(placeAt(file, text, cause.line, cause.column), message), undefined);
  }
}

function fileInvalid(message: string, cause: unknown): BootstrapError {
  return new BootstrapError(MESSAGES.CONFIG_FILE_INVALID.file(message), { cause });
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
  const [{ raw, path, place } = FROM_VARIABLES] = declared;
  const values = Object.fromEntries(given.map(({ key, value }) => [key, value]));
  const variables = new Map(given.map(({ key, name }) => [`${path}.${key}`, name]));
  return [
    {
      raw: isTable(raw) ? { ...raw, ...values } : raw,
      path,
      place(wanted, at) {
        const variable = variables.get(wanted.replace(/\[\d+\]$/, ''));
        return variable === undefined ? place(wanted, at) : { source: variable };
      },
    },
  ];
}

const FROM_VARIABLES: FoundTable = { raw: {}, path: 'key_manager', place: () => ({ source: 'KMB_KEY_MANAGER_…' }) };

/** `KMB_KEY_MANAGER_TOKEN_TYPE` → `token_type`. */
function keyManagerKey(variable: string): string | undefined {
  return KEY_MANAGER_VARIABLES.find((key) => variable === keyManagerVariable(key));
}

function keyManagerVariable(key: string): string {
  return `KMB_KEY_MANAGER_${key.toUpperCase()}`;
}

/** Every key with its value. A table of settings is looked into; an empty one that holds none is a key that nobody knows. */
function flatten(table: object, prefix = ''): [key: string, raw: unknown][] {
  return Object.entries(table).flatMap(([name, value]) => {
    const key = prefix + name;
    const isLookedInto = isTable(value) && !isSettingKey(key) && (holdsSettings(key) || Object.keys(value).length > 0);
    return isLookedInto ? flatten(value, `${key}.`) : [[key, value] as [string, unknown]];
  });
}

function holdsSettings(table: string): boolean {
  return SETTING_KEYS.some((key) => key.startsWith(`${table}.`));
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
      const raw = readMounted(value, { source: name }, environmentName(pointed), problems);
      if (raw !== undefined) found.set(pointed, { raw, source: name, mounted: value });
    }
  }
  return found;
}

/** The text of a mounted file; one trailing line break is not part of it. */
function readMounted(path: string, place: Place, what: string, problems: string[]): string | undefined {
  try {
    return readWhole(path)
      .toString('utf8')
      .replace(/\r?\n$/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = ['EISDIR', 'ENOTFILE', 'EFBIG'].includes(code ?? '') ? message : code;
    problems.push(problemAt(place, `${what}: cannot read ${path}: ${why}`));
    return undefined;
  }
}
