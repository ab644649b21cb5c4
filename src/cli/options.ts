import type { SettingKey } from '../config/settings.js';
import { SERVER_IDS } from '../servers/server.js';
import { PROOFS } from './command.js';

const STEP_COMMANDS = ['plan', 'apply', 'verify'] as const;
/** Those that look at the facts, once or again and again. */
const LOOKING = [...STEP_COMMANDS, 'watch'] as const;
const RUN_COMMANDS = [...LOOKING, 'up'] as const;
/** Those that take the settings. */
const SETTINGS_COMMANDS = [...RUN_COMMANDS, 'explain', 'init'] as const;
/** Those that look into the homes. */
const DOCTOR_TOO = [...SETTINGS_COMMANDS, 'doctor'] as const;
const HOME_COMMANDS = [...DOCTOR_TOO, 'down'] as const;
const SANDBOX_COMMANDS = ['sandbox', 'up', 'down'] as const;
export const COMMANDS = [
  ...RUN_COMMANDS,
  'down',
  'doctor',
  'sandbox',
  'init',
  'explain',
  'schema',
  'completion',
  'version',
  'help',
] as const;
export type CommandName = (typeof COMMANDS)[number];

/** What a command does, and the word that may follow it, if one may. */
export interface CommandDefinition {
  readonly help: string;
  readonly word?: string;
}

/** Help, man page, completion and docs are made of this table and the next. */
export const COMMAND_DEFINITIONS = {
  plan: { help: 'show what would change; writes nothing' },
  apply: { help: 'make it so' },
  verify: { help: 'change nothing that lasts; online, prove that the Key Manager works' },
  watch: { help: 'sidecar: report drift, mend what is safe if told; health, metrics, a page' },
  doctor: { help: 'offline: what in homes or a support bundle breaks the Key Manager (exit 1)' },
  up: { help: 'local stack: apply offline, start both servers, apply online, verify' },
  down: { help: 'stop what up started' },
  sandbox: { help: 'stand-ins of IS 7 and API Manager, to try and to test with' },
  init: { help: 'write an annotated km-bootstrap.toml for the homes it finds' },
  explain: { help: 'what a code means; what a setting is, and where that comes from', word: '[KEY|CODE]' },
  schema: { help: 'print the JSON Schema of km-bootstrap.toml, for an editor' },
  completion: { help: 'print what completes commands and options in bash, zsh or fish', word: 'SHELL' },
  version: { help: 'print the version' },
  help: { help: 'print this text, or the options of a command', word: '[COMMAND]' },
} as const satisfies Record<CommandName, CommandDefinition>;

export interface OptionDefinition {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly commands: readonly CommandName[];
  readonly setting?: SettingKey;
  /** The words that it takes, when it takes no others. */
  readonly choices?: readonly string[];
  /** What stands for its value: DIR, FILE, PEM and STEP are completed as such. Without it the choices stand there. */
  readonly value?: string;
  /** What it is for, in a line. Neighbours with the same line share it in the help. */
  readonly help: string;
}

/** Every option once: which commands take it, the setting it stands for, if it is one, and what it is for. */
export const OPTIONS = {
  'is7-home': {
    type: 'string',
    value: 'DIR',
    commands: HOME_COMMANDS,
    setting: 'is7.home',
    help: 'the homes of the two servers; all else is discovered from them',
  },
  'apim-home': {
    type: 'string',
    value: 'DIR',
    commands: HOME_COMMANDS,
    setting: 'apim.home',
    help: 'the homes of the two servers; all else is discovered from them',
  },
  'is7-url': {
    type: 'string',
    value: 'URL',
    commands: DOCTOR_TOO,
    setting: 'is7.url',
    help: 'https://host:port, as the tool and the other server reach it',
  },
  'apim-url': {
    type: 'string',
    value: 'URL',
    commands: DOCTOR_TOO,
    setting: 'apim.url',
    help: 'https://host:port, as the tool and the other server reach it',
  },
  phase: {
    type: 'string',
    choices: ['offline', 'online'],
    commands: LOOKING,
    help: 'files before the servers start | shared state once they run',
  },
  only: {
    type: 'string',
    multiple: true,
    value: 'STEP',
    commands: LOOKING,
    help: 'just these steps (repeatable; trust/* is all of trust)',
  },
  recipe: {
    type: 'string',
    choices: ['legacy', 'current'],
    commands: DOCTOR_TOO,
    setting: 'recipe',
    help: 'which of WSO2’s set-ups; legacy is the guide’s',
  },
  config: {
    type: 'string',
    value: 'FILE',
    commands: HOME_COMMANDS,
    help: 'default km-bootstrap.toml, if it is there',
  },
  'ca-file': { type: 'string', value: 'PEM', commands: RUN_COMMANDS, help: 'further trusted certificate authorities' },
  resolve: {
    type: 'string',
    multiple: true,
    value: 'NAME=ADDRESS',
    commands: [...RUN_COMMANDS, 'sandbox'],
    help: 'a line of /etc/hosts for this run (repeatable)',
  },
  timeout: {
    type: 'string',
    value: '300s',
    commands: [...SETTINGS_COMMANDS, 'down'],
    setting: 'timeout',
    help: 'deadline of the whole run; watch: of each look',
  },
  'lock-timeout': {
    type: 'string',
    value: '60s',
    commands: ['apply', 'watch', 'up', 'explain', 'init'],
    setting: 'lock_timeout',
    help: 'wait for another run; 0s does not wait',
  },
  'resend-secret': {
    type: 'boolean',
    commands: ['apply'],
    help: 'send the connector’s password even if it seems unchanged',
  },
  sql: { type: 'boolean', commands: ['plan'], help: 'print the SQL for an administrator of the database' },
  proof: { type: 'string', choices: PROOFS, commands: ['verify', 'up'], help: 'how far to prove; default token' },
  interval: {
    type: 'string',
    value: '60s',
    commands: ['watch', 'explain'],
    setting: 'watch.interval',
    help: 'how often to look, when no file changes',
  },
  listen: {
    type: 'string',
    value: '127.0.0.1:9095',
    commands: ['watch', 'explain'],
    setting: 'watch.listen',
    help: 'where to serve /, /healthz, /readyz and /metrics',
  },
  reconcile: {
    type: 'boolean',
    commands: ['watch', 'explain'],
    setting: 'watch.reconcile',
    help: 'mend what is safe beside running servers',
  },
  bundle: {
    type: 'string',
    multiple: true,
    value: 'FILE',
    commands: ['doctor'],
    help: 'a ZIP file with one home or both, or its folder (repeatable)',
  },
  dir: { type: 'string', value: 'DIR', commands: SANDBOX_COMMANDS, help: 'where the homes are made; default sandbox' },
  'is7-version': {
    type: 'string',
    value: '7.0…7.3',
    choices: ['7.0.0-ga', '7.0', '7.1', '7.2', '7.3'],
    commands: SANDBOX_COMMANDS,
    help: 'what the homes are like; default 7.2 and 4.5; also 7.0.0-ga',
  },
  'apim-version': {
    type: 'string',
    value: '4.3…4.7',
    choices: ['4.3', '4.4', '4.5', '4.6', '4.7'],
    commands: SANDBOX_COMMANDS,
    help: 'what the homes are like; default 7.2 and 4.5; also 7.0.0-ga',
  },
  'is7-offset': {
    type: 'string',
    value: 'N',
    commands: ['sandbox'],
    help: 'port offsets; by default those of the homes, or the next free',
  },
  'apim-offset': {
    type: 'string',
    value: 'N',
    commands: ['sandbox'],
    help: 'port offsets; by default those of the homes, or the next free',
  },
  server: { type: 'string', choices: SERVER_IDS, commands: ['sandbox'], help: 'serve one of the two' },
  'create-only': { type: 'boolean', commands: ['sandbox'], help: 'make the homes and stop' },
  tenant: {
    type: 'string',
    multiple: true,
    value: 'DOMAIN',
    commands: ['sandbox'],
    help: 'a further tenant of both; admin@DOMAIN, password admin',
  },
  'expired-certs': {
    type: 'boolean',
    commands: ['sandbox', 'up'],
    help: 'certificates that have expired, as in the older packs',
  },
  detach: { type: 'boolean', commands: ['up'], help: 'leave the servers running; else Ctrl-C stops them' },
  sandbox: { type: 'boolean', commands: ['up', 'down'], help: 'on homes that the sandbox makes, in --dir' },
  json: { type: 'boolean', commands: COMMANDS, help: 'one JSON object a line' },
  quiet: { type: 'boolean', short: 'q', commands: COMMANDS, help: 'only failures' },
  verbose: { type: 'boolean', short: 'v', multiple: true, commands: COMMANDS, help: 'more; -vv: every exchange' },
  'no-color': { type: 'boolean', commands: COMMANDS, help: 'no colour; the variable NO_COLOR does the same' },
  help: { type: 'boolean', short: 'h', commands: COMMANDS, help: 'the options of a command' },
  version: { type: 'boolean', commands: COMMANDS, help: 'the version' },
} as const satisfies Record<string, OptionDefinition>;

export type OptionName = keyof typeof OPTIONS;
export type Values = { readonly [Name in OptionName]?: string | boolean | readonly (string | boolean)[] };

/** The definition without its literal types: what it does not have is undefined. */
export function optionDefinition(name: OptionName): OptionDefinition {
  return OPTIONS[name];
}

export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** Whether every command takes it. */
export function isTakenByAll(name: OptionName): boolean {
  return optionDefinition(name).commands.length === COMMANDS.length;
}
