import {
  COMMAND_DEFINITIONS,
  COMMANDS,
  type CommandDefinition,
  type CommandName,
  isTakenByAll,
  OPTION_NAMES,
  type OptionName,
  optionDefinition,
} from './options.js';

/** Where what an option is for begins. */
const HELP_COLUMN = 36;

/** What people type, in one screen; or all of one command. */
export function helpText(topic?: CommandName): string {
  return topic === undefined ? overview() : commandHelp(topic);
}

/** The options of a command, or of all commands, in the order of their table. */
export function optionsOf(commands: readonly CommandName[]): readonly OptionName[] {
  return OPTION_NAMES.filter(
    (name) => !isTakenByAll(name) && optionDefinition(name).commands.some((command) => commands.includes(command)),
  );
}

export const COMMON_OPTIONS: readonly OptionName[] = OPTION_NAMES.filter(isTakenByAll);

/** `--phase offline|online`, `-q, --quiet`. */
export function optionLabel(name: OptionName): string {
  const { short, value, choices, type } = optionDefinition(name);
  const long = `${short === undefined ? '' : `-${short}, `}--${name}`;
  return type === 'boolean' ? long : `${long} ${value ?? choices?.join('|') ?? 'TEXT'}`;
}

/** `explain [KEY|CODE]` */
export function commandLabel(name: CommandName): string {
  const { word }: CommandDefinition = COMMAND_DEFINITIONS[name];
  return word === undefined ? name : `${name} ${word}`;
}

export const INTRODUCTION = 'km-bootstrap makes WSO2 Identity Server 7 the Key Manager of WSO2 API Manager.';
export const SETTINGS_NOTE =
  'Settings also come from KMB_… variables, NAME_FILE for mounted secrets, .env and km-bootstrap.toml.';
export const EXIT_CODES = {
  0: 'done or in sync',
  1: 'failed',
  2: 'changes pending',
  3: 'unreachable',
  64: 'usage',
  75: 'locked',
  77: 'credentials refused',
  78: 'configuration',
  124: 'deadline',
  129: 'stopped by SIGHUP',
  130: 'stopped by Ctrl-C',
  137: 'killed',
  141: 'output not read',
  143: 'stopped by SIGTERM',
} as const;

function overview(): string {
  const main: readonly CommandName[] = ['plan', 'apply', 'verify'];
  const commandWidth = Math.max(...COMMANDS.map((name) => commandLabel(name).length)) + 2;
  return `${INTRODUCTION}

Usage: km-bootstrap COMMAND [OPTION...]

${COMMANDS.map((name) => `  ${commandLabel(name).padEnd(commandWidth)}${COMMAND_DEFINITIONS[name].help}\n`).join('')}
${main.join(', ')}:
${optionLines(optionsOf(main), main)}
everywhere:
${optionLines(COMMON_OPTIONS, COMMANDS)}
The other commands: km-bootstrap COMMAND --help
${SETTINGS_NOTE}
Exit codes: ${exitCodeLines()}
`;
}

function commandHelp(name: CommandName): string {
  const own = optionsOf([name]);
  const options = own.length === 0 ? '' : `\n${optionLines(own, [name])}`;
  return `Usage: km-bootstrap ${commandLabel(name)} [OPTION...]

  ${COMMAND_DEFINITIONS[name].help}
${options}
everywhere:
${optionLines(COMMON_OPTIONS, COMMANDS)}`;
}

/** Neighbours that are for the same stand on one line; what not all of `commands` take says which do. */
function optionLines(names: readonly OptionName[], commands: readonly CommandName[]): string {
  const rows: { label: string; help: string }[] = [];
  for (const name of names) {
    const help = whoseHelp(name, commands);
    const last = rows.at(-1);
    if (last?.help === help) last.label += `, ${optionLabel(name)}`;
    else rows.push({ label: optionLabel(name), help });
  }
  return rows.map(({ label, help }) => `${besides(`  ${label}`, help)}\n`).join('');
}

function whoseHelp(name: OptionName, commands: readonly CommandName[]): string {
  const { help, commands: takers } = optionDefinition(name);
  const some = commands.filter((command) => takers.includes(command));
  return some.length === commands.length ? help : `${some.join(', ')}: ${help}`;
}

function besides(label: string, help: string): string {
  const gap = label.length + 2 > HELP_COLUMN ? `\n${' '.repeat(HELP_COLUMN)}` : ' '.repeat(HELP_COLUMN - label.length);
  return label + gap + help;
}

function exitCodeLines(): string {
  const codes = Object.entries(EXIT_CODES).map(([code, meaning]) => `${code} ${meaning}`);
  const starts = ['64 usage', '129 stopped by SIGHUP', '141 output not read'].map((first) => codes.indexOf(first));
  const lines = [0, ...starts].map((start, index) => codes.slice(start, starts[index]).join(', '));
  return `${lines.join(',\n')}.`;
}
