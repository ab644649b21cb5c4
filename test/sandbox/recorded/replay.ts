import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HttpReply } from '../../../src/http/client.js';
import { packageRoot } from '../../../src/io/package-root.js';

/** What a server's own code answered, and what it was asked: a file of `test/sandbox/recorded`, see its README. */
export interface Recording {
  readonly bases: Readonly<Record<string, Body>>;
  readonly exchanges: readonly RecordedExchange[];
}

export interface RecordedExchange {
  readonly name: string;
  /** What is asked first, and must succeed. */
  readonly before?: readonly RecordedStep[];
  readonly request: RecordedRequest;
  /** What to keep of the answer, by the name that later requests call it: a field of the body. */
  readonly keep?: Readonly<Record<string, string>>;
  readonly answers: readonly RecordedAnswer[];
}

export interface RecordedStep {
  readonly request: RecordedRequest;
  readonly keep?: Readonly<Record<string, string>>;
  /** Releases or configurations; absent: all. */
  readonly only?: readonly string[];
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** `Basic user:password`, to be encoded, or `Bearer token`. */
  readonly auth?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is sent, anything else as JSON. */
  readonly body?: unknown;
}

export interface RecordedAnswer {
  /** `7.2`, or `7.2 legacy`; absent: every one. */
  readonly of?: readonly string[];
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The parts of the access token in the body. */
  readonly token?: { readonly header?: Body; readonly claims?: Body };
}

type Body = Readonly<Record<string, unknown>>;

/** Sends a request to the server under test; the path is relative to it. */
export type Send = (request: {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}) => Promise<HttpReply>;

export function readRecording(name: string): Recording {
  const file = join(packageRoot(), 'test', 'sandbox', 'recorded', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Recording;
}

/** How one exchange went: nothing is different, or what is. */
export interface Replayed {
  readonly name: string;
  readonly differences: readonly string[];
}

/**
 * Asks everything in its order and compares each answer: status, type, the headers that were written down, and the whole body but for what
 * is another at each run (`<id>`, `<date>`).
 *
 * @param known what placeholders stand for that no answer told: `name`, `host`
 */
export async function replay(
  { bases, exchanges }: Recording,
  of: { readonly release: string; readonly configuration: string },
  known: Readonly<Record<string, string>>,
  send: Send,
): Promise<readonly Replayed[]> {
  const values = new Map(Object.entries(known));
  const labels = [of.release, of.configuration, `${of.release} ${of.configuration}`];
  const replayed: Replayed[] = [];
  for (const { name, before = [], request, keep = {}, answers } of exchanges) {
    const recorded = answers.find((answer) => !answer.of || answer.of.some((label) => labels.includes(label)));
    if (!recorded) continue;
    const failures: string[] = [];
    for (const step of before) {
      if (step.only && !step.only.some((label) => labels.includes(label))) continue;
      const reply = await send(filled(step.request, values));
      if (reply.status >= 300) failures.push(`before it, ${step.request.path} answers ${reply.status}: ${reply.text}`);
      keepFrom(reply, step.keep ?? {}, values);
    }
    const reply = await send(filled(request, values));
    if (reply.status < 300) keepFrom(reply, keep, values);
    replayed.push({ name, differences: [...failures, ...differencesOf(recorded, reply, bases, values)] });
  }
  return replayed;
}

function filled(request: RecordedRequest, values: ReadonlyMap<string, string>) {
  const {
    method,
    path,
    auth,
    type,
    headers = {},
    body,
  } = JSON.parse(fill(JSON.stringify(request), values)) as RecordedRequest;
  const [, credentials] = /^Basic (.*)$/.exec(auth ?? '') ?? [];
  const authorization =
    credentials === undefined ? auth : `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`;
  return {
    method,
    path,
    headers: { ...headers, ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
}

/** Placeholders whose value is known; the others stay. */
function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/<([^<>]+)>/g, (placeholder, name: string) => values.get(name) ?? placeholder);
}

function keepFrom(reply: HttpReply, keep: Readonly<Record<string, string>>, values: Map<string, string>): void {
  for (const [name, field] of Object.entries(keep)) {
    const value = (jsonOf(reply.text) as Body | undefined)?.[field];
    if (typeof value === 'string') values.set(name, value);
  }
}

function differencesOf(
  recorded: RecordedAnswer,
  reply: HttpReply,
  bases: Recording['bases'],
  values: ReadonlyMap<string, string>,
): readonly string[] {
  const wanted = JSON.parse(fill(JSON.stringify(recorded), values)) as RecordedAnswer;
  if (wanted.status !== reply.status) return [`status ${wanted.status} → ${reply.status} ${reply.text.slice(0, 200)}`];
  const found: string[] = [];
  const type = headerOf(reply, 'content-type');
  if (wanted.type !== undefined && !isSameType(wanted.type, type)) found.push(`type ${wanted.type} → ${type}`);
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    const given = headerOf(reply, name.toLowerCase());
    if (!isSame(value, given)) found.push(`${name} ${value} → ${given}`);
  }
  const body = expanded(wanted.body, bases, values);
  const { begins, named } = (isBody(body) ? body : {}) as { begins?: string; named?: readonly Body[] };
  if (begins !== undefined) {
    if (!reply.text.startsWith(begins)) found.push(`body ${begins}… → ${reply.text.slice(0, 80)}`);
  } else if (named) {
    const given = (jsonOf(reply.text) as readonly Body[]).map(({ name, id }) => ({ name, id }));
    compare('body', named, given, found);
  } else if (typeof body === 'string' || body === undefined) {
    if (!isSame(body ?? '', reply.text)) found.push(`body ${JSON.stringify(body)} → ${reply.text.slice(0, 200)}`);
  } else compare('body', body, jsonOf(reply.text), found);
  if (wanted.token) compareToken(wanted.token, reply, found);
  return found;
}

/** `{"like": "client", …}` is the base of that name with these fields set and those of `without` left out. */
function expanded(body: unknown, bases: Recording['bases'], values: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(body)) return body.map((item) => expanded(item, bases, values));
  if (typeof body !== 'object' || body === null) return body;
  const { like, without = [], ...set } = body as Body & { like?: string; without?: readonly string[] };
  const members = Object.fromEntries(Object.entries(set).map(([key, value]) => [key, expanded(value, bases, values)]));
  if (like === undefined) return members;
  const base = JSON.parse(fill(JSON.stringify(bases[like]), values)) as Body;
  return Object.fromEntries(Object.entries({ ...base, ...members }).filter(([key]) => !without.includes(key)));
}

function compare(path: string, wanted: unknown, given: unknown, found: string[]): void {
  if (found.length > 8) return;
  if (Array.isArray(wanted) && Array.isArray(given) && wanted.length === given.length) {
    for (const [index, item] of wanted.entries()) compare(`${path}[${index}]`, item, given[index], found);
  } else if (isBody(wanted) && isBody(given)) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(given)]))
      compare(`${path}.${key}`, wanted[key], given[key], found);
  } else if (!isSame(wanted, given)) {
    found.push(`${path} ${shown(wanted)} → ${shown(given)}`);
  }
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 160);
}

function isBody(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A placeholder stands for any text; as the whole value for a number, too. */
function isSame(wanted: unknown, given: unknown): boolean {
  if (typeof wanted !== 'string' || !/<[^<>]+>/.test(wanted)) return wanted === given;
  if (/^<[^<>]+>$/.test(wanted) && typeof given === 'number') return true;
  const pattern = wanted
    .split(/<[^<>]+>/)
    .map((part) => part.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&'))
    .join('[^]+?');
  return typeof given === 'string' && new RegExp(`^${pattern}$`).test(given);
}

function isSameType(wanted: string, given: string | undefined): boolean {
  return wanted.replaceAll(' ', '').toLowerCase() === given?.replaceAll(' ', '').toLowerCase();
}

function headerOf({ headers }: HttpReply, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : (value as string | undefined);
}

function compareToken(wanted: NonNullable<RecordedAnswer['token']>, reply: HttpReply, found: string[]): void {
  const token = String((jsonOf(reply.text) as Body)['access_token']);
  const [header, claims] = token.split('.').map((part) => jsonOf(Buffer.from(part, 'base64url').toString('utf8')));
  if (wanted.header) compare('token header', wanted.header, header, found);
  if (wanted.claims) compare('token', wanted.claims, claims, found);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
