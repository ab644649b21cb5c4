import { applySplice } from './layout.js';
import type { Span } from './syntax.js';

/** Takes out what stands at `span`, and its line when nothing but blanks is left of it: a comment behind it stays. */
export function cutLine(text: string, { start, end }: Span): string {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const [rest = ''] = /^[^\n]*\n?/.exec(text.slice(end)) ?? [];
  if (rest.trim() !== '') return applySplice(text, { start, end: end + rest.search(/\S/), insert: '' });
  if (rest.endsWith('\n')) return text.slice(0, lineStart) + text.slice(end + rest.length);
  return text.slice(0, lineStart).replace(/\r?\n$/, '');
}

/** Takes out the line of a header, and one of the blank lines that then meet. */
export function cutParagraph(text: string, header: Span): string {
  const lineStart = text.lastIndexOf('\n', header.start - 1) + 1;
  const shorter = cutLine(text, header);
  const [before, after] = [shorter.slice(0, lineStart), shorter.slice(lineStart)];
  const isAtEnd = text.slice(header.end).trim() === '' && !text.endsWith('\n');
  if (isAtEnd) return text.slice(0, lineStart).replace(/(\r?\n[ \t]*)+$/, '');
  const isSeparated = before === '' || /\n[ \t]*\r?\n$/.test(before);
  if (!isSeparated) return shorter;
  if (after === '') return before.replace(/(?<=\n)[ \t]*\r?\n$/, '');
  return before + after.replace(/^[ \t]*\r?\n/, '');
}

/** Takes one of several things out of an array or an inline table, with its comma; comments beside it stay. */
export function cutItem(text: string, items: readonly Span[], item: Span): string {
  const index = items.indexOf(item);
  const [previous, next] = [items[index - 1], items[index + 1]];
  if (next) {
    const isApart = holdsComment(text, item.end, next.start);
    return text.slice(0, item.start) + text.slice(isApart ? endWithComma(text, item) : next.start);
  }
  const isApart = previous && holdsComment(text, previous.end, item.start);
  if (previous && !isApart) return text.slice(0, previous.end) + text.slice(item.end);
  return text.slice(0, item.start) + text.slice(endWithComma(text, item));
}

/** Between two items there is nothing but blanks, a comma and comments. */
function holdsComment(text: string, start: number, end: number): boolean {
  return text.slice(start, end).includes('#');
}

function endWithComma(text: string, { end }: Span): number {
  return end + (/^[ \t]*,/.exec(text.slice(end))?.[0].length ?? 0);
}
