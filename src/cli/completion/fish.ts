import type { Candidates, OptionCandidate } from './candidates.js';

/** For `km-bootstrap completion fish | source`. */
export function fishCompletion({ commands, options, words }: Candidates): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = [
    '# fish completion of km-bootstrap:  km-bootstrap completion fish | source',
    'complete -c km-bootstrap -f',
    ...commands.map(
      ({ name, help }) =>
        `complete -c km-bootstrap -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(help)}`,
    ),
    ...[...words].map(
      ([name, list]) =>
        `complete -c km-bootstrap -n '__fish_seen_subcommand_from ${name}' -a ${quoted(list.join(' '))}`,
    ),
    ...options.map(optionLine),
  ];
  return `${lines.join('\n')}\n`;
}

function optionLine({ name, short, help, commands, value }: OptionCandidate): string {
  const when = `-n '__fish_seen_subcommand_from ${commands.join(' ')}'`;
  return `complete -c km-bootstrap ${when} -l ${name}${short ? ` -s ${short}` : ''} -d ${quoted(help)}${valueFlags(value)}`;
}

function valueFlags(value: OptionCandidate['value']): string {
  switch (value) {
    case 'nothing':
      return '';
    case 'free':
      return ' -x';
    case 'folders':
      return " -xa '(__fish_complete_directories)'";
    case 'files':
      return ' -rF';
    default:
      return ` -xa ${quoted(value.join(' ').replaceAll('*', '\\*'))}`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
