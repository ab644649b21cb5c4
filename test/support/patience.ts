import { createHash } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';

/** How long the piece of work below takes on the machine that the deadlines were chosen on, in milliseconds. */
const REFERENCE_MS = 12;
/** The shortest of these counts: what else the machine does is counted apart. */
const ROUNDS = 5;
/** The environment hands the measured speed from the runner to its files. */
const VARIABLE = 'TEST_MACHINE_FACTOR';

/**
 * A deadline, in milliseconds, that only what hangs will miss: the one chosen on an idle machine, times what this machine is slower and
 * what else it has to do just now.
 */
export function patient(deadlineMs: number): number {
  return Math.round(deadlineMs * machineFactor() * Math.max(1, loadFactor()));
}

/** How many times slower than the reference this machine works, at least 1; measured once for a run. */
export function machineFactor(): number {
  const known = Number(process.env[VARIABLE]);
  if (known >= 1) return known;
  const factor = Math.max(1, Math.min(...Array.from({ length: ROUNDS }, workMs)) / REFERENCE_MS);
  process.env[VARIABLE] = factor.toFixed(2);
  return factor;
}

function workMs(): number {
  const started = performance.now();
  const block = Buffer.alloc(1 << 20);
  const hash = createHash('sha256');
  for (let round = 0; round < 20; round++) hash.update(block);
  hash.digest();
  return performance.now() - started;
}

/** Processes that want a processor, for each processor there is; the mean of the last minute. */
function loadFactor(): number {
  return (loadavg()[0] ?? 0) / availableParallelism();
}
