import { suggestion } from './nearest.js';
import { Secret } from './secret.js';

/** Where a value stands (`key_manager[0].issuer`), and who is told what is wrong with it. */
export interface Spot {
  readonly path: string;
  report(path: string, problem: string): void;
}

/** Checks one value of a configuration file; undefined when it was refused, and then a problem has been reported. */
export type Parser<T> = (raw: unknown, spot: Spot) => T | undefined;

/** One key of a table: what it takes and what it is for. */
export interface Key<T> {
  readonly parse: Parser<T>;
  readonly meaning: string;
}

export type Shape = Readonly<Record<string, Key<unknown>>>;

/** What a table of this shape comes to; every key may be absent. */
export type Parsed<S extends Shape> = { readonly [Name in keyof S]?: S[Name] extends Key<infer T> ? T : never };

export function key<T>(parse: Parser<T>, meaning: string): Key<T> {
  return { parse, meaning };
}

/** A table with these keys and no others; a misspelt one is named with the nearest that exists. */
export function table<S extends Shape>(shape: S): Parser<Parsed<S>> {
  return (raw, spot) => {
    if (!isTable(raw)) return refuse(spot, 'must be a table');
    const parsed: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(raw)) {
      // It stood in a file that could not be read, which has been said.
      if (value === undefined) continue;
      const path = `${spot.path}.${name}`;
      const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
      if (!known) spot.report(path, `there is no such key${suggestion(name, Object.keys(shape))}`);
      const result = known?.parse(value, { ...spot, path });
      if (result !== undefined) parsed[name] = result;
    }
    return parsed as Parsed<S>;
  };
}

/** Text that is not blank, at most so many characters long. */
export function text({ max = Number.POSITIVE_INFINITY } = {}): Parser<string> {
  return (raw, spot) => {
    if (typeof raw !== 'string') return refuse(spot, 'must be a text in quotes');
    if (raw.trim() === '') return refuse(spot, 'is empty');
    if (raw.length > max) return refuse(spot, `has ${raw.length} characters, and at most ${max} are allowed`);
    return raw;
  };
}

export function secret(): Parser<Secret> {
  return (raw, spot) => {
    const found = text()(raw, spot);
    return found === undefined ? undefined : new Secret(found);
  };
}

/** true or false; the words count too, since variables are text. */
export function flag(): Parser<boolean> {
  return (raw, spot) => {
    if (raw === true || raw === 'true') return true;
    if (raw === false || raw === 'false') return false;
    return refuse(spot, 'must be true or false');
  };
}

export function choice<const Word extends string>(words: readonly Word[]): Parser<Word> {
  return (raw, spot) => {
    const chosen = words.find((word) => word === raw);
    return chosen ?? refuse(spot, `must be ${words.join(' or ')}, not ${JSON.stringify(raw)}${hintFor(raw, words)}`);
  };
}

/** A list; from a variable it comes as one text with commas. */
export function list<T>(item: Parser<T>): Parser<readonly T[]> {
  return (raw, spot) => {
    const items = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw;
    if (!Array.isArray(items)) return refuse(spot, 'must be a list');
    const parsed = items.map((value, index) => item(value, { ...spot, path: `${spot.path}[${index}]` }));
    return parsed.filter((value) => value !== undefined);
  };
}

/** An absolute https URL, as it was written. */
export function httpsUrl(): Parser<string> {
  return (raw, spot) => {
    const written = text()(raw, spot);
    if (written === undefined) return undefined;
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url?.protocol !== 'https:' || written !== written.trim()) return refuse(spot, 'must be an https:// URL');
    if (url.username || url.password) return refuse(spot, 'must not hold a user name or password');
    if (url.hash) return refuse(spot, 'must not hold a fragment (#)');
    return written;
  };
}

/** `https://host:port` and nothing behind it. */
export function httpsOrigin(): Parser<string> {
  return (raw, spot) => {
    const written = httpsUrl()(raw, spot);
    if (written === undefined) return undefined;
    const { pathname, search, origin } = new URL(written);
    return pathname === '/' && !search ? origin : refuse(spot, 'must be https://host:port, without a path');
  };
}

/** One kind of value or another: a text, or a table of texts. */
export function textOrTexts(): Parser<string | Readonly<Record<string, string>>> {
  return (raw, spot) => {
    if (typeof raw === 'string') return text()(raw, spot);
    if (!isTable(raw)) return refuse(spot, 'must be a text in quotes or a table of texts');
    const odd = Object.entries(raw).filter(([, value]) => typeof value !== 'string');
    for (const [name] of odd) spot.report(`${spot.path}.${name}`, 'must be a text in quotes');
    return odd.length > 0 ? undefined : (raw as Record<string, string>);
  };
}

/** Keys that nobody here knows, for what one server or another takes: text, true and false. */
export function anyProperties(): Parser<Readonly<Record<string, string | boolean>>> {
  return (raw, spot) => {
    if (!isTable(raw)) return refuse(spot, 'must be a table');
    const odd = Object.entries(raw).filter(([, value]) => typeof value !== 'string' && typeof value !== 'boolean');
    for (const [name] of odd) spot.report(`${spot.path}.${name}`, 'must be a text in quotes, true or false');
    return odd.length > 0 ? undefined : (raw as Record<string, string | boolean>);
  };
}

export function isTable(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
}

function hintFor(raw: unknown, words: readonly string[]): string {
  return typeof raw === 'string' ? suggestion(raw, words) : '';
}

function refuse({ path, report }: Spot, problem: string): undefined {
  report(path, problem);
  return undefined;
}
