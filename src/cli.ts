import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import type { FoundSetting } from './config/load.js';
import { suggestion } from './config/nearest.js';
import type { SettingKey } from './config/settings.js';
import { BootstrapError } from './errors.js';
import type { HostNames } from './http/host-names.js';

export type StepCommandName = 'plan' | 'apply' | 'verify';

export interface OutputOptions {
  readonly json: boolean;
  /** -1 quiet, 0 normal, 1 -v, 2 -vv. */
  readonly verbosity: number;
  readonly color: boolean;
}

export interface StepCommand {
  readonly name: StepCommandName;
  readonly phase?: 'offline' | 'online';
  readonly only: readonly string[];
  readonly configFile?: string;
  readonly caFile?: string;
  readonly proof: Proof;
  readonly resend: 'changed' | 'always';
  /** `sql` prints what an administrator of the database can run, and nothing else. */
  readonly show: 'plan' | 'sql';
  /** Names that are resolved here instead of by the system. */
  readonly hosts: HostNames;
  readonly settings: ReadonlyMap<SettingKey, FoundSetting>;
  readonly output: OutputOptions;
}

export interface SandboxCommand {
  readonly name: 'sandbox';
  readonly dir: string;
  readonly is7Version: string;
  readonly apimVersion: string;
  readonly is7Offset?: number;
  readonly apimOffset?: number;
  readonly serve: readonly ('is7' | 'apim')[];
  readonly certificates: 'valid' | 'expired';
  readonly hosts: HostNames;
  readonly output: OutputOptions;
}

export type Command =
  | StepCommand
  | SandboxCommand
  | { readonly name: 'help' | 'version'; readonly output: OutputOptions };

export const PROOFS = ['off', 'keys', 'token', 'gateway'] as const;
export type Proof = (typeof PROOFS)[number];

/** Every option once: which commands take it, and the setting it stands for, if it is one. */
const STEP_COMMANDS = ['plan', 'apply', 'verify'] as const;
const COMMANDS = [...STEP_COMMANDS, 'sandbox', 'version', 'help'] as const;
type CommandName = (typeof COMMANDS)[number];

interface OptionDefinition {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly commands: readonly CommandName[];
  readonly setting?: SettingKey;
}

const OPTIONS = {
  'is7-home': { type: 'string', commands: STEP_COMMANDS, setting: 'is7.home' },
  'apim-home': { type: 'string', commands: STEP_COMMANDS, setting: 'apim.home' },
  'is7-url': { type: 'string', commands: STEP_COMMANDS, setting: 'is7.url' },
  'apim-url': { type: 'string', commands: STEP_COMMANDS, setting: 'apim.url' },
  recipe: { type: 'string', commands: STEP_COMMANDS, setting: 'recipe' },
  timeout: { type: 'string', commands: STEP_COMMANDS, setting: 'timeout' },
  'lock-timeout': { type: 'string', commands: ['apply'], setting: 'lock_timeout' },
  phase: { type: 'string', commands: STEP_COMMANDS },
  only: { type: 'string', multiple: true, commands: STEP_COMMANDS },
  config: { type: 'string', commands: STEP_COMMANDS },
  'ca-file': { type: 'string', commands: STEP_COMMANDS },
  proof: { type: 'string', commands: ['verify'] },
  'resend-secret': { type: 'boolean', commands: ['apply'] },
  sql: { type: 'boolean', commands: ['plan'] },
  resolve: { type: 'string', multiple: true, commands: [...STEP_COMMANDS, 'sandbox'] },
  dir: { type: 'string', commands: ['sandbox'] },
  'is7-version': { type: 'string', commands: ['sandbox'] },
  'apim-version': { type: 'string', commands: ['sandbox'] },
  'is7-offset': { type: 'string', commands: ['sandbox'] },
  'apim-offset': { type: 'string', commands: ['sandbox'] },
  'create-only': { type: 'boolean', commands: ['sandbox'] },
  'expired-certs': { type: 'boolean', commands: ['sandbox'] },
  server: { type: 'string', commands: ['sandbox'] },
  json: { type: 'boolean', commands: COMMANDS },
  quiet: { type: 'boolean', short: 'q', commands: COMMANDS },
  verbose: { type: 'boolean', short: 'v', multiple: true, commands: COMMANDS },
  'no-color': { type: 'boolean', commands: COMMANDS },
  help: { type: 'boolean', short: 'h', commands: COMMANDS },
  version: { type: 'boolean', commands: COMMANDS },
} as const satisfies Record<string, OptionDefinition>;

type OptionName = keyof typeof OPTIONS;
type Values = { readonly [Name in OptionName]?: string | boolean | readonly (string | boolean)[] };

/**
 * What was typed, as a command.
 *
 * @throws BootstrapError `USAGE`, with the nearest known word.
 */
export function parseCommandLine(argv: readonly string[]): Command {
  const { values, positionals } = parseOptions(argv);
  const output = outputOptions(values);
  const name = commandName(values, positionals);
  if (name === 'help' || name === 'version') return { name, output };
  refuseForeignOptions(name, values);
  return name === 'sandbox' ? sandboxCommand(values, output) : stepCommand(name, values, output);
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

function commandName(values: Values, [word, ...rest]: readonly string[]): CommandName {
  if (values.help) return 'help';
  if (values.version) return 'version';
  if (word === undefined) throw usage('no command given');
  const name = COMMANDS.find((command) => command === word);
  if (!name) throw usage(`there is no command ${word}${suggestion(word, COMMANDS)}`);
  if (rest.length > 0) throw usage(`${name} takes no further words, but got: ${rest.join(' ')}`);
  return name;
}

function refuseForeignOptions(command: CommandName, values: Values): void {
  for (const name of Object.keys(values) as OptionName[]) {
    const { commands }: OptionDefinition = OPTIONS[name];
    if (!commands.includes(command)) throw usage(`--${name} is an option of ${commands.join(', ')}, not of ${command}`);
  }
}

function stepCommand(name: StepCommandName, values: Values, output: OutputOptions): StepCommand {
  const phase = choice(values, 'phase', ['offline', 'online']);
  return {
    name,
    ...(phase ? { phase } : {}),
    only: (values.only ?? []) as readonly string[],
    ...(values.config ? { configFile: String(values.config) } : {}),
    ...(values['ca-file'] ? { caFile: String(values['ca-file']) } : {}),
    proof: choice(values, 'proof', PROOFS) ?? 'token',
    resend: values['resend-secret'] ? 'always' : 'changed',
    show: values.sql ? 'sql' : 'plan',
    hosts: hostNames(values),
    settings: settingsOf(values),
    output,
  };
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
  const server = choice(values, 'server', ['is7', 'apim']);
  return {
    name: 'sandbox',
    dir: String(values.dir ?? 'sandbox'),
    is7Version: choice(values, 'is7-version', ['7.0', '7.1', '7.2', '7.3']) ?? '7.2',
    apimVersion: choice(values, 'apim-version', ['4.3', '4.4', '4.5', '4.6', '4.7']) ?? '4.5',
    ...(is7Offset === undefined ? {} : { is7Offset }),
    ...(apimOffset === undefined ? {} : { apimOffset }),
    serve: values['create-only'] ? [] : server ? [server] : ['is7', 'apim'],
    certificates: values['expired-certs'] ? 'expired' : 'valid',
    hosts: hostNames(values),
    output,
  };
}

/** `is7.test=127.0.0.1`, any number of times. */
function hostNames(values: Values): HostNames {
  const pairs = ((values.resolve ?? []) as readonly string[]).map((text) => {
    const [, name, address] = /^([^=\s]+)=([^=\s]+)$/.exec(text) ?? [];
    if (name && address && isIP(address)) return [name.toLowerCase(), address];
    throw usage(`--resolve must be NAME=ADDRESS, such as is7.test=127.0.0.1, not ${text}`);
  });
  return Object.fromEntries(pairs) as HostNames;
}

function outputOptions(values: Values): OutputOptions {
  const verbose = (values.verbose as readonly boolean[] | undefined)?.length ?? 0;
  return { json: values.json === true, verbosity: values.quiet ? -1 : verbose, color: values['no-color'] !== true };
}

function choice<const Choice extends string>(
  values: Values,
  name: OptionName,
  choices: readonly Choice[],
): Choice | undefined {
  const word = values[name];
  if (word === undefined) return undefined;
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
  return new BootstrapError(message, { code: 'USAGE', hint: 'Run km-bootstrap help.' });
}
