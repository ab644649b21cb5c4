import type { CommandName } from '../options.js';
import type { Candidates, OptionCandidate } from './candidates.js';

/** For a file \`_km-bootstrap\` on fpath, or `source <(km-bootstrap completion zsh)`. */
export function zshCompletion({ commands, options, words }: Candidates): string {
  return `#compdef km-bootstrap
# zsh completion of km-bootstrap:  source <(km-bootstrap completion zsh)
_km_bootstrap() {
  local curcontext=$curcontext state
  local -a line
  _arguments -C '1: :->command' '*:: :->rest' && return
  if [[ $state == command ]]; then
    local -a commands=(
${commands.map(({ name, help }) => `      ${quoted(`${name}:${help}`)}\n`).join('')}    )
    _describe command commands
    return
  fi
  case $line[1] in
${commands.map(({ name }) => commandCase(name, options, words.get(name))).join('')}  esac
}

if [[ \${funcstack[1]} == _km_bootstrap || \${funcstack[1]} == _km-bootstrap ]]; then
  _km_bootstrap "$@"
else
  compdef _km_bootstrap km-bootstrap
fi
`;
}

function commandCase(
  name: CommandName,
  options: readonly OptionCandidate[],
  words: readonly string[] | undefined,
): string {
  const own = options.filter(({ commands }) => commands.includes(name)).map(argument);
  const word = words ? [quoted(`1: :(${words.join(' ')})`)] : [];
  return `    ${name})\n      _arguments -s \\\n${[...own, ...word].map((spec) => `        ${spec}`).join(' \\\n')}\n      ;;\n`;
}

function argument({ name, help, value, isRepeatable }: OptionCandidate): string {
  const what = help.replace(/[[\]:]/g, (mark) => `\\${mark}`);
  return quoted(`${isRepeatable ? '*' : ''}--${name}${value === 'nothing' ? '' : '='}[${what}]${actionOf(value)}`);
}

function actionOf(value: OptionCandidate['value']): string {
  switch (value) {
    case 'nothing':
      return '';
    case 'free':
      return ':value: ';
    case 'folders':
      return ':folder:_files -/';
    case 'files':
      return ':file:_files';
    default:
      return `:value:(${value.map((word) => word.replaceAll('*', '\\*')).join(' ')})`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
