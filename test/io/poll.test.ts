import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { poll } from '../../src/io/poll.js';
import { patient } from '../support/patience.js';

const { signal } = new AbortController();

test('what is there at once is given at once', async () => {
  assert.is(await poll(async () => 'x', { signal, deadlineMs: 1_000 }), 'x');
});

test('it looks again until something is there, with pauses that grow up to a limit', async () => {
  const looks: number[] = [];
  const look = async () => {
    looks.push(performance.now());
    return looks.length === 20 ? 'x' : undefined;
  };
  // Without the limit the last look would be after six days.
  const deadlineMs = patient(60_000);
  assert.is(await poll(look, { signal, deadlineMs, firstPauseMs: 20, longestPauseMs: 80 }), 'x');
  const pauses = looks.slice(1).map((time, index) => time - (looks[index] as number));
  for (const [index, expected] of [20, 40, ...Array(17).fill(80)].entries()) {
    const pause = pauses[index] as number;
    assert.ok(pause >= expected - 2, `pause ${index} was ${pause} ms`);
  }
});

test('at the deadline it gives undefined, also in the middle of a look', async () => {
  const hangs = (within: AbortSignal) =>
    new Promise<string>((_resolve, reject) => within.addEventListener('abort', () => reject(within.reason)));
  assert.is(await poll(hangs, { signal, deadlineMs: 50 }), undefined);
  assert.is(await poll(async () => undefined, { signal, deadlineMs: 50 }), undefined);
});

test('a deadline beyond what a timer can be set for does not pass at once', async () => {
  let looks = 0;
  const look = async () => (++looks === 3 ? 'x' : undefined);
  assert.is(await poll(look, { signal, deadlineMs: 30 * 86_400_000, firstPauseMs: 5 }), 'x');
});

test('a failure of the look ends it', async () => {
  const failure = new Error('broken');
  await throws(
    poll(() => Promise.reject(failure), { signal, deadlineMs: 1_000 }),
    failure,
  );
});

test('an abort ends it with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('stopped');
  setTimeout(() => controller.abort(reason), 20);
  await throws(
    poll(async () => undefined, { signal: controller.signal, deadlineMs: 5_000 }),
    reason,
  );
});

async function throws(promise: Promise<unknown>, expected: Error): Promise<void> {
  try {
    await promise;
  } catch (error) {
    assert.is(error, expected);
    return;
  }
  assert.unreachable();
}

test.run();
