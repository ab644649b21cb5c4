import type { SettingKey } from '../config/settings.js';

/** Every option once: which commands take it, and the setting it stands for, if it is one. */
const STEP_COMMANDS = ['plan', 'apply', 'verify'] as const;
export const COMMANDS = [...STEP_COMMANDS, 'watch', 'sandbox', 'version', 'help'] as const;
/** Those that look at the facts, once or again and again. */
const LOOKING = [...STEP_COMMANDS, 'watch'] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface OptionDefinition {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly commands: readonly CommandName[];
  readonly setting?: SettingKey;
}

export const OPTIONS = {
  'is7-home': { type: 'string', commands: LOOKING, setting: 'is7.home' },
  'apim-home': { type: 'string', commands: LOOKING, setting: 'apim.home' },
  'is7-url': { type: 'string', commands: LOOKING, setting: 'is7.url' },
  'apim-url': { type: 'string', commands: LOOKING, setting: 'apim.url' },
  recipe: { type: 'string', commands: LOOKING, setting: 'recipe' },
  timeout: { type: 'string', commands: LOOKING, setting: 'timeout' },
  'lock-timeout': { type: 'string', commands: ['apply', 'watch'], setting: 'lock_timeout' },
  phase: { type: 'string', commands: LOOKING },
  only: { type: 'string', multiple: true, commands: LOOKING },
  config: { type: 'string', commands: LOOKING },
  'ca-file': { type: 'string', commands: LOOKING },
  proof: { type: 'string', commands: ['verify'] },
  'resend-secret': { type: 'boolean', commands: ['apply'] },
  sql: { type: 'boolean', commands: ['plan'] },
  resolve: { type: 'string', multiple: true, commands: [...LOOKING, 'sandbox'] },
  interval: { type: 'string', commands: ['watch'], setting: 'watch.interval' },
  listen: { type: 'string', commands: ['watch'], setting: 'watch.listen' },
  reconcile: { type: 'boolean', commands: ['watch'], setting: 'watch.reconcile' },
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

export type OptionName = keyof typeof OPTIONS;
export type Values = { readonly [Name in OptionName]?: string | boolean | readonly (string | boolean)[] };
