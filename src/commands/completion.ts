import type { CompletionCommand } from '../cli/command.js';
import { bashCompletion } from '../cli/completion/bash.js';
import { candidatesOf } from '../cli/completion/candidates.js';
import { fishCompletion } from '../cli/completion/fish.js';
import { zshCompletion } from '../cli/completion/zsh.js';
import { SETTING_KEYS } from '../config/settings.js';
import { ERRORS, NOTICES } from '../explain/catalogue.js';
import { tableKeys } from '../explain/tables.js';

const SCRIPT_OF = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** The script that has a shell complete commands, options, their values, settings and codes. */
export function completionText({ shell }: Pick<CompletionCommand, 'shell'>): string {
  const explained = [...SETTING_KEYS, ...tableKeys(), ...Object.keys(ERRORS), ...Object.keys(NOTICES)];
  return SCRIPT_OF[shell](candidatesOf(explained));
}
