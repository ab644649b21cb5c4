/** One statement of a definition, in words. */
export interface SqlWord {
  /**
   * What stands for it in a pattern: `"` a quoted name, `'` a text, `#` a number without its sign, `?` what no statement of ours has;
   * any other word or sign is itself, in upper case.
   */
  readonly shape: string;
  /** A name or text as it is meant, without quotes. */
  readonly text: string;
}

/** A name in quotes. */
export const NAME = /(U&)?"([^"]*(?:""[^"]*)*)"/;
/** A text in quotes. */
export const TEXT = /(U&)?'([^']*(?:''[^']*)*)'/;
const NUMBER = /(\d+(?:\.\d+)?(?:E[+-]?\d+)?)/;
const WORD = new RegExp(`\\s+|${NAME.source}|${TEXT.source}|${NUMBER.source}|([A-Z_]\\w*)|([(),.-])|(.)`, 'gisy');

/** The words of a statement that H2 itself wrote, in which every name is quoted. */
export function* wordsOf(sql: string): Generator<SqlWord> {
  for (const [, nameIsCoded, name, textIsCoded, text, number, word, sign, other] of sql.matchAll(WORD)) {
    if (name !== undefined) yield { shape: '"', text: unquoted(name, nameIsCoded) };
    else if (text !== undefined) yield { shape: "'", text: unquoted(text, textIsCoded, "'") };
    else if (number !== undefined) yield { shape: '#', text: number };
    else if (word !== undefined) yield { shape: word.toUpperCase(), text: word };
    else if (sign !== undefined) yield { shape: sign, text: sign };
    else if (other !== undefined) yield { shape: '?', text: other };
  }
}

/** A name or text as it is meant. `isCoded`: it stood behind `U&`, as H2 writes what has letters beyond ASCII: `U&"\00e4"`. */
export function unquoted(name: string, isCoded: string | undefined, quote = '"'): string {
  const text = name.replaceAll(quote + quote, quote);
  if (isCoded === undefined) return text;
  return text.replace(/\\(?:\+([0-9a-f]{6})|([0-9a-f]{4})|\\)/gi, (_, long?: string, short?: string) => {
    const code = Number.parseInt(long ?? short ?? '5c', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
