import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { ENDED, isAlive, procFields, STARTED, STATE } from './process-start.js';

/** What tells a process from every other, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Where its number counts: the boot and PID namespace, since a container numbers its processes anew; without Linux, the host. */
  readonly space?: string;
  /** In ticks since the boot; only where the kernel tells (Linux). */
  readonly start?: string;
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const start = procFields(process.pid)?.[STARTED];
  return { pid: process.pid, space: ownSpace(), ...(start !== undefined && { start }) };
}

/** Whether a process is there, told exactly; `unseen` when its number counts elsewhere, so that nothing can be told from here. */
export function lookForProcess({ pid, space, start }: ProcessIdentity): 'there' | 'gone' | 'unseen' {
  if (space !== ownSpace()) return 'unseen';
  const fields = procFields(pid);
  if (!fields) return isAlive(pid) ? 'there' : 'gone';
  return ENDED.includes(fields[STATE] ?? '') || fields[STARTED] !== start ? 'gone' : 'there';
}

function ownSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
