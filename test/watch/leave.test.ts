import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepReport } from '../../src/step/step-report.js';
import { reasonsToLeave } from '../../src/watch/leave.js';
import { failed, NOTHING_PENDING, pending } from './reports.js';

const IMPORT = { action: 'add', summary: 'import it' } as const;

/** A look at all that there is. */
function seen(...reports: readonly StepReport[]) {
  return { declared: reports.map(({ step }) => step), reports };
}

const SAFE: readonly StepReport[] = [
  pending('deployment-toml/is7'),
  pending('trust/apim', 'add'),
  pending('trust/is7-client', 'add'),
  pending('key-manager/WSO2-IS-7'),
  pending('key-manager/example.com/Login', 'add'),
];

for (const report of SAFE) {
  test(`${report.step} is safe to mend`, () => assert.is(reasonsToLeave(seen(report)).size, 0));
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
    assert.match(reasonsToLeave(seen(...reports)).get(step) ?? '', reason);
  });
}

test('deployment.toml is left when its TLS identity is not even looked at, and mended when that is in sync', () => {
  const reports = [pending('deployment-toml/is7')];
  const declared = ['deployment-toml/is7', 'tls/is7'];
  assert.ok(reasonsToLeave({ declared, reports }).has('deployment-toml/is7'));
  const held = [...reports, { ...NOTHING_PENDING, step: 'tls/is7' }];
  assert.not.ok(reasonsToLeave({ declared, reports: held }).has('deployment-toml/is7'));
});

test('the TLS identity of the other server is no reason to leave deployment.toml', () => {
  const reports = [pending('deployment-toml/is7'), pending('tls/apim')];
  assert.not.ok(reasonsToLeave(seen(...reports)).has('deployment-toml/is7'));
});

test('what has not drifted needs no reason', () => {
  assert.is(reasonsToLeave(seen(NOTHING_PENDING, failed('health/is7', 'SERVER_UNREACHABLE', [IMPORT]))).size, 0);
});

test.run();
