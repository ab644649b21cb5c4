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

const NAME = /(U&)?"([^"]*(?:""[^"]*)*)"/;
const TEXT = /(U&)?'([^']*(?:''[^']*)*)'/;
const NUMBER = /(\d+(?:\.\d+)?(?:E[+-]?\d+)?)/;
const WORD = new RegExp(`\\s+|${NAME.source}|${TEXT.source}|${NUMBER.source}|([A-Z_]\\w*)|([(),.-])|(.)`, 'gisy');

/** The words of a statement that H2 itself wrote, in which every name is quoted. */
export function* wordsOf(sql: string): Generator<SqlWord> {
  for (const [, nameIsCoded, name, textIsCoded, text, number, word, sign, other] of sql.matchAll(WORD)) {
    if (name !== undefined) yield { shape: '"', text: decode(name.replaceAll('""', '"'), nameIsCoded) };
    else if (text !== undefined) yield { shape: "'", text: decode(text.replaceAll("''", "'"), textIsCoded) };
    else if (number !== undefined) yield { shape: '#', text: number };
    else if (word !== undefined) yield { shape: word.toUpperCase(), text: word };
    else if (sign !== undefined) yield { shape: sign, text: sign };
    else if (other !== undefined) yield { shape: '?', text: other };
  }
}

/** The first words of a statement, which say what it makes: with all of them, a large table would take its time. */
export function firstWords(sql: string): readonly SqlWord[] {
  const words: SqlWord[] = [];
  for (const word of wordsOf(sql)) if (words.push(word) === FIRST_WORDS) break;
  return words;
}

const FIRST_WORDS = 20;

/** `U&"\00e4"`: how H2 writes a name or text with letters beyond ASCII. */
function decode(text: string, isCoded: string | undefined): string {
  if (isCoded === undefined) return text;
  return text.replace(/\\(?:\+([0-9a-f]{6})|([0-9a-f]{4})|\\)/gi, (_, long?: string, short?: string) => {
    const code = Number.parseInt(long ?? short ?? '5c', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  });
}
