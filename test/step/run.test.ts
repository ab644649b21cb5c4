import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/codes.js';
import { BootstrapError, UnreachableError } from '../../src/errors.js';
import { exitCodeOf } from '../../src/report/exit-code.js';
import { runSteps, type Verb } from '../../src/step/run.js';
import type { PlannedChange, Step } from '../../src/step/step.js';
import type { StepReport } from '../../src/step/step-report.js';

const down = new UnreachableError({ code: 'SERVER_UNREACHABLE', message: 'nothing listens', hint: 'start it' });
const broken = new BootstrapError({ code: 'STORE_UNREADABLE', message: 'broken', hint: 'mend it' });

/** A fact about a number in memory: it should be `wanted`. */
function counter(id: string, actual: { value: number }, wanted = 1, extra: Partial<Step<number>> = {}): Step {
  const change: PlannedChange = { action: 'update', summary: `set ${id} to ${wanted}` };
  return {
    id,
    inspect: async () => actual.value,
    plan: (value) => (value === wanted ? [] : [change]),
    apply: async () => {
      actual.value = wanted;
    },
    ...(extra as Partial<Step>),
  };
}

async function run(verb: Verb, ...steps: Step[]): Promise<{ reports: StepReport[]; exitCode: number }> {
  const reports: StepReport[] = [];
  for await (const report of runSteps(steps, { verb, signal: new AbortController().signal })) reports.push(report);
  return { reports, exitCode: exitCodeOf(reports, verb) };
}

const statuses = (reports: readonly StepReport[]) => reports.map(({ status }) => status).join(' ');

test('plan shows the change and makes none', async () => {
  const actual = { value: 0 };
  const { reports, exitCode } = await run('plan', counter('a', actual));
  assert.is(statuses(reports), 'pending');
  assert.equal(reports[0]?.changes, [{ action: 'update', summary: 'set a to 1' }]);
  assert.is(actual.value, 0);
  assert.is(exitCode, 2);
});

test('apply makes the change once, and then there is nothing to do', async () => {
  const actual = { value: 0 };
  assert.is(statuses((await run('apply', counter('a', actual))).reports), 'applied');
  const again = await run('apply', counter('a', actual));
  assert.is(statuses(again.reports), 'in-sync');
  assert.is(again.exitCode, 0);
});

test('a change that does not hold afterwards is a failure', async () => {
  const { reports, exitCode } = await run('apply', counter('a', { value: 0 }, 1, { apply: async () => {} }));
  assert.is(reports[0]?.error?.code, 'NOT_CONVERGED');
  assert.is(exitCode, 1);
});

test('a step that fails keeps only those from running that need it', async () => {
  const failing = counter('a', { value: 0 }, 1, { inspect: () => Promise.reject(broken) });
  const needing = counter('b', { value: 0 }, 1, { needs: ['a'] });
  const { reports, exitCode } = await run('apply', failing, needing, counter('c', { value: 0 }));
  assert.is(statuses(reports), 'failed deferred applied');
  assert.is(exitCode, 1);
});

test('a server that is down defers the step in plan, and fails it in verify and apply', async () => {
  const step = counter('a', { value: 0 }, 1, { inspect: () => Promise.reject(down) });
  const planned = await run('plan', step);
  assert.is(statuses(planned.reports), 'deferred');
  assert.is(planned.exitCode, 2);
  assert.is((await run('verify', step)).exitCode, 3);
  assert.is((await run('apply', step)).exitCode, 3);
});

/** Codes of what failed in one run, and the exit code. */
const RANKED: readonly (readonly [codes: readonly ErrorCode[], exitCode: number])[] = [
  [['CREDENTIALS_REFUSED', 'HOME_NOT_FOUND'], 78],
  [['LOCKED', 'SERVER_UNREACHABLE', 'CREDENTIALS_REFUSED'], 77],
  [['HEALTH_DEADLINE', 'DATABASE_PASSWORD_WRONG', 'STORE_UNREADABLE'], 77],
  [['STORE_UNREADABLE', 'PROOF_CREDENTIALS'], 77],
  [['SERVER_UNREACHABLE', 'LOCKED'], 75],
  [['HEALTH_DEADLINE', 'SERVER_UNREACHABLE'], 3],
  [['STORE_UNREADABLE', 'HEALTH_DEADLINE'], 124],
];

for (const [codes, expected] of RANKED) {
  test(`of ${codes.join(', ')} the exit code is ${expected}`, async () => {
    const steps = codes.map((code) => {
      const inspect = () => Promise.reject(new BootstrapError({ code, message: 'it failed', hint: 'mend it' }));
      return counter(code, { value: 0 }, 1, { inspect });
    });
    assert.is((await run('apply', ...steps)).exitCode, expected);
  });
}

test('what a step waits for is told under its name, whether it looks, writes or proves', async () => {
  const told: string[] = [];
  const step = counter('a', { value: 0 });
  const waiting: Step = {
    ...step,
    inspect(signal, say) {
      say?.('to look');
      return step.inspect(signal);
    },
    apply(change, signal, { say } = {}) {
      say?.('to write');
      return step.apply(change, signal);
    },
    async prove(_signal, say) {
      say?.('to prove');
      return [];
    },
  };
  for (const verb of ['apply', 'verify'] as const) {
    const options = {
      verb,
      signal: new AbortController().signal,
      onWaiting: (...said: string[]) => told.push(said.join(': ')),
    };
    for await (const report of runSteps([waiting], options)) assert.is.not(report.status, 'failed');
  }
  assert.equal(told, ['a: to look', 'a: to write', 'a: to look', 'a: to look', 'a: to prove']);
});

test('an obstacle is drift in plan and a failure in verify', async () => {
  const plan = () => [{ action: 'update', summary: 'wait', obstacle: down }] as const;
  const step = counter('a', { value: 0 }, 1, { plan });
  const planned = await run('plan', step);
  assert.is(planned.exitCode, 2);
  assert.is(planned.reports[0]?.notices[0]?.code, 'SERVER_UNREACHABLE');
  assert.is((await run('verify', step)).exitCode, 3);
});

test('verify reports drift as pending and calls the proof only when there is none', async () => {
  let proofs = 0;
  const prove = async () => {
    proofs += 1;
    return [];
  };
  assert.is((await run('verify', counter('a', { value: 0 }, 1, { prove }))).exitCode, 2);
  assert.is(proofs, 0);
  assert.is((await run('verify', counter('a', { value: 1 }, 1, { prove }))).exitCode, 0);
  assert.is(proofs, 1);
  await run('apply', counter('a', { value: 1 }, 1, { prove }));
  assert.is(proofs, 1);
});

test('the lock is taken only before something is written, and what changed meanwhile is looked at again', async () => {
  const actual = { value: 0 };
  const beforeWriting = async () => {
    actual.value = 1;
  };
  const options = { verb: 'apply', signal: new AbortController().signal, beforeWriting } as const;
  const reports: StepReport[] = [];
  for await (const report of runSteps([counter('a', actual)], options)) reports.push(report);
  assert.is(statuses(reports), 'in-sync');
});

test('with nobody to keep out, nothing is looked at twice before it is written', async () => {
  let looks = 0;
  const actual = { value: 0 };
  const inspect = async () => {
    looks += 1;
    return actual.value;
  };
  const options = { verb: 'apply', signal: new AbortController().signal, beforeWriting: () => undefined } as const;
  const reports: StepReport[] = [];
  for await (const report of runSteps([counter('a', actual, 1, { inspect })], options)) reports.push(report);
  assert.is(statuses(reports), 'applied');
  assert.is(looks, 2, 'before it is written and after');
});

test('an aborted run ends before its next step', async () => {
  const controller = new AbortController();
  const first = counter('a', { value: 0 }, 1, {
    apply: async () => {
      controller.abort(broken);
      throw new Error('torn');
    },
  });
  const reports: StepReport[] = [];
  for await (const report of runSteps([first, counter('b', { value: 0 })], {
    verb: 'apply',
    signal: controller.signal,
  })) {
    reports.push(report);
  }
  assert.equal(
    reports.map(({ step, error }) => [step, error?.code]),
    [['a', 'STORE_UNREADABLE']],
  );
});

test('what a state comes to in numbers is reported with it', async () => {
  const gauge = { name: 'a_days', help: 'Days', labels: { server: 'is7' }, value: 3 };
  const { reports } = await run(
    'plan',
    counter('a', { value: 1 }, 1, { gauges: () => [gauge] }),
    counter('b', { value: 1 }),
  );
  assert.equal(
    reports.map(({ gauges }) => gauges),
    [[gauge], undefined],
  );
});

const ranking: readonly [codes: BootstrapError['code'][], exitCode: number][] = [
  [['CONFIG_INVALID', 'SERVER_UNREACHABLE'], 78],
  [['HEALTH_DEADLINE', 'SERVER_UNREACHABLE'], 3],
  [['DATABASE_IN_USE', 'HEALTH_DEADLINE'], 124],
  [['DATABASE_IN_USE'], 1],
];

for (const [codes, exitCode] of ranking) {
  test(`${codes.join(' and ')} together end with ${exitCode}`, async () => {
    const steps = codes.map((code, index) =>
      counter(`s${index}`, { value: 0 }, 1, {
        inspect: () => Promise.reject(new BootstrapError({ code, message: 'x', hint: 'y' })),
      }),
    );
    assert.is((await run('apply', ...steps)).exitCode, exitCode);
  });
}

test('steps of one lane run side by side, at most so many, and are reported in their order', async () => {
  let running = 0;
  let most = 0;
  const slow = (id: string, ms: number) =>
    counter(id, { value: 1 }, 1, {
      lane: 'l',
      inspect: async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, ms));
        running--;
        return 1;
      },
    });
  const steps = [counter('before', { value: 1 }), slow('a', 40), slow('b', 20), slow('c', 1), slow('d', 1)];
  const reports: StepReport[] = [];
  const { signal } = new AbortController();
  for await (const report of runSteps(steps, { verb: 'plan', signal, concurrency: 3 })) reports.push(report);
  assert.equal(
    reports.map(({ step }) => step),
    ['before', 'a', 'b', 'c', 'd'],
  );
  assert.is(most, 3);
});

test('steps of one lane that write the same take turns, and one that needs another waits for it', async () => {
  const log: string[] = [];
  const noted = (id: string, extra: Partial<Step<number>>) =>
    counter(id, { value: 0 }, 1, {
      lane: 'l',
      inspect: async () => {
        log.push(`${id} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        log.push(`${id} ends`);
        return 1;
      },
      ...extra,
    });
  const steps = [
    noted('a', { writes: 'store' }),
    noted('b', { writes: 'store' }),
    noted('c', { writes: 'other store' }),
    noted('d', { needs: ['c'] }),
  ];
  const { signal } = new AbortController();
  const reports: StepReport[] = [];
  for await (const report of runSteps(steps, { verb: 'plan', signal, concurrency: 8 })) reports.push(report);
  const at = (line: string) => log.indexOf(line);
  assert.ok(at('c begins') < at('a ends'), 'those that write something else do not wait');
  assert.ok(at('a ends') < at('b begins'));
  assert.ok(at('c ends') < at('d begins'));
  assert.is(reports.map(({ step }) => step).join(''), 'abcd');
});

test('in a lane too, what needs a step that failed is deferred', async () => {
  const failing = counter('a', { value: 0 }, 1, { lane: 'l', inspect: () => Promise.reject(broken) });
  const needing = counter('b', { value: 0 }, 1, { lane: 'l', needs: ['a'] });
  assert.is(statuses((await run('apply', failing, needing)).reports), 'failed deferred');
});

test('one that fails does not stop its lane', async () => {
  const failing = counter('a', { value: 0 }, 1, { lane: 'l', inspect: () => Promise.reject(broken) });
  const { reports, exitCode } = await run('apply', failing, counter('b', { value: 0 }, 1, { lane: 'l' }));
  assert.is(statuses(reports), 'failed applied');
  assert.is(exitCode, 1);
});

test.run();
