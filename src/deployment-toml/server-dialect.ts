import { TomlRefusal } from './refusal.js';
import type { ArrayLiteral, Block, Entry, InlineTable, Key, Span, Value } from './syntax.js';

/**
 * Refuses what TOML allows and the servers' parser, cava-toml 0.5.0, does not: every rule here was found by running it. What TOML itself
 * forbids is for smol-toml to refuse.
 *
 * @throws TomlRefusal
 */
export function refuseForeignDialect(text: string, blocks: readonly Block[]): void {
  for (const { header, entries } of blocks) {
    if (header) checkKey(text, header.key);
    for (const entry of entries) {
      checkEntry(text, entry);
      const [, second] = emptyArrays(entry.value);
      if (second) refuse('a second empty array in one value is', second);
    }
  }
}

function checkEntry(text: string, { key, value }: Entry): void {
  checkKey(text, key);
  checkValue(text, value);
}

function checkKey(text: string, key: Key): void {
  const names = text.slice(key.start, key.end).matchAll(/"(?:\\.|[^"\\])*"|'[^']*'/g);
  for (const [name] of names) if (name.startsWith('"')) checkBasicString(name, key);
  if (key.path.some((name) => /["'\\]/.test(name))) refuse('a quote or backslash in a key is', key);
}

function checkValue(text: string, value: Value): void {
  if (value.kind === 'array') checkArray(text, value);
  else if (value.kind === 'inline table') checkInlineTable(text, value);
  else checkScalar(text.slice(value.start, value.end), value, text[value.end]);
}

function checkScalar(raw: string, at: Span, next: string | undefined): void {
  if (raw.startsWith('"')) checkBasicString(raw, at);
  else if (raw.startsWith("'")) checkClosingQuotes(raw, at);
  else if (/^\d\d(\d\d-|:)/.test(raw)) checkDate(raw, at, next);
  else if (isFloat(raw)) checkFloat(raw, at);
  else if (/\d/.test(raw)) checkInteger(raw, at);
}

function checkArray(text: string, array: ArrayLiteral): void {
  for (const item of array.items) {
    checkValue(text, item);
    if (/^\s*(#[^\n]*\n\s*)*,/.test(text.slice(item.end, array.end)) && !/^[ \t]*,/.test(text.slice(item.end))) {
      refuse('a comma that starts a line of an array is', item);
    }
  }
  const [first, ...others] = array.items.map((item) => typeOf(text, item));
  const odd = others.findIndex((type) => type !== first);
  if (odd >= 0) refuse(`an array of ${first}s that also holds a ${others[odd]} is`, array.items[odd + 1] ?? array);
}

function checkInlineTable(text: string, table: InlineTable): void {
  const [empty] = emptyArrays(table);
  if (empty) refuse('an empty array in an inline table is', empty);
  for (const entry of table.entries) checkEntry(text, entry);
  const starts = [...table.entries.map(({ start }) => start), table.end];
  const ends = [table.start, ...table.entries.map(({ end }) => end)];
  const gaps = ends.map((end, index) => text.slice(end, starts[index]));
  if (gaps.some((gap) => gap.includes('\n'))) refuse('an inline table over several lines is', table);
  if (table.entries.length > 0 && gaps.at(-1)?.includes(',')) refuse('a comma at the end of an inline table is', table);
}

/** The parser loses its place after them: in an inline table at once, elsewhere after the second of a value. */
function emptyArrays(value: Value): readonly ArrayLiteral[] {
  if (value.kind === 'scalar') return [];
  if (value.kind === 'inline table') return value.entries.flatMap((entry) => emptyArrays(entry.value));
  return value.items.length === 0 ? [value] : value.items.flatMap(emptyArrays);
}

/** A backslash with what it escapes; before a line end it takes the blanks along. */
const ESCAPE = /\\(?:[ \t]*(?=\r?\n)|.)/gs;

function checkBasicString(raw: string, at: Span): void {
  if (raw.match(ESCAPE)?.some((escaped) => /[ex]$/.test(escaped))) refuse('an escape \\e or \\x is', at);
  if (raw.replaceAll(ESCAPE, '').includes('\t')) refuse('a tab in a "string" (other than \\t) is', at);
  checkClosingQuotes(raw, at);
}

function checkClosingQuotes(raw: string, at: Span): void {
  if (/^"""(?:\\.|[^\\])*?"{4,5}$|^'''.*?'{4,5}$/s.test(raw)) refuse('a quote before the closing three is', at);
}

const DATE = /^(\d{4}-\d\d-\d\d)?([Tt ]?\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-](0\d|1[0-7]):\d\d|[+-]18:00)?)?$/;

function checkDate(raw: string, at: Span, next: string | undefined): void {
  if (next === ']' || next === '}') refuse('a date or time right before the closing bracket is', at);
  const [shape, day] = DATE.exec(raw) ?? [];
  if (shape === undefined) refuse('a date or time written like this is', at);
  if (day !== undefined && new Date(`${day}T00:00:00Z`).getUTCDate() !== Number(day.slice(-2))) {
    refuse('a day that its month does not have is', at);
  }
}

function isFloat(raw: string): boolean {
  return !raw.startsWith('0x') && /^[+-]?\d[\d_]*[.eE]/.test(raw);
}

function checkFloat(raw: string, at: Span): void {
  if (/[eE][+-]?0[\d_]/.test(raw)) refuse('an exponent that starts with 0 is', at);
  const value = Number(raw.replaceAll('_', ''));
  const isTooSmall = value === 0 && /[1-9].*e/i.test(raw);
  if (!Number.isFinite(value) || isTooSmall) refuse('a number beyond the range of a double is', at);
}

function checkInteger(raw: string, at: Span): void {
  const value = BigInt(raw.replaceAll(/[_+]/g, ''));
  if (BigInt.asIntN(64, value) !== value) refuse('an integer beyond 64 bits is', at);
}

function typeOf(text: string, value: Value): string {
  if (value.kind !== 'scalar') return value.kind;
  return scalarType(text.slice(value.start, value.end));
}

function scalarType(raw: string): string {
  if (/^["']/.test(raw)) return 'string';
  if (/^(true|false)$/.test(raw)) return 'boolean';
  if (/^\d\d:/.test(raw)) return 'local time';
  if (/^\d{4}-\d\d-\d\d$/.test(raw)) return 'local date';
  if (/^\d{4}-/.test(raw)) return /(Z|[+-]\d\d:\d\d)$/i.test(raw) ? 'offset date-time' : 'local date-time';
  return isFloat(raw) || /(inf|nan)$/.test(raw) ? 'float' : 'integer';
}

function refuse(construct: string, at: Span): never {
  throw new TomlRefusal(`${construct} nothing that the servers’ parser can read`, { at });
}
