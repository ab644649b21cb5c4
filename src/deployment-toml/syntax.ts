import { parse } from 'smol-toml';

/** Where something stands in the text: offsets in UTF-16 units, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A key in any spelling, its names decoded. */
export interface Key extends Span {
  readonly path: readonly string[];
}

/** `key = value`, in a block or in an inline table. */
export interface Entry extends Span {
  readonly key: Key;
  readonly value: Value;
}

export interface Scalar extends Span {
  readonly kind: 'scalar';
}

export interface ArrayLiteral extends Span {
  readonly kind: 'array';
  readonly items: readonly Value[];
}

export interface InlineTable extends Span {
  readonly kind: 'inline table';
  readonly entries: readonly Entry[];
}

export type Value = Scalar | ArrayLiteral | InlineTable;

/** `[key]` or `[[key]]`. */
export interface Header extends Span {
  readonly key: Key;
  readonly isArray: boolean;
}

/** A header and the entries below it; the first block of a file has no header. */
export interface Block {
  readonly header: Header | undefined;
  readonly entries: readonly Entry[];
}

const BLANK = /(?:[ \t\r\n]|#[^\n]*)*/y;
const NAME = `(?:[\\w-]+|"(?:\\\\.|[^"\\\\\\n])*"|'[^'\\n]*')`;
const KEY = new RegExp(`${NAME}(?:[ \\t]*\\.[ \\t]*${NAME})*`, 'y');
const STRING = `"""(?:\\\\.|[^\\\\])*?"{3,5}|'''.*?'{3,5}|"(?:\\\\.|[^"\\\\\\n])*"|'[^'\\n]*'`;
const SCALAR = new RegExp(`${STRING}|(?:\\d{4}-\\d\\d-\\d\\d )?[^\\s,\\]}#]+`, 'sy');

/**
 * Finds every header, key and value of a TOML text with its place; comments and the content of strings are never taken for them.
 * Throws an Error where the text is no TOML; that it is otherwise correct is for a parser to say.
 */
export function scanToml(text: string): readonly Block[] {
  let at = 0;
  const entries: Entry[][] = [[]];
  const headers: (Header | undefined)[] = [undefined];
  for (skip(); at < text.length; skip()) {
    if (text[at] === '[') {
      headers.push(header());
      entries.push([]);
    } else {
      entries.at(-1)?.push(entry());
    }
  }
  return headers.map((found, index) => ({ header: found, entries: entries[index] ?? [] }));

  function header(): Header {
    const start = at;
    const isArray = text.startsWith('[[', at);
    expect(isArray ? '[[' : '[');
    skip();
    const found = key();
    skip();
    expect(isArray ? ']]' : ']');
    return { key: found, isArray, start, end: at };
  }

  function entry(): Entry {
    const found = key();
    skip();
    expect('=');
    skip();
    const held = value();
    return { key: found, value: held, start: found.start, end: held.end };
  }

  function key(): Key {
    const start = at;
    const raw = take(KEY);
    return { path: [...raw.matchAll(new RegExp(NAME, 'g'))].map(([name]) => decodeName(name)), start, end: at };
  }

  function value(): Value {
    const start = at;
    if (text[at] === '[') return { kind: 'array', items: list('[', ']', value), start, end: at };
    if (text[at] === '{') return { kind: 'inline table', entries: list('{', '}', entry), start, end: at };
    take(SCALAR);
    return { kind: 'scalar', start, end: at };
  }

  function list<T>(open: string, close: string, item: () => T): readonly T[] {
    const items: T[] = [];
    expect(open);
    for (skip(); text[at] !== close; skip()) {
      items.push(item());
      skip();
      if (text[at] === ',') at += 1;
    }
    expect(close);
    return items;
  }

  function skip(): void {
    take(BLANK);
  }

  function expect(mark: string): void {
    if (!text.startsWith(mark, at)) throw new Error(`no ${mark} at offset ${at}`);
    at += mark.length;
  }

  function take(pattern: RegExp): string {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found === undefined) throw new Error(`nothing that can be read at offset ${at}`);
    at += found.length;
    return found;
  }
}

function decodeName(raw: string): string {
  return /^["']/.test(raw) ? String(decode(raw)) : raw;
}

/** What a value's text means, by smol-toml. An integer beyond 2⁵³ comes as bigint. */
export function decode(raw: string): unknown {
  return parse(`value = ${raw}`, { integersAsBigInt: 'asNeeded' })['value'];
}
