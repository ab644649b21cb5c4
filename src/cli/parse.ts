import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { FoundSetting } from '../config/load.js';
import { suggestion } from '../config/nearest.js';
import type { SettingKey } from '../config/settings.js';
import { BootstrapError } from '../errors.js';
import { SERVER_IDS } from '../servers/server.js';
import {
  type Command,
  type DownCommand,
  type HelpCommand,
  type OutputOptions,
  type SandboxCommand,
  type SandboxHomes,
  SHELLS,
  type Shell,
  type StepCommand,
  type StepCommandName,
  type UpCommand,
  type WatchCommand,
} from './command.js';
import { MESSAGES } from './errors.js';
import {
  COMMAND_DEFINITIONS,
  COMMANDS,
  type CommandDefinition,
  type CommandName,
  OPTIONS,
  type OptionDefinition,
  type OptionName,
  type Values,
} from './options.js';

/**
 * What was typed, as a command.
 *
 * @throws BootstrapError `USAGE`, with the nearest known word.
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parseOptions(argv);
  const output = outputOptions(values);
  const { name, word } = commandName(values, positionals);
  if (name === 'help') return helpCommand(word, output);
  refuseForeignOptions(name, values);
  switch (name) {
    case 'sandbox':
      return sandboxCommand(values, output);
    case 'up':
      return upCommand(values, output);
    case 'down':
      return downCommand(values, output);
    case 'watch':
      return { name, ...lookOf(values), output };
    case 'doctor':
      return { name, bundles: (values.bundle ?? []) as readonly string[], ...settingsSources(values), output };
    case 'explain':
      return { name, ...(word !== undefined && { word }), ...settingsSources(values), output };
    case 'init':
      return { name, ...settingsSources(values), output };
    case 'completion':
      return { name, shell: knownShell(word), output };
    case 'schema':
    case 'version':
      return { name, output };
    default:
      return stepCommand(name, values, output);
  }
}

function parseOptions(argv: readonly string[]): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    const message = (cause as Error).message.split('\n')[0]?.replace(/\. To specify a positional.*$/, '') ?? '';
    const [, unknown = ''] = /Unknown option '--?([^']*)'/.exec(message) ?? [];
    throw usage(message + suggestion(unknown, Object.keys(OPTIONS)));
  }
}

/** The command, and the word after it that it takes. `plan --help` is `help plan`. */
function commandName(values: Values, [first, ...rest]: readonly string[]): { name: CommandName; word?: string } {
  if (values.help) return { name: 'help', ...(first !== undefined && { word: first }) };
  if (values.version) return { name: 'version' };
  if (first === undefined) throw usage('no command given');
  const name = knownCommand(first);
  const { word }: CommandDefinition = COMMAND_DEFINITIONS[name];
  const [own, ...more] = word === undefined ? [undefined, ...rest] : rest;
  if (more.length > 0) throw usage(`${name} takes no further words, but got: ${more.join(' ')}`);
  if (word !== undefined && !word.startsWith('[') && own === undefined) throw usage(`${name} needs a word: ${word}`);
  return { name, ...(own !== undefined && { word: own }) };
}

function knownCommand(word: string): CommandName {
  const name = COMMANDS.find((command) => command === word);
  if (!name) throw usage(`there is no command ${word}${suggestion(word, COMMANDS)}`);
  return name;
}

function helpCommand(word: string | undefined, output: OutputOptions): HelpCommand {
  return { name: 'help', ...(word !== undefined && { topic: knownCommand(word) }), output };
}

function refuseForeignOptions(command: CommandName, values: Values): void {
  for (const name of Object.keys(values) as OptionName[]) {
    const { commands }: OptionDefinition = OPTIONS[name];
    if (!commands.includes(command)) throw usage(`--${name} is an option of ${commands.join(', ')}, not of ${command}`);
  }
}

function stepCommand(name: StepCommandName, values: Values, output: OutputOptions): StepCommand {
  return {
    name,
    ...lookOf(values),
    proof: choice(values, 'proof') ?? 'token',
    resend: values['resend-secret'] ? 'always' : 'changed',
    show: values.sql ? 'sql' : 'plan',
    output,
  };
}

/** What is looked at, and where it is. */
function lookOf(values: Values): Omit<WatchCommand, 'name' | 'output'> {
  const phase = choice(values, 'phase');
  return {
    ...(phase ? { phase } : {}),
    only: (values.only ?? []) as readonly string[],
    ...settingsSources(values),
    ...(values['ca-file'] ? { caFile: String(values['ca-file']) } : {}),
    hosts: hostNames(values),
  };
}

function settingsSources(values: Values): Pick<StepCommand, 'configFile' | 'settings'> {
  return { ...(values.config ? { configFile: String(values.config) } : {}), settings: settingsOf(values) };
}

function knownShell(word: string | undefined): Shell {
  const shell = SHELLS.find((candidate) => candidate === word);
  if (!shell) throw usage(`completion is for ${SHELLS.join(', ')}, not for ${word}`);
  return shell;
}

function settingsOf(values: Values): ReadonlyMap<SettingKey, FoundSetting> {
  const found = new Map<SettingKey, FoundSetting>();
  for (const [name, raw] of Object.entries(values)) {
    const { setting }: OptionDefinition = OPTIONS[name as OptionName];
    if (setting) found.set(setting, { raw, source: `--${name}` });
  }
  return found;
}

function sandboxCommand(values: Values, output: OutputOptions): SandboxCommand {
  const is7Offset = offset(values, 'is7-offset');
  const apimOffset = offset(values, 'apim-offset');
  const server = choice(values, 'server');
  return {
    name: 'sandbox',
    dir: String(values.dir ?? 'sandbox'),
    is7Version: choice(values, 'is7-version') ?? '7.2',
    apimVersion: choice(values, 'apim-version') ?? '4.5',
    ...(is7Offset === undefined ? {} : { is7Offset }),
    ...(apimOffset === undefined ? {} : { apimOffset }),
    serve: values['create-only'] ? [] : server ? [server] : SERVER_IDS,
    certificates: values['expired-certs'] ? 'expired' : 'valid',
    tenants: tenantDomains(values),
    hosts: hostNames(values),
    output,
  };
}

function tenantDomains(values: Values): readonly string[] {
  const domains = (values.tenant ?? []) as readonly string[];
  const odd = domains.find((domain) => !/^[a-z0-9][a-z0-9.-]*$/i.test(domain));
  if (odd === undefined) return domains;
  throw usage(`--tenant must be a domain, such as example.com, not ${odd}`);
}

function upCommand(values: Values, output: OutputOptions): UpCommand {
  const steps = stepCommand('apply', values, output);
  return { name: 'up', steps, afterwards: values.detach ? 'detach' : 'stay', ...sandboxHomes(values), output };
}

function downCommand(values: Values, output: OutputOptions): DownCommand {
  const { configFile, settings } = stepCommand('apply', values, output);
  return { name: 'down', ...(configFile !== undefined && { configFile }), settings, ...sandboxHomes(values), output };
}

/** Homes are made or given, not both. */
function sandboxHomes(values: Values): { readonly sandbox?: SandboxHomes } {
  const given = values['is7-home'] ?? values['apim-home'];
  const about = (['dir', 'is7-version', 'apim-version', 'expired-certs'] as const).find((name) => values[name]);
  if (!values.sandbox && about) throw usage(`--${about} is about the homes that --sandbox makes`);
  if (!values.sandbox) return {};
  if (given !== undefined) throw usage('--sandbox makes the homes: give either it or --is7-home and --apim-home');
  const { dir, is7Version, apimVersion, certificates } = sandboxCommand(values, outputOptions(values));
  return { sandbox: { dir, is7Version, apimVersion, certificates } };
}

/** `is7.test=127.0.0.1`, any number of times. */
function hostNames(values: Values): Readonly<Record<string, string>> {
  const pairs = ((values.resolve ?? []) as readonly string[]).map((text) => {
    const [, name, address] = /^([^=\s]+)=([^=\s]+)$/.exec(text) ?? [];
    if (name && address && isIP(address)) return [name.toLowerCase(), address];
    throw usage(`--resolve must be NAME=ADDRESS, such as is7.test=127.0.0.1, not ${text}`);
  });
  return Object.fromEntries(pairs);
}

function outputOptions(values: Values): OutputOptions {
  const verbose = (values.verbose as readonly boolean[] | undefined)?.length ?? 0;
  return { json: values.json === true, verbosity: values.quiet ? -1 : verbose, color: values['no-color'] !== true };
}

type ChoiceName = {
  [Name in OptionName]: (typeof OPTIONS)[Name] extends { choices: unknown } ? Name : never;
}[OptionName];

function choice<Name extends ChoiceName>(
  values: Values,
  name: Name,
): (typeof OPTIONS)[Name]['choices'][number] | undefined {
  const word = values[name];
  if (word === undefined) return undefined;
  const { choices }: { choices: readonly (typeof OPTIONS)[Name]['choices'][number][] } = OPTIONS[name];
  const chosen = choices.find((candidate) => candidate === word);
  if (chosen === undefined) throw usage(`--${name} must be ${choices.join(' or ')}, not ${word}`);
  return chosen;
}

function offset(values: Values, name: OptionName): number | undefined {
  const word = values[name];
  if (word === undefined) return undefined;
  if (!/^\d{1,5}$/.test(String(word))) throw usage(`--${name} must be a whole number, not ${word}`);
  return Number(word);
}

function usage(message: string): BootstrapError {
  return new BootstrapError(MESSAGES.USAGE.line(message));
}
