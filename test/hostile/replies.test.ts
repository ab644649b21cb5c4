import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FAULTS } from './faulty-proxy.js';
import { FALSIFICATIONS, falsify, runWithFault, withHostilePair } from './replies.js';

/** The request whose reply is spoilt: registration, token, settings, list, and what is written. */
const REQUESTS = 7;
const FALSIFIED = 60;

test('a reply that is wrong in any way that we know is told clearly or gone past, and the next run makes one Key Manager', () =>
  withHostilePair(async (pair) => {
    const outcomes = new Map<string, string>();
    for (const [index, [name, fault]] of Object.entries(FAULTS).entries()) {
      const nth = 1 + (index % REQUESTS);
      outcomes.set(name, await runWithFault(pair, { at: 'apim', fault, nth, doing: 'apply' }));
    }
    for (const name of ['delayed', 'dripping', 'doubled', 'a byte order mark', 'interim replies']) {
      assert.is(outcomes.get(name), 'right', name);
    }
  }));

test('a server that never gives a proper reply is told apart from one that is down', () =>
  withHostilePair(async (pair) => {
    const codes = {
      'HTML instead of JSON': 'API_REPLY_INVALID',
      'a redirect to itself': 'API_REFUSED',
      '10 MB of JSON': 'REPLY_UNREADABLE',
      'a header flood': 'REPLY_UNREADABLE',
      'something that is not HTTP': 'REPLY_UNREADABLE',
      unauthorized: 'CREDENTIALS_REFUSED',
    };
    for (const [name, code] of Object.entries(codes)) {
      const fault = FAULTS[name];
      assert.ok(fault, name);
      assert.is(await runWithFault(pair, { at: 'apim', fault, nth: 'all', doing: 'apply' }), code, name);
    }
  }));

test('a proof survives replies that are wrong, too', () =>
  withHostilePair(async (pair) => {
    const faults = Object.values(FAULTS);
    for (const [index, at] of (['apim', 'is7', 'apim', 'is7', 'apim', 'is7'] as const).entries()) {
      const fault = faults[(index * 7) % faults.length];
      if (fault) await runWithFault(pair, { at, fault, nth: index + 2, doing: 'prove' });
    }
  }));

test('JSON that differs from the right one at any place is told clearly or gone past', () =>
  withHostilePair((pair) =>
    fc.assert(
      fc.asyncProperty(FALSIFICATIONS, async (falsification) => {
        const fault = falsify(falsification);
        await runWithFault(pair, { at: 'apim', fault, nth: falsification.nth, doing: 'apply' });
      }),
      { seed: 20261123, numRuns: FALSIFIED, includeErrorInReport: true },
    ),
  ));

test.run();
