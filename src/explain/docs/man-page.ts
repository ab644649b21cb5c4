import { commandLabel, EXIT_CODES, INTRODUCTION, optionLabel } from '../../cli/help.js';
import {
  COMMAND_DEFINITIONS,
  COMMANDS,
  isTakenByAll,
  OPTION_NAMES,
  type OptionName,
  optionDefinition,
} from '../../cli/options.js';

/** man/km-bootstrap.1, from the tables that the help is made of. Its version and date are those of the package. */
export function manPage(): string {
  const sections: readonly (readonly [title: string, body: string])[] = [
    ['NAME', 'km\\-bootstrap \\- make WSO2 Identity Server 7 the Key Manager of WSO2 API Manager'],
    ['SYNOPSIS', '.B km\\-bootstrap\n.I COMMAND\n.RI [ OPTION ...]'],
    ['DESCRIPTION', description()],
    ['COMMANDS', COMMANDS.map((name) => item(bold(commandLabel(name)), COMMAND_DEFINITIONS[name].help)).join('\n')],
    ['OPTIONS', OPTION_NAMES.map(option).join('\n')],
    [
      'EXIT STATUS',
      Object.entries(EXIT_CODES)
        .map(([code, meaning]) => item(bold(code), meaning))
        .join('\n'),
    ],
    ['ENVIRONMENT', environment()],
    ['FILES', files()],
    ['EXAMPLES', examples()],
  ];
  const body = sections.map(([title, text]) => `.SH ${title}\n${text}`).join('\n');
  return `.\\" Made by npm run docs from src/cli.\n.TH KM\\-BOOTSTRAP 1\n${body}\n`;
}

function description(): string {
  return [
    roff(INTRODUCTION),
    roff('With the homes of the two servers everything else is discovered from their deployment.toml.'),
    roff('A plan writes nothing; to apply twice changes nothing the second time.'),
    '.PP',
    roff('Files and a file database belong to the offline phase, before the servers start.'),
    roff('Shared state, which is a network database and the Key Managers, belongs to the online phase.'),
  ].join('\n');
}

function option(name: OptionName): string {
  const { help, commands } = optionDefinition(name);
  const takers = isTakenByAll(name) ? '' : ` (${commands.join(', ')})`;
  return item(bold(optionLabel(name)), `${help}${takers}`);
}

function environment(): string {
  return [
    item(bold('KMB_…'), 'every setting: KMB_ and its key in upper case, with _ for the dot, such as KMB_IS7_URL'),
    item(bold('KMB_…_FILE'), 'the path of a mounted file that holds the value of such a variable'),
    item(bold('IS7_HOME, APIM_HOME'), 'the homes, when KMB_IS7_HOME and KMB_APIM_HOME are not set'),
    item(bold('JAVA_HOME'), 'whose keytool and JVM are used'),
    item(bold('HTTPS_PROXY, NO_PROXY'), 'the proxy to the servers, and the hosts that need none'),
    item(bold('NO_COLOR, FORCE_COLOR'), 'no colour, colour'),
  ].join('\n');
}

function files(): string {
  return [
    item(bold('km-bootstrap.toml'), 'settings, in the working folder; km-bootstrap init writes one'),
    item(bold('.env'), 'variables, in the working folder; they never override the environment'),
  ].join('\n');
}

function examples(): string {
  const homes = '--is7-home ~/wso2is-7.2.0 --apim-home ~/wso2am-4.5.0';
  return [
    `km-bootstrap plan ${homes}`,
    `km-bootstrap apply --phase offline ${homes}`,
    `km-bootstrap verify ${homes}`,
    'km-bootstrap explain DATABASE_IN_USE',
  ]
    .map((line) => `.PP\n.nf\n${roff(line)}\n.fi`)
    .join('\n');
}

function item(label: string, text: string): string {
  return `.TP\n${label}\n${roff(text)}`;
}

function bold(text: string): string {
  return `\\fB${roff(text)}\\fR`;
}

const NAMED: Readonly<Record<string, string>> = { '\\': '\\e', '-': '\\-', '’': '\\(cq', '…': '...', '–': '\\(en' };

/** Text as roff takes it: minus signs that can be copied, and no line that looks like a request. */
function roff(text: string): string {
  return text.replace(/[\\\-’…–]/g, (character) => NAMED[character] ?? character).replace(/^(?=[.'])/, '\\&');
}
