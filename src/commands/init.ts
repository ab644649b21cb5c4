import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import type { InitCommand } from '../cli/command.js';
import { MESSAGES } from '../cli/errors.js';
import { annotatedFile } from '../config/annotated-file.js';
import { DEFAULT_CONFIG_FILE, loadSettings } from '../config/load.js';
import { parseSettings } from '../config/parse.js';
import { SETTING_KEYS, type SettingKey, settingDefinition } from '../config/settings.js';
import { BootstrapError } from '../errors.js';
import { explainSetting } from '../explain/settings.js';
import { createFileWhole } from '../io/create-file.js';
import { DEPLOYMENT_TOML } from '../servers/layout.js';
import { PRODUCTS, type ServerId } from '../servers/server.js';
import type { CommandContext } from './context.js';
import { openHomes } from './run.js';
import { schemaText } from './schema.js';

/**
 * Writes an annotated km-bootstrap.toml for the homes that are named, or that lie in this folder or beside it, and its JSON Schema for
 * an editor. Returns the exit code.
 *
 * @throws BootstrapError `FILE_EXISTS`, `USAGE` when several homes of one server are found
 */
export async function runInitCommand(
  { settings: flags, configFile, output }: InitCommand,
  { reporter, environment, workingFolder }: CommandContext,
): Promise<number> {
  const file = configFile ?? DEFAULT_CONFIG_FILE;
  const path = isAbsolute(file) ? file : join(workingFolder, file);
  if (existsSync(path)) throw fileExists(file);
  const loaded = loadSettings({ flags, workingFolder, configFile: null }, environment);
  const named = parseSettings(loaded);
  const homes = {
    is7: named['is7.home'] ?? findHome('is7', workingFolder),
    apim: named['apim.home'] ?? findHome('apim', workingFolder),
  };
  const settings = {
    ...named,
    ...(homes.is7 && { 'is7.home': homes.is7 }),
    ...(homes.apim && { 'apim.home': homes.apim }),
  };
  const discovery = { settings, homes: openHomes(settings, environment) };
  const discovered = new Map<SettingKey, string>();
  for (const key of SETTING_KEYS) {
    const { origin, value } = explainSetting(key, { found: loaded.found, discovery });
    if (origin === 'discovered' && value !== undefined && isWritable(key, value)) discovered.set(key, value);
  }
  const schema = `${basename(file).replace(/\.toml$/, '')}.schema.json`;
  const text = annotatedFile({ homes, discovered, schema: `./${schema}` });
  if (!(await createFileWhole(path, text, 0o644))) throw fileExists(file);
  await createFileWhole(join(dirname(path), schema), schemaText(), 0o644);
  if (output.json) reporter.print(`${JSON.stringify({ type: 'init', file, homes })}\n`);
  else
    reporter.print(
      `${file} is written${homesText(homes)}.\nNext: km-bootstrap plan${configFile === undefined ? '' : ` --config ${file}`}\n`,
    );
  return 0;
}

/** The one home in a folder, or else in the folder above it. */
function findHome(server: ServerId, workingFolder: string): string | undefined {
  for (const folder of [workingFolder, dirname(workingFolder)]) {
    const names = readdirSync(folder)
      .filter((name) => isPack(server, name) && existsSync(join(folder, name, DEPLOYMENT_TOML)))
      .map((name) => relative(workingFolder, join(folder, name)));
    if (names.length > 1) throw severalHomes(server, names);
    if (names.length === 1) return names[0];
  }
  return undefined;
}

/** `wso2is-7.2.0` */
function isPack(server: ServerId, name: string): boolean {
  const { pack, oldest } = PRODUCTS[server];
  return name.startsWith(pack + oldest.slice(0, 2)) && /^\d/.test(name.slice(pack.length + 2));
}

/** No secret, nor what held one; and a certificate is discovered as a store and an alias, which the setting does not take. */
function isWritable(key: SettingKey, value: string): boolean {
  return settingDefinition(key).kind !== 'secret' && !value.includes('*****') && !key.endsWith('.certificate');
}

function homesText({ is7, apim }: Readonly<Record<ServerId, string | undefined>>): string {
  const homes = [is7, apim].filter((home) => home !== undefined);
  return homes.length === 0 ? ', without a home: none was found here' : ` for ${homes.join(' and ')}`;
}

function fileExists(file: string): BootstrapError {
  return new BootstrapError(MESSAGES.FILE_EXISTS(file));
}

function severalHomes(server: ServerId, found: readonly string[]): BootstrapError {
  return new BootstrapError(MESSAGES.USAGE.severalHomes(PRODUCTS[server].shortTitle, found, server));
}
