import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLimit } from '../../src/io/limit.js';

test('never more than so many at once, in their order, and all of them, also when one fails', async () => {
  const limit = createLimit(3);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      limit(async () => {
        started.push(index);
        most = Math.max(most, ++running);
        await turn();
        running--;
        if (index === 2) throw new Error('two');
        return index;
      }),
    ),
  );
  assert.is(most, 3);
  assert.equal(started, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(
    results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    [0, 1, 'failed', 3, 4, 5, 6, 7, 8, 9],
  );
});

test.run();
