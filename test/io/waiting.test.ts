import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sayingWhatIsWaitedFor } from '../../src/io/waiting.js';

function recorder(everyMs: number) {
  const said: string[] = [];
  return { said, waiting: { name: 'a server', deadlineMs: 60_000, say: (text: string) => said.push(text), everyMs } };
}

test('what is waited for is said at the first hindrance and on each change, and not for each look', async () => {
  const { said, waiting } = recorder(60_000);
  const result = await sayingWhatIsWaitedFor(waiting, async (tell) => {
    for (const code of ['REFUSED', 'REFUSED', 'STARTING', 'STARTING', 'REFUSED'])
      tell({ code, message: `it is ${code}` });
    return 'done';
  });
  assert.is(result, 'done');
  assert.equal(said, [
    'waiting for a server, 60 s at most: it is REFUSED',
    'still waiting after 0 s: it is STARTING',
    'still waiting after 0 s: it is REFUSED',
  ]);
});

test('what goes well at once is not said', async () => {
  const { said, waiting } = recorder(60_000);
  await sayingWhatIsWaitedFor(waiting, async () => 'done');
  assert.equal(said, []);
});

test('it is said again and again while nothing changes, with what was seen last', async () => {
  const { said, waiting } = recorder(5);
  await sayingWhatIsWaitedFor(waiting, async (tell) => {
    tell({ code: 'REFUSED', message: 'refused once' });
    tell({ code: 'REFUSED', message: 'refused twice' });
    while (said.length < 3) await sleep(1);
  });
  assert.match(said[0] ?? '', 'waiting for a server, 60 s at most: refused once');
  for (const again of said.slice(1)) assert.match(again, /^still waiting after \d+ s: refused twice$/);
});

test('a single attempt that is silent for long is said to be waited for, and no more once it ended', async () => {
  const { said, waiting } = recorder(5);
  const failed = sayingWhatIsWaitedFor(waiting, async () => {
    while (said.length < 2) await sleep(1);
    throw new Error('it failed');
  });
  assert.is(await failed.catch(({ message }: Error) => message), 'it failed');
  assert.is(said[0], 'waiting for a server, 60 s at most: no answer yet');
  const count = said.length;
  await sleep(30);
  assert.is(said.length, count);
});

test.run();
