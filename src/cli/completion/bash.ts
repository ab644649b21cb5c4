import type { Candidates, OptionCandidate } from './candidates.js';

/** For `source <(km-bootstrap completion bash)`; works with the bash 3.2 of macOS, too. */
export function bashCompletion({ commands, options, words }: Candidates): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion of km-bootstrap:  source <(km-bootstrap completion bash)
_km_bootstrap_reply() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("$line"); done
}

_km_bootstrap() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command='' at=0 i
  # \`--option=value\` comes as three words.
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      ${names.join(' | ')}) command=\${COMP_WORDS[i]} at=$i; break ;;
    esac
  done
  COMPREPLY=()
  case $prev in
${options.map(valueCase).join('')}  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map(({ name }) => `      ${name}) _km_bootstrap_reply < <(compgen -W '${optionWords(options, name)}' -- "$cur") ;;\n`).join('')}      *) _km_bootstrap_reply < <(compgen -W '--help --version' -- "$cur") ;;
    esac
    return
  fi
  case $command in
    '') _km_bootstrap_reply < <(compgen -W '${names.join(' ')}' -- "$cur") ;;
${[...words].map(([name, list]) => `    ${name}) if ((at == COMP_CWORD - 1)); then _km_bootstrap_reply < <(compgen -W '${list.join(' ')}' -- "$cur"); fi ;;\n`).join('')}  esac
}

complete -F _km_bootstrap km-bootstrap
`;
}

function optionWords(options: readonly OptionCandidate[], command: string): string {
  return options
    .filter(({ commands }) => commands.some((name) => name === command))
    .map(({ name }) => `--${name}`)
    .join(' ');
}

function valueCase({ name, value }: OptionCandidate): string {
  if (value === 'nothing') return '';
  if (value === 'free') return `    --${name}) return ;;\n`;
  if (value === 'folders' || value === 'files') {
    const kind = value === 'folders' ? '-d' : '-f';
    return `    --${name}) compopt -o filenames 2> /dev/null; _km_bootstrap_reply < <(compgen ${kind} -- "$cur"); return ;;\n`;
  }
  return `    --${name}) _km_bootstrap_reply < <(compgen -W '${value.join(' ')}' -- "$cur"); return ;;\n`;
}
