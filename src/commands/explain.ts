import type { ExplainCommand } from '../cli/command.js';
import { MESSAGES } from '../cli/errors.js';
import { createConfig } from '../composition/config.js';
import { loadSettings } from '../config/load.js';
import { suggestion } from '../config/nearest.js';
import { parseSettings } from '../config/parse.js';
import { environmentName, isSettingKey, SETTING_KEYS, type SettingKey, settingDefinition } from '../config/settings.js';
import { BootstrapError, toBootstrapError } from '../errors.js';
import { ERRORS, explainCode, NOTICES } from '../explain/catalogue.js';
import { type ExplainedSetting, explainSetting, type KnownSettings } from '../explain/settings.js';
import { explainTableKey, tableKeys } from '../explain/tables.js';
import { codeText, settingsText, settingText, tableKeysText } from '../explain/text.js';
import type { CommandContext } from './context.js';
import { openHomes } from './run.js';

/**
 * Says what a code means, or what a setting is and where that comes from; without a word, so of all settings. A configuration with
 * problems is explained as far as it goes; then they are told.
 *
 * @returns the exit code
 * @throws BootstrapError `USAGE` for a word that is neither; `CONFIG_INVALID` at the end
 */
export function runExplainCommand(command: ExplainCommand, context: CommandContext): number {
  const { word, output } = command;
  const print = (text: string, ...lines: readonly object[]) =>
    context.reporter.print(output.json ? lines.map((line) => `${JSON.stringify(line)}\n`).join('') : text);
  const code = word === undefined ? undefined : explainCode(word.toUpperCase());
  if (code) {
    print(codeText(code), { type: 'code', ...code });
    return 0;
  }
  const { known, declared, failure } = knownSettings(command, context);
  const key = settingNamed(word);
  const tableKey = word === undefined ? undefined : explainTableKey(word, declared);
  if (word === undefined) {
    const settings = SETTING_KEYS.map((each) => explainSetting(each, known));
    print(settingsText(settings), ...settings.map(settingLine));
  } else if (key) {
    const setting = explainSetting(key, known);
    print(settingText(setting), settingLine(setting));
  } else if (tableKey) {
    print(tableKeysText(tableKey), ...tableKey.map((each) => ({ type: 'key', ...each })));
  } else {
    throw unknownWord(word);
  }
  if (failure) throw failure;
  return 0;
}

interface Known {
  readonly known: KnownSettings;
  readonly declared: Pick<ReturnType<typeof loadSettings>, 'keyManagers' | 'tenants' | 'nodes'>;
  /** Why the configuration could not be used. */
  readonly failure?: BootstrapError;
}

function knownSettings(
  { settings: flags, configFile }: ExplainCommand,
  { environment, workingFolder }: CommandContext,
): Known {
  const loaded = loadSettings({ flags, configFile, workingFolder }, environment);
  try {
    const settings = parseSettings(loaded);
    const discovery = { settings, homes: openHomes(settings, environment) };
    // What contradicts itself is told once, and not for every setting.
    createConfig(settings, discovery.homes);
    return { known: { found: loaded.found, discovery }, declared: loaded };
  } catch (thrown) {
    return { known: { found: loaded.found }, declared: loaded, failure: toBootstrapError(thrown) };
  }
}

/** A setting by its key, its variable or the variable that names its file. */
function settingNamed(word: string | undefined): SettingKey | undefined {
  if (word === undefined) return undefined;
  if (isSettingKey(word)) return word;
  const variable = word.replace(/_FILE$/, '');
  return SETTING_KEYS.find((key) => environmentName(key) === variable);
}

function settingLine(setting: ExplainedSetting): object {
  const { meaning, default: usual, otherwise, readBy } = settingDefinition(setting.key);
  return {
    type: 'setting',
    ...setting,
    meaning,
    default: usual,
    otherwise,
    readBy,
    variable: environmentName(setting.key),
  };
}

function unknownWord(word: string): BootstrapError {
  const words = [...SETTING_KEYS, ...tableKeys(), ...Object.keys(ERRORS), ...Object.keys(NOTICES)];
  return new BootstrapError(MESSAGES.USAGE.unknownWord(word, suggestion(word, words)));
}
