import { setTimeout as sleep } from 'node:timers/promises';
import { patient } from './patience.js';

const PAUSE_MS = 20;
const DEADLINE_MS = 15_000;

/** Looks again until there is something, which it returns; fails with what was awaited once only a hang can be the reason. */
export async function until<T>(awaited: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const started = performance.now();
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() - started > patient(DEADLINE_MS)) throw new Error(`it did not come about: ${awaited}`);
    await sleep(PAUSE_MS);
  }
}
