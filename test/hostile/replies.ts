import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../src/errors.js';
import { defaultKeyManager } from '../../src/key-manager/declaration.js';
import { createDiscovery } from '../../src/key-manager/discovery.js';
import { Secret } from '../../src/secret.js';
import { stepOf } from '../key-manager/given-step.js';
import { type Pair, withPair } from '../key-manager/pair.js';
import { patient } from '../support/patience.js';
import { type Fault, type FaultyProxy, withFaultyProxy } from './faulty-proxy.js';

const KEY_MANAGERS = '/api/am/admin/v4/key-managers';
/** What it may take until a fault that does not go away is told. */
const LONGEST_MS = 40_000;

/** Both servers of a pair behind proxies that falsify their replies. */
export interface HostilePair extends Pair {
  readonly proxies: Readonly<Record<'is7' | 'apim', FaultyProxy>>;
}

export function withHostilePair<T>(use: (pair: HostilePair) => Promise<T>): Promise<T> {
  return withPair({}, (pair) =>
    withFaultyProxy(pair.is7.url, (is7) =>
      withFaultyProxy(pair.apim.url, (apim) =>
        use({
          ...pair,
          account: { ...pair.account, url: apim.url },
          declaration: defaultKeyManager({
            is7Url: is7.url,
            publicUrl: pair.is7.url,
            login: { username: 'admin', password: new Secret('admin') },
            roleCreation: false,
          }),
          proxies: { is7, apim },
        }),
      ),
    ),
  );
}

type Doing = 'apply' | 'prove';

/**
 * One run of the Key Manager step, from a server without that Key Manager (apply) or with it (prove), the reply to its nth request to that
 * server falsified: it does what it should all the same, or says clearly that it could not. Afterwards a run that is left alone makes one
 * Key Manager.
 *
 * @returns `right`, or the code of the failure
 */
export async function runWithFault(
  pair: HostilePair,
  { at, fault, nth, doing }: { at: 'is7' | 'apim'; fault: Fault; nth: 'all' | number; doing: Doing },
): Promise<string> {
  await (doing === 'apply' ? removeKeyManagers(pair) : apply(pair));
  for (const proxy of Object.values(pair.proxies)) proxy.calls.length = 0;
  const proxy = pair.proxies[at];
  proxy.fault = (_asked, count) => (nth === 'all' || count === nth ? fault : undefined);
  const started = performance.now();
  const outcome = await (doing === 'apply' ? apply(pair) : prove(pair)).then(() => 'right', clearly);
  const tookMs = performance.now() - started;
  proxy.fault = undefined;
  assert.ok(tookMs < patient(LONGEST_MS), `it took ${tookMs} ms`);
  await apply(pair);
  assert.is(await countKeyManagers(pair), 1);
  return outcome;
}

/** The code of a failure that is understood; any other is a defect. */
export function clearly(error: unknown): string {
  assert.instance(error, BootstrapError, `not understood: ${(error as Error)?.stack ?? error}`);
  const { code, hint, message } = error as BootstrapError;
  assert.is.not(code, 'INTERNAL', message);
  assert.ok(hint.length > 10, `${code} without a hint`);
  assert.ok(message.length < 20_000, `${code}: ${message.length} characters`);
  assert.not.match(message, /\n {4}at |\bundefined\b|\[object Object\]/, `${code}: ${message}`);
  return code;
}

async function apply(pair: HostilePair): Promise<void> {
  const { signal } = new AbortController();
  const step = stepOf({ ...pair, patienceMs: 1_000, discovery: createDiscovery(pair.http) });
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
  if (step.plan(await step.inspect(signal)).length === 0) return;
  // As the runner says it, when a server still shows something else after it took what it was sent.
  throw new BootstrapError({
    code: 'NOT_CONVERGED',
    message: 'still not in sync',
    hint: 'Look at what the server shows.',
  });
}

async function prove(pair: HostilePair): Promise<void> {
  await stepOf({ ...pair, level: 'token', patienceMs: 1_000 }).prove?.(new AbortController().signal);
}

async function removeKeyManagers({ apim }: HostilePair): Promise<void> {
  const { list } = JSON.parse((await apim.call('GET', KEY_MANAGERS)).text) as { list: { id: string; type: string }[] };
  for (const { id } of list.filter(({ type }) => type === 'WSO2-IS-7')) {
    await apim.call('DELETE', `${KEY_MANAGERS}/${id}`);
  }
}

async function countKeyManagers({ apim }: HostilePair): Promise<number> {
  const { list } = JSON.parse((await apim.call('GET', KEY_MANAGERS)).text) as { list: { type: string }[] };
  return list.filter(({ type }) => type === 'WSO2-IS-7').length;
}

const JUNK = fc.oneof(
  fc.constantFrom(null, true, 0, -1, 1e308, '', ' ', '__proto__', '<b>', '\u0000', [], {}, [[]], 'x'.repeat(5_000)),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Where in a reply something is changed, and to what. */
export const FALSIFICATIONS = fc.record({
  nth: fc.integer({ min: 1, max: 8 }),
  place: fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }),
  becomes: fc.oneof(fc.record({ value: JUNK }), fc.constant('removed' as const), fc.constant('renamed' as const)),
});

export type Falsification = typeof FALSIFICATIONS extends fc.Arbitrary<infer T> ? T : never;

/** A reply whose JSON differs at one place. */
export function falsify({ place, becomes }: Falsification): Fault {
  return (response, { status, body }) => {
    const parsed = parseOrNothing(body.toString('utf8'));
    const falsified = parsed === undefined ? 'null' : JSON.stringify(changeAt(parsed, place, becomes));
    response.writeHead(status, { 'content-type': 'application/json' }).end(falsified);
  };
}

function changeAt(
  value: unknown,
  [index = 0, ...deeper]: readonly number[],
  becomes: Falsification['becomes'],
): unknown {
  if (typeof value !== 'object' || value === null) return replacement(value, becomes);
  const names = Object.keys(value);
  const name = names[index % Math.max(1, names.length)];
  if (name === undefined) return replacement(value, becomes);
  const entries = names.flatMap((own): [string, unknown][] => {
    const member = (value as Record<string, unknown>)[own];
    if (own !== name) return [[own, member]];
    if (deeper.length > 0) return [[own, changeAt(member, deeper, becomes)]];
    if (becomes === 'removed') return [];
    return becomes === 'renamed' ? [[`${own}x`, member]] : [[own, becomes.value]];
  });
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

function replacement(value: unknown, becomes: Falsification['becomes']): unknown {
  return typeof becomes === 'object' ? becomes.value : value;
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
