import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepReport } from '../../src/step/step-report.js';
import { reasonsToLeave } from '../../src/watch/leave.js';
import { failed, NOTHING_PENDING, pending } from './reports.js';

const IMPORT = { action: 'add', summary: 'import it' } as const;

const SAFE: readonly StepReport[] = [
  pending('deployment-toml/is7'),
  pending('trust/apim', 'add'),
  pending('trust/is7-client', 'add'),
  pending('key-manager/WSO2-IS-7'),
  pending('key-manager/example.com/Login', 'add'),
];

for (const report of SAFE) {
  test(`${report.step} is safe to mend`, () => assert.is(reasonsToLeave([report]).size, 0));
}

const LEFT: readonly [title: string, reports: readonly StepReport[], reason: RegExp][] = [
  ['a TLS identity', [pending('tls/is7')], /does not trust yet/],
  ['the database', [pending('database/consumer-key', 'add')], /locks a table/],
  ['a jar', [pending('dropins/is7', 'add')], /load classes/],
  ['a Key Manager that is to go', [pending('key-manager/Old', 'remove')], /nothing is removed/],
  ['what the other recipe left', [pending('deployment-toml/is7', 'remove')], /nothing is removed/],
  ['what something is in the way of', [failed('trust/is7', 'STORE_ALIAS_TAKEN', [IMPORT])], /it is so/],
  ['deployment.toml that names a new keystore', [pending('deployment-toml/is7'), pending('tls/is7')], /tls\/is7/],
  [
    'deployment.toml that names a keystore which cannot be read',
    [pending('deployment-toml/is7'), failed('tls/is7', 'FILE_UNREADABLE')],
    /tls\/is7/,
  ],
];

for (const [title, reports, reason] of LEFT) {
  test(`${title} is left to a person, with the reason`, () => {
    const [step = ''] = reports.map((report) => report.step);
    assert.match(reasonsToLeave(reports).get(step) ?? '', reason);
  });
}

test('the TLS identity of the other server is no reason to leave deployment.toml', () => {
  const reports = [pending('deployment-toml/is7'), pending('tls/apim')];
  assert.not.ok(reasonsToLeave(reports).has('deployment-toml/is7'));
});

test('what has not drifted needs no reason', () => {
  assert.is(reasonsToLeave([NOTHING_PENDING, failed('health/is7', 'SERVER_UNREACHABLE', [IMPORT])]).size, 0);
});

test.run();
