import { printable } from '../printable.js';

/** How a stream can be written to: with what colours, how wide, and in which characters. */
export interface Style {
  readonly paint: Paint;
  /** Columns of the terminal; infinite where there is none, so that logs are not folded. */
  readonly columns: number;
  /** Leaves text as it is, or says it in ASCII. */
  readonly spell: (text: string) => string;
  /** Leaves nothing in a text that a terminal would obey, but for colours of ours. */
  readonly safe: (text: string) => string;
  /** A line may be drawn over. */
  readonly isLive: boolean;
}

export type Paint = (style: 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold', text: string) => string;

const ANSI = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;

/** Colours text, or leaves it alone. */
export function painter(color: 'color' | 'plain'): Paint {
  return (style, text) => (color === 'plain' ? text : `\u001b[${ANSI[style]}m${text}\u001b[0m`);
}

/** No terminal: no colours, no folding. */
export const PLAIN: Style = {
  paint: painter('plain'),
  columns: Number.POSITIVE_INFINITY,
  spell: (text) => text,
  safe: printable,
  isLive: false,
};

const NARROWEST = 40;

/**
 * What clig.dev asks for: colours on a terminal only, never with NO_COLOR, TERM=dumb or --no-color, always with FORCE_COLOR; ASCII where
 * the locale of the terminal is known not to be UTF-8.
 */
export function styleOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  environment: Readonly<Record<string, string | undefined>>,
  wanted: 'color' | 'plain',
): Style {
  const { NO_COLOR, FORCE_COLOR, TERM, LC_ALL, LC_CTYPE, LANG } = environment;
  const isTerminal = stream.isTTY === true && TERM !== 'dumb';
  const isForced = FORCE_COLOR !== undefined && FORCE_COLOR !== '0';
  const isColored = wanted === 'color' && !NO_COLOR && (isForced || isTerminal);
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  const isAscii = stream.isTTY === true && locale !== '' && !/utf-?8/i.test(locale);
  return {
    paint: painter(isColored ? 'color' : 'plain'),
    columns: isTerminal && stream.columns ? Math.max(NARROWEST, stream.columns) : Number.POSITIVE_INFINITY,
    spell: isAscii ? inAscii : (text) => text,
    safe: isColored ? printableInColor : printable,
    isLive: isTerminal,
  };
}

/** The words of strangers were made printable before they were painted: what is left between colours is ours or made so here. */
function printableInColor(text: string): string {
  return text
    .split(COLOR)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join('');
}

const COLOR = new RegExp(`(\u001b\\[(?:0|${Object.values(ANSI).join('|')})m)`);

const ASCII: Readonly<Record<string, string>> = {
  '→': '->',
  '…': '...',
  '–': '-',
  '·': '-',
  '’': "'",
  '“': '"',
  '”': '"',
  '≥': '>=',
};

function inAscii(text: string): string {
  return text.replace(/[→…–·’“”≥]/g, (character) => ASCII[character] ?? '?');
}

/**
 * Folds a text between words; every line but the first is indented by so many blanks. A word that is longer than a line, such as a path,
 * stays whole.
 */
export function fold(text: string, columns: number, indent: number): string {
  if (text.length <= columns) return text;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= columns) line += ` ${word}`;
    else {
      lines.push(line);
      line = `${' '.repeat(indent)}${word}`;
    }
  }
  return [...lines, line].join('\n');
}
