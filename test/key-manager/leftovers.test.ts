import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isLeftover, newProofName, PROOF_PREFIX } from '../../src/key-manager/proof-run.js';
import { anyStep } from '../../src/step/step.js';
import { DEVPORTAL } from '../sandbox/apim/stand-in.js';
import { at } from '../sandbox/is7/stand-in.js';
import { stepOf } from './given-step.js';
import { applyAll, withPair } from './pair.js';

const MINUTE_MS = 60_000;
const now = Date.now();
const own = newProofName(now);

/** The name that another run would have given: another process, here or on another host. */
function nameOf(change: { readonly pid?: number; readonly host?: string; readonly minutesAgo?: number }): string {
  const [host = '', pid, , , random] = own.slice(PROOF_PREFIX.length).split('-');
  const minute = Math.floor((now - (change.minutesAgo ?? 0) * MINUTE_MS) / MINUTE_MS).toString(36);
  return `${PROOF_PREFIX}${change.host ?? host}-${change.pid ?? pid}-0badc0de-${minute}-${random}`;
}

/** The id of a process that has ended. */
function endedProcess(): number {
  return spawnSync('true').pid;
}

const cases: [title: string, name: string, leftover: boolean][] = [
  ['what this run made is not', own, false],
  ['what a process made that has ended is', nameOf({ pid: endedProcess() }), true],
  ['what a process made that lives is not', nameOf({ pid: process.ppid }), false],
  ['what a process elsewhere made a moment ago is not', nameOf({ host: '0badc0de', pid: 1 }), false],
  ['what a process elsewhere made half an hour ago is', nameOf({ host: '0badc0de', pid: 1, minutesAgo: 31 }), true],
  ['what a process with this id made before is', nameOf({}), true],
  ['what only begins alike is not', `${PROOF_PREFIX}of-concept`, false],
  ['anything else is not', 'DefaultApplication', false],
];

for (const [title, name, leftover] of cases) {
  test(`leftovers: ${title}`, () => assert.is(isLeftover(name, now), leftover));
}

test('what a killed run left is removed by the next, with its client at IS 7; what others use stays', () =>
  withPair({}, async (pair) => {
    const { apim, is7 } = pair;
    const step = stepOf({ ...pair, level: 'keys' });
    await applyAll(anyStep(step));
    const killed = nameOf({ pid: endedProcess() });
    for (const name of [killed, nameOf({ pid: process.ppid }), 'mine']) {
      const made = await apim.call('POST', `${DEVPORTAL}/applications`, { name, throttlingPolicy: 'Unlimited' });
      const keys = { keyType: 'PRODUCTION', keyManager: 'WSO2-IS-7', grantTypesToBeSupported: ['client_credentials'] };
      const path = `${DEVPORTAL}/applications/${at(made, 'applicationId')}/generate-keys`;
      const generated = await apim.call('POST', path, keys);
      if (name === killed) assert.ok(is7.database.findApp(String(at(generated, 'consumerKey'))));
    }
    assert.equal(await step.prove?.(new AbortController().signal), []);
    const left = at(await apim.call('GET', `${DEVPORTAL}/applications`), 'list') as { name: string }[];
    assert.equal(left.map(({ name }) => name).sort(), [nameOf({ pid: process.ppid }), 'mine'].sort());
  }));

test.run();
