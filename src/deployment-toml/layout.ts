import type { TomlDocument } from './document.js';
import type { Block, InlineTable, Span } from './syntax.js';

/** Replaces a span of the text (an empty one inserts). */
export interface Splice extends Span {
  readonly insert: string;
}

export function applySplice(text: string, { start, end, insert }: Splice): string {
  return text.slice(0, start) + insert + text.slice(end);
}

/** The offset of the first thing a splice puts there, past the line ends it begins with. */
export function landingOf({ start, insert }: Splice): number {
  return start + insert.length - insert.trimStart().length;
}

/** A new line below the line that `anchor` ends in, indented as the anchor is. */
export function lineBelow(text: string, anchor: Span, line: string): Splice {
  const lineStart = text.lastIndexOf('\n', anchor.start - 1) + 1;
  const indented = (/^[ \t]*/.exec(text.slice(lineStart, anchor.start))?.[0] ?? '') + line;
  const at = nextLine(text, anchor.end);
  const isAtEnd = text[at - 1] !== '\n';
  return insertAt(at, isAtEnd ? newlineOf(text) + indented : indented + newlineOf(text));
}

/** Lines that stand by themselves, a blank line before and after, at the start of a line or at the end of the file. */
export function paragraphAt(text: string, at: number, lines: readonly string[]): Splice {
  const newline = newlineOf(text);
  const before = text.slice(0, at);
  const after = text.slice(at);
  const isLineStart = before === '' || before.endsWith('\n');
  const isSeparated = /^\s*$|\n[ \t]*\r?\n$/.test(before) && isLineStart;
  const lead = isSeparated ? '' : isLineStart ? newline : newline + newline;
  const trail = after === '' ? (isLineStart ? newline : '') : newline + (/^[ \t]*\r?\n/.test(after) ? '' : newline);
  return insertAt(at, lead + lines.join(newline) + trail);
}

export function intoInlineTable(table: InlineTable, entry: string): Splice {
  const last = table.entries.at(-1);
  if (last) return insertAt(last.end, `, ${entry}`);
  return { start: table.start, end: table.end, insert: `{ ${entry} }` };
}

export function insertAt(at: number, insert: string): Splice {
  return { start: at, end: at, insert };
}

/** Where a block begins: at its header, or at the comment above it that a blank line sets off from what comes before. */
export function blockStart({ text, blocks }: TomlDocument, block: Block): number {
  const previous = blocks[blocks.indexOf(block) - 1];
  const floor = previous ? blockEnd(text, previous) : 0;
  let start = text.lastIndexOf('\n', (block.header?.start ?? 0) - 1) + 1;
  for (let line = previousLine(text, start); start > floor && isComment(text, line); line = previousLine(text, start)) {
    start = line;
  }
  return start;
}

/** Where a block ends: below its last entry and the comment lines that follow directly. */
export function blockEnd(text: string, { header, entries }: Block): number {
  const last = entries.at(-1) ?? header;
  if (!last) return 0;
  let end = nextLine(text, last.end);
  while (isComment(text, end)) end = nextLine(text, end);
  return end;
}

export function newlineOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

function previousLine(text: string, lineStart: number): number {
  return lineStart < 2 ? 0 : text.lastIndexOf('\n', lineStart - 2) + 1;
}

function isComment(text: string, lineStart: number): boolean {
  const comment = /[ \t]*#/y;
  comment.lastIndex = lineStart;
  return comment.test(text);
}

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
