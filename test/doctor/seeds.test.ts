import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HEALTHY_PAIRS } from './healthy-pairs.js';
import { BASES, removePairs, withPair } from './pairs.js';
import { MISCONFIGURATIONS } from './seeded-misconfigurations.js';

const isRoot = process.getuid?.() === 0;

test('every misconfiguration can be made', async () => {
  for (const { id, on, seed, needsRoot } of MISCONFIGURATIONS) {
    if (needsRoot && !isRoot) continue;
    await withPair(BASES[on], seed).catch((error: Error) => assert.unreachable(`${id}: ${error.message}`));
  }
});

test('every healthy pair can be made', async () => {
  for (const request of HEALTHY_PAIRS) {
    const seed = async (pair: Parameters<NonNullable<typeof request.also>>[0]) => request.also?.(pair);
    await withPair(request, seed).catch((error: Error) => assert.unreachable(`${request.title}: ${error.message}`));
  }
  await removePairs();
});

test.run();
