// Generated inputs: each is taken or refused clearly, with a code and a remedy, nothing is changed after an error, and none takes long.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { FAULTS } from '../hostile/faulty-proxy.js';
import { KINDS } from '../hostile/inputs.js';
import { FALSIFICATIONS, falsify, runWithFault, withHostilePair } from '../hostile/replies.js';

/**
 * deployment.toml, homes, km-bootstrap.toml, variables and stores, so many of each.
 *
 * @returns what held, in a sentence
 */
export async function tortureInputs({ inputs, seed }: { inputs: number; seed: number }): Promise<string> {
  for (const [name, tryKind] of Object.entries(KINDS)) {
    const folder = await mkdtemp(join(tmpdir(), 'km-torture-'));
    try {
      await tryKind(folder, inputs, seed).catch((cause: Error) => {
        throw new Error(`${name}: ${cause.message}`, { cause });
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const names = Object.keys(KINDS);
  return `${names.length * inputs} inputs (${inputs} each of ${names.join(', ')}; seed ${seed}): taken, or refused clearly`;
}

/**
 * Every fault at every request of an apply and of a proof, then JSON that differs from the right one at some place.
 *
 * @returns what held, in a sentence
 */
export async function tortureReplies({ inputs, seed }: { inputs: number; seed: number }): Promise<string> {
  let faults = 0;
  await withHostilePair(async (pair) => {
    for (const [name, fault] of Object.entries(FAULTS)) {
      for (const { at, doing, requests } of PLACES) {
        for (let nth = 1; nth <= requests; nth++) {
          await runWithFault(pair, { at, fault, nth, doing }).catch((cause: Error) => {
            throw new Error(`${name}, request ${nth} to ${at}, ${doing}: ${cause.message}`, { cause });
          });
          faults++;
        }
      }
    }
    const property = fc.asyncProperty(FALSIFICATIONS, (falsification) =>
      runWithFault(pair, { at: 'apim', fault: falsify(falsification), nth: falsification.nth, doing: 'apply' }).then(
        () => {},
      ),
    );
    await fc.assert(property, { numRuns: inputs, seed, includeErrorInReport: true });
  });
  return `${faults} faulty replies and ${inputs} falsified ones (seed ${seed}): gone past, or told clearly; one Key Manager after each`;
}

const PLACES = [
  { at: 'apim', doing: 'apply', requests: 7 },
  { at: 'is7', doing: 'apply', requests: 1 },
  { at: 'apim', doing: 'prove', requests: 8 },
  { at: 'is7', doing: 'prove', requests: 6 },
] as const;
