import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../src/errors.js';
import type { StepReport } from '../../src/step/step-report.js';
import { newsJson, newsOf, newsText } from '../../src/watch/news.js';
import { noteRestarts, type ServerRecord, type ServerSeen } from '../../src/watch/restarts.js';
import { afterLook, isDown, overallOf, reasonsNotReady } from '../../src/watch/status.js';
import { stateOf } from '../../src/watch/step-state.js';
import { failed, freshStatus, lookOf, NOTHING_PENDING, pending } from './reports.js';

const WAIT = { action: 'update', summary: 'wait for it' } as const;
const applied: StepReport = { ...pending('trust/apim'), status: 'applied' };
const AT = new Date('2026-11-23T12:00:05.678Z');

const STATES: readonly [title: string, report: StepReport, state: string][] = [
  ['a server that does not answer', failed('health/is7', 'SERVER_UNREACHABLE', [WAIT]), 'unreachable'],
  ['a server with another certificate', failed('health/is7', 'TLS_UNTRUSTED', [WAIT]), 'failed'],
  ['a constraint that is missing in a database in use', failed('database/x', 'DATABASE_IN_USE', [WAIT]), 'drift'],
  ['a store that cannot be read', failed('trust/apim', 'STORE_TRUNCATED'), 'failed'],
  ['a step behind one that failed', { ...NOTHING_PENDING, status: 'deferred' }, 'waiting'],
  ['a change that was made', applied, 'mended'],
];

for (const [title, report, state] of STATES) {
  test(`${title} is ${state}`, () => assert.is(stateOf(report), state));
}

test('the worst step is the state of all, and drift does not make the watch unready', () => {
  const drifted = afterLook(freshStatus(), lookOf([NOTHING_PENDING, pending('trust/is7')]));
  assert.is(overallOf(drifted), 'drift');
  assert.equal(reasonsNotReady(drifted), []);
  const down = afterLook(freshStatus(), lookOf([pending('trust/is7'), failed('health/is7', 'SERVER_NOT_READY')]));
  assert.is(overallOf(down), 'unreachable');
  assert.ok(isDown(down));
  assert.equal(reasonsNotReady(down), ['health/is7: SERVER_NOT_READY']);
  assert.is(reasonsNotReady(freshStatus()).length, 1);
});

test('a state is as old as the look that found it first, and what was mended stays so old when it is in sync', () => {
  const [first, second, third] = [1, 2, 3].map((second) => new Date(second * 1_000));
  const since = (status: ReturnType<typeof freshStatus>) => status.steps[0]?.since;
  const drift = afterLook(freshStatus(), lookOf([pending('trust/apim')], { startedAt: first ?? AT }));
  const mended = afterLook(drift, lookOf([applied], { startedAt: second ?? AT }));
  const held = afterLook(mended, lookOf([NOTHING_PENDING], { startedAt: third ?? AT }));
  assert.equal([since(drift), since(mended), since(held)], [first, second, second]);
});

test('a look that failed keeps what the one before it found, and says why it is not ready', () => {
  const failure = new BootstrapError({ code: 'HOME_NOT_FOUND', message: 'no such home', hint: 'mount it' });
  const before = afterLook(freshStatus(), lookOf([NOTHING_PENDING]));
  const after = afterLook(before, lookOf([], { failure }));
  assert.is(after.steps, before.steps);
  assert.is(overallOf(after), 'failed');
  assert.equal(reasonsNotReady(after), ['HOME_NOT_FOUND: no such home']);
  assert.is(newsOf(before, after).length, 1);
  assert.is(newsOf(after, afterLook(after, lookOf([], { failure }))).length, 0);
});

test('only what changed is news, on one line', () => {
  const quiet = afterLook(freshStatus(), lookOf([NOTHING_PENDING]));
  assert.equal(newsOf(freshStatus(), quiet), []);
  const drift = afterLook(quiet, lookOf([pending('trust/apim', 'add', 'import\n\u001b[31mb')]));
  const [news] = newsOf(quiet, drift);
  assert.ok(news);
  assert.is(newsText(news, AT), '2026-11-23T12:00:05Z  drift        trust/apim: import [31mb');
  assert.is(newsOf(drift, afterLook(drift, lookOf([pending('trust/apim', 'add', 'import\n\u001b[31mb')]))).length, 0);
  const { type, step, state, status, at } = JSON.parse(newsJson(news, AT)) as Record<string, string>;
  assert.equal([type, step, state, status, at], ['step', 'trust/apim', 'drift', 'pending', AT.toISOString()]);
});

test('each mending is news, even one after another, and the quiet after it is none', () => {
  const once = afterLook(freshStatus(), lookOf([applied]));
  const twice = afterLook(once, lookOf([applied]));
  assert.is(newsOf(freshStatus(), once).length, 1);
  assert.is(newsOf(once, twice).length, 1);
  assert.is(newsOf(twice, afterLook(twice, lookOf([NOTHING_PENDING]))).length, 0);
});

const IS7: ServerSeen = { server: 'is7', title: 'IS 7', isRunning: true, start: 'one' };
const nobody = { byUs: new Set<'is7'>(), byOthers: new Set<'is7'>() };
const byUs = { ...nobody, byUs: new Set(['is7'] as const) };
const byOthers = { ...nobody, byOthers: new Set(['is7'] as const) };
const needing: ServerRecord = { ...IS7, restartNeededSince: AT };

const RESTARTS: readonly [string, ServerRecord[], ServerSeen, typeof nobody, 'needed' | 'not needed'][] = [
  ['nothing was corrected', [IS7], IS7, nobody, 'not needed'],
  ['its files were mended while it ran', [IS7], IS7, byUs, 'needed'],
  ['they were mended in the first look', [], IS7, byUs, 'needed'],
  ['somebody else corrected them', [IS7], IS7, byOthers, 'needed'],
  ['they were mended while it was down', [], { ...IS7, isRunning: false }, byUs, 'not needed'],
  ['it was needed and is not done', [needing], IS7, nobody, 'needed'],
  ['it was needed and the server has started anew', [needing], { ...IS7, start: 'two' }, nobody, 'not needed'],
  ['it was needed and the server was down', [{ ...IS7, isRunning: false }], IS7, nobody, 'not needed'],
  ['it was corrected and restarted between two looks', [IS7], { ...IS7, start: 'two' }, byOthers, 'not needed'],
  ['it was restarted before we mended', [needing], { ...IS7, start: 'two' }, byUs, 'needed'],
];

for (const [title, before, seen, corrected, expected] of RESTARTS) {
  test(`a restart is ${expected} when ${title}`, () => {
    const [record] = noteRestarts(before, [seen], corrected, AT);
    assert.is(record?.restartNeededSince !== undefined, expected === 'needed');
  });
}

test.run();
