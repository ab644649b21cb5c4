import { OPTION_NAMES, optionDefinition } from '../cli/options.js';
import { type SettingKey, settingDefinition } from '../config/settings.js';
import { fold, PLAIN } from '../report/style.js';
import { messageText } from '../report/text.js';
import type { ExplainedCode } from './catalogue.js';
import { type ExplainedSetting, type Origin, variablesOf } from './settings.js';
import type { ExplainedKey } from './tables.js';
import { takes, unsaid } from './words.js';

const COLUMNS = 100;
const NARROW = { ...PLAIN, columns: COLUMNS };

/** A code as `explain` prints it. */
export function codeText(explained: ExplainedCode): string {
  const { code, kind, exitCode, what, why, remedy } = explained;
  const head = kind === 'error' ? `${code}: an error; exit code ${exitCode}` : `${code}: a note, and no failure`;
  const paragraphs = [
    ['What happened', what],
    ['Why', why],
    ['What to do', remedy],
  ].map(([title, text]) => `${title}\n${fold(`  ${text}`, COLUMNS, 2)}`);
  return [head, ...paragraphs, `As it is printed\n${exampleText(explained)}\n`].join('\n\n');
}

/** The example of a code as the tool prints it. */
export function exampleText({ code, kind, example }: ExplainedCode): string {
  return messageText(kind, { code, ...example }, NARROW);
}

/** One setting, with all there is to know about it. */
export function settingText(setting: ExplainedSetting): string {
  const { key } = setting;
  const { meaning, readBy } = settingDefinition(key);
  const [direct, mounted] = variablesOf(key);
  const options = OPTION_NAMES.filter((name) => optionDefinition(name).setting === key).map((name) => `--${name}`);
  const rows = [
    ['comes from', originText(setting)],
    ['meaning', meaning],
    ['takes', takes(key)],
    ['when not said', unsaid(key)],
    ['read by', readBy],
    ['variable', `${direct}, or ${mounted} with the name of a file that holds it`],
    ...(options.length > 0 ? [['option', options.join(', ')]] : []),
  ];
  const lines = rows.map(([title = '', text = '']) => fold(`  ${title.padEnd(15)}${text}`, COLUMNS, 17));
  return `${assignment(setting)}\n${lines.join('\n')}\n`;
}

/** Every setting on a line: its value, and where it comes from. */
export function settingsText(settings: readonly ExplainedSetting[]): string {
  const lines = settings.map((setting) => {
    const [first, ...more] = setting.sources;
    const sources = first === undefined ? [] : [more.length > 0 ? `${first}, …` : first];
    return `${assignment(setting).padEnd(56)}  ${originText({ ...setting, sources })}`.trimEnd();
  });
  return `${lines.join('\n')}\n`;
}

/** Keys of `[[key_manager]]` or `[[tenant]]`. */
export function tableKeysText(keys: readonly ExplainedKey[]): string {
  const blocks = keys.map(({ key, meaning, values }) => {
    const said = values.map(({ path, value, source }) => `\n  ${path} = ${value}  ${source}`);
    return `${fold(`${key}: ${meaning}`, COLUMNS, 2)}${said.join('')}`;
  });
  return `${blocks.join('\n')}\n`;
}

const ORIGIN: Readonly<Record<Origin, string>> = {
  option: 'the option',
  variable: 'the variable',
  file: '',
  discovered: 'discovered:',
  default: 'the default',
  nowhere: '',
};

function originText({ origin, sources, key }: ExplainedSetting): string {
  if (origin === 'nowhere' && sources.length === 0) return elsewhere(key);
  return [ORIGIN[origin], sources.join(', ')].filter(Boolean).join(' ');
}

/** Nothing said it and nothing was found: what that comes to. */
function elsewhere(key: SettingKey): string {
  const { otherwise } = settingDefinition(key);
  return otherwise === undefined ? '' : `(${otherwise})`;
}

function assignment({ key, value }: ExplainedSetting): string {
  return value === undefined ? `${key} is not set` : `${key} = ${value}`;
}
