import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { errorLine, stepLine, summarize, summaryLine } from '../../src/report/json.js';
import { PLAIN, painter } from '../../src/report/style.js';
import { groupedText, messageText, stepText, summaryText } from '../../src/report/text.js';
import type { StepReport } from '../../src/step/step-report.js';

const plain = PLAIN;

function report(fields: Partial<StepReport>): StepReport {
  return { type: 'step', step: 'trust/apim', status: 'in-sync', changes: [], notices: [], durationMs: 7, ...fields };
}

const pending = report({
  status: 'pending',
  changes: [
    { action: 'add', summary: 'import a' },
    { action: 'update', summary: 'set b' },
    { action: 'remove', summary: 'drop c' },
  ],
  notices: [{ code: 'CERT_EXPIRED', message: 'it has expired', hint: 'replace it' }],
});
const failed = report({
  status: 'failed',
  error: { code: 'DATABASE_IN_USE', message: 'held by IS 7', hint: 'stop it' },
});

test('a step reads like a diff, with what is worth saying below', () => {
  assert.is(
    stepText(pending, plain),
    [
      'trust/apim               3 changes',
      '  + import a',
      '  ~ set b',
      '  - drop c',
      '  note CERT_EXPIRED: it has expired',
      '    → replace it',
    ].join('\n'),
  );
});

test('the diff stands below the changes', () => {
  assert.match(
    stepText({ ...pending, diff: ['@ a, line 1', '+ b'] }, plain),
    '  - drop c\n      @ a, line 1\n      + b\n  note',
  );
});

test('a plan is shown by server, in the order in which each first came', () => {
  const [is7, apim] = ['IS 7', 'API Manager'];
  const steps = [report({ owner: is7 }), report({ owner: apim, step: 'b' }), { ...failed, owner: is7 }];
  assert.equal(
    groupedText(steps, plain)
      .split('\n')
      .map((line) => line.split('  ')[0]),
    ['IS 7', '', 'trust/apim', '', 'trust/apim', '', '', '', 'API Manager', '', 'b'],
  );
});

test('a failure has its code, its message and what to do', () => {
  assert.is(
    stepText(failed, plain),
    'trust/apim               failed\n  error DATABASE_IN_USE: held by IS 7\n    → stop it',
  );
});

test('further lines of a message are indented', () => {
  assert.match(messageText('error', { code: 'X', message: 'a\nb', hint: 'c' }, plain), '  error X: a\n      b\n');
});

test('colour is there only when asked for', () => {
  assert.match(stepText(failed, { ...PLAIN, paint: painter('color') }), '\u001b[31m');
  assert.not.match(stepText(failed, plain), '\u001b');
});

const summaries: readonly [title: string, reports: StepReport[], verb: 'plan' | 'apply' | 'verify', text: string][] = [
  ['nothing to do', [report({})], 'plan', 'No changes'],
  [
    'changes and what waits',
    [pending, report({ status: 'deferred' })],
    'plan',
    '3 changes to make in 1 step, 1 step deferred',
  ],
  [
    'what was done and what failed',
    [{ ...pending, status: 'applied' }, failed],
    'apply',
    '3 changes made, 1 step failed',
  ],
  ['an apply that found all in sync', [report({})], 'apply', 'Nothing changed'],
];

for (const [title, reports, verb, text] of summaries) {
  test(`the last line tells ${title}`, () => assert.is(summaryText(reports, summarize(reports, 0), verb), text));
}

test('JSON is one object a line, with the fields of the contract', () => {
  assert.equal(JSON.parse(stepLine(failed)), {
    type: 'step',
    step: 'trust/apim',
    status: 'failed',
    changes: [],
    notices: [],
    durationMs: 7,
    error: { code: 'DATABASE_IN_USE', message: 'held by IS 7', hint: 'stop it' },
  });
  assert.is(
    summaryLine({ changes: 3, applied: 2, exitCode: 1 }),
    '{"type":"summary","changes":3,"applied":2,"exitCode":1}',
  );
  assert.equal(JSON.parse(errorLine({ code: 'USAGE', message: 'm', hint: 'h' })).error, {
    code: 'USAGE',
    message: 'm',
    hint: 'h',
  });
});

test.run();
