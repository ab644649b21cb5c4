import { SHELLS } from '../command.js';
import {
  COMMAND_DEFINITIONS,
  COMMANDS,
  type CommandName,
  OPTION_NAMES,
  type OptionName,
  optionDefinition,
} from '../options.js';
import { STEP_PATTERNS } from '../step-ids.js';

/** What can follow in a command line, whatever the shell. */
export interface Candidates {
  readonly commands: readonly { readonly name: CommandName; readonly help: string }[];
  readonly options: readonly OptionCandidate[];
  /** The words that may follow a command. */
  readonly words: ReadonlyMap<CommandName, readonly string[]>;
}

export interface OptionCandidate {
  readonly name: OptionName;
  readonly short: string | undefined;
  readonly help: string;
  readonly commands: readonly CommandName[];
  readonly isRepeatable: boolean;
  readonly value: ValueCandidates;
}

/** `nothing`: the option takes no value. `free`: one that nobody can know. */
export type ValueCandidates = 'nothing' | 'free' | 'folders' | 'files' | readonly string[];

/** @param explained settings and codes, which `explain` takes */
export function candidatesOf(explained: readonly string[]): Candidates {
  return {
    commands: COMMANDS.map((name) => ({ name, help: COMMAND_DEFINITIONS[name].help })),
    options: OPTION_NAMES.map((name) => {
      const { short, help, commands, multiple = false } = optionDefinition(name);
      return { name, short, help, commands, isRepeatable: multiple, value: valueCandidates(name) };
    }),
    words: new Map<CommandName, readonly string[]>([
      ['explain', explained],
      ['help', COMMANDS],
      ['completion', SHELLS],
    ]),
  };
}

function valueCandidates(name: OptionName): ValueCandidates {
  const { type, choices, value } = optionDefinition(name);
  if (type === 'boolean') return 'nothing';
  if (choices) return choices;
  switch (value) {
    case 'DIR':
      return 'folders';
    case 'FILE':
    case 'PEM':
      return 'files';
    case 'STEP':
      return STEP_PATTERNS;
    default:
      return 'free';
  }
}
