import { readdirSync } from 'node:fs';
import { poll } from '../io/poll.js';
import { ENDED, GROUP, procFields, STATE } from '../io/process-start.js';

/** How long the kernel may take to end what was killed, milliseconds. */
const KILL_MS = 5_000;

/**
 * Ends a group of processes: TERM, and KILL for what is left when its time is over. The start script dies at once and leaves the JVM to
 * its shutdown, so the group is waited for, not its leader.
 *
 * @param leader the process id of the group's leader, which is the group's id
 * @returns whether it ended by itself or was killed
 */
export async function stopGroup(leader: number, graceMs: number): Promise<'ended' | 'killed'> {
  if (!signalGroup(leader, 'SIGTERM')) return 'ended';
  if (await hasEnded(leader, graceMs)) return 'ended';
  signalGroup(leader, 'SIGKILL');
  await hasEnded(leader, KILL_MS);
  return 'killed';
}

/** @returns whether there was anything to signal */
export function signalGroup(leader: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}

async function hasEnded(leader: number, deadlineMs: number): Promise<boolean> {
  const look = async () => (isGroupAlive(leader) ? undefined : true);
  const { signal } = new AbortController();
  return (await poll(look, { signal, deadlineMs, firstPauseMs: 50, longestPauseMs: 250 })) ?? false;
}

/** Whether anything of a group is left. Zombies, which nobody asked for their exit codes, do not count: they hold no port and no file. */
export function isGroupAlive(leader: number): boolean {
  try {
    process.kill(-leader, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const members = processIds()
    .map(procFields)
    .filter((fields) => fields?.[GROUP] === String(leader));
  return members.length === 0 ? !hasProc() : members.some((fields) => !ENDED.includes(fields?.[STATE] ?? ''));
}

function hasProc(): boolean {
  return procFields(process.pid) !== undefined;
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}
