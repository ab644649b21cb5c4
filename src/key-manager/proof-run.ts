import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/**
 * Names of the applications that a proof makes: `km-bootstrap-proof-<host>-<process>-<run>-<minute>-<random>`. Whoever finds one can tell
 * whether the run that made it may still be using it.
 */
export const PROOF_PREFIX = 'km-bootstrap-proof-';

const RUN = randomBytes(4).toString('hex');
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const MINUTE_MS = 60_000;
/** Longer than any proof takes. */
const OLD_AFTER_MINUTES = 30;

export function newProofName(nowMs: number): string {
  const minute = Math.floor(nowMs / MINUTE_MS).toString(36);
  return `${PROOF_PREFIX}${HOST}-${process.pid}-${RUN}-${minute}-${randomBytes(4).toString('hex')}`;
}

/** Whether an application was left behind by a run that is no more: its process on this host has ended, or it is half an hour old. */
export function isLeftover(applicationName: string, nowMs: number): boolean {
  const [, host, pid, run, minute] = NAME.exec(applicationName) ?? [];
  if (host === undefined || minute === undefined || run === RUN) return false;
  if (Math.floor(nowMs / MINUTE_MS) - Number.parseInt(minute, 36) > OLD_AFTER_MINUTES) return true;
  return host === HOST && (Number(pid) === process.pid || hasEnded(Number(pid)));
}

const NAME = new RegExp(`^${PROOF_PREFIX}([0-9a-f]{8})-(\\d+)-([0-9a-f]{8})-([0-9a-z]+)-[0-9a-f]{8}$`);

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
