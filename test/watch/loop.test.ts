import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keepLooking, type LoopOptions } from '../../src/watch/loop.js';
import type { LookCause, Phase } from '../../src/watch/status.js';

const never: LoopOptions['disk'] = {
  changed: (signal) => sleep(60_000, undefined, { signal }),
};

async function run(options: Partial<LoopOptions>, forMs: number): Promise<{ causes: LookCause[]; phases: Phase[] }> {
  const stopped = new AbortController();
  const [causes, phases]: [LookCause[], Phase[]] = [[], []];
  const looking = keepLooking({
    intervalMs: 30,
    timeoutMs: 1_000,
    disk: never,
    onPhase: (phase) => phases.push(phase),
    signal: stopped.signal,
    ...options,
    async look(cause) {
      causes.push(cause);
      return (await options.look?.(cause)) ?? 'up';
    },
  });
  await sleep(forMs);
  stopped.abort(new Error('stopped'));
  await looking;
  return { causes, phases };
}

test('it looks at once and then again and again, never twice at a time', async () => {
  let [running, most] = [0, 0];
  const { causes, phases } = await run(
    {
      async look() {
        most = Math.max(most, ++running);
        await sleep(20);
        running--;
        return 'up';
      },
    },
    400,
  );
  assert.is(causes[0], 'start');
  assert.is(causes[1], 'interval');
  assert.ok(causes.length >= 4, `${causes.length} looks`);
  assert.is(most, 1);
  const [first, second] = phases;
  assert.is(first?.doing, 'looking');
  assert.is(second?.doing, 'waiting');
  assert.ok(second?.nextAt && second.nextAt < second.overdueAt);
});

test('a change on disk does not wait for the interval, but a second at least', async () => {
  const disk: LoopOptions['disk'] = { changed: async () => undefined };
  const { causes } = await run({ intervalMs: 60_000, disk }, 1_300);
  assert.equal(causes, ['start', 'file change']);
});

test('while servers are down it looks more and more seldom', async () => {
  const busy = await run({ intervalMs: 20 }, 500);
  const patient = await run({ intervalMs: 20, look: async () => 'down' }, 500);
  assert.ok(patient.causes.length <= 7, `${patient.causes.length} looks`);
  assert.ok(patient.causes.length < busy.causes.length);
});

test.run();
