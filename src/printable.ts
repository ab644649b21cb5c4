/**
 * Characters that a terminal obeys instead of showing, that turn the order of what is read, or that take no room: C0 and C1 controls,
 * bidirectional marks (Unicode TR 9), zero-width characters, line separators, tags. A line feed and a tab are none of them.
 */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udc7f]/g;

/** A text whose unprintable characters are written as JSON writes them, `\u001b`, so that JSON stays the same JSON. Its lines stay. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** {@link printable}, on one line: for words of strangers within a sentence of ours, which could otherwise add lines that look like ours. */
export function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}

function escaped(characters: string): string {
  return [...Array(characters.length).keys()]
    .map((at) => `\\u${characters.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
