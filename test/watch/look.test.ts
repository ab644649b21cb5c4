import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../src/errors.js';
import { runSteps } from '../../src/step/run.js';
import type { Step } from '../../src/step/step.js';
import type { StepReport } from '../../src/step/step-report.js';
import { type Looked, look, type RunSteps } from '../../src/watch/look.js';

/** A fact in memory: it holds when it says `right`. */
function fact(id: string, actual: { value: string }, apply?: () => Promise<void>): Step {
  return {
    id,
    inspect: async () => actual.value,
    plan: (value) => (value === 'right' ? [] : [{ action: 'update', summary: `correct ${id}` }]),
    apply:
      apply ??
      (async () => {
        actual.value = 'right';
      }),
  };
}

function runOver(steps: readonly Step[], signal = new AbortController().signal): RunSteps {
  return async (verb, only) => {
    const reports: StepReport[] = [];
    const selected = steps.filter(({ id }) => only === undefined || only.includes(id));
    for await (const report of runSteps(selected, { verb, signal })) reports.push(report);
    return { steps: selected, declared: steps.map(({ id }) => id), reports };
  };
}

const statesOf = ({ found }: Looked) => Object.fromEntries(found.map(({ report, state }) => [report.step, state]));

test('looking changes nothing', async () => {
  const actual = { value: 'wrong' };
  const looked = await look(runOver([fact('trust/apim', actual)]), { mend: false });
  assert.equal(statesOf(looked), { 'trust/apim': 'drift' });
  assert.is(actual.value, 'wrong');
});

test('what is safe is mended, the rest is left with its reason', async () => {
  const [safe, unsafe] = [{ value: 'wrong' }, { value: 'wrong' }];
  const steps = [
    fact('trust/apim', safe),
    fact('database/consumer-key', unsafe),
    fact('health/is7', { value: 'right' }),
  ];
  const looked = await look(runOver(steps), { mend: true });
  assert.equal(statesOf(looked), { 'trust/apim': 'mended', 'database/consumer-key': 'drift', 'health/is7': 'in-sync' });
  assert.equal([safe.value, unsafe.value], ['right', 'wrong']);
  assert.match(looked.found[1]?.leftAlone ?? '', 'locks a table');
});

test('what could not be mended is drift still, with the reason', async () => {
  const refused = new BootstrapError({
    code: 'FILE_UNWRITABLE',
    message: 'read-only',
    hint: 'mount it so that it can be written',
  });
  const step = fact('deployment-toml/is7', { value: 'wrong' }, () => Promise.reject(refused));
  const { found } = await look(runOver([step]), { mend: true });
  assert.is(found[0]?.state, 'drift');
  assert.is(found[0]?.report.changes.length, 1);
  assert.is(found[0]?.report.error?.code, 'FILE_UNWRITABLE');
});

test('steps that the time did not reach wait', async () => {
  const stopped = new AbortController();
  const slow: Step = {
    ...fact('trust/apim', { value: 'right' }),
    inspect: async () => {
      stopped.abort(new BootstrapError({ code: 'DEADLINE', message: 'not done within 1 s', hint: 'wait' }));
      stopped.signal.throwIfAborted();
    },
  };
  const looked = await look(runOver([slow, fact('trust/is7', { value: 'right' })], stopped.signal), { mend: true });
  assert.equal(statesOf(looked), { 'trust/apim': 'failed', 'trust/is7': 'waiting' });
});

test.run();
