import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

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
  const { start } = statOf(process.pid) ?? {};
  return { pid: process.pid, space: ownSpace(), ...(start !== undefined && { start }) };
}

/** Whether a process is there, told exactly; `unseen` when its number counts elsewhere, so that nothing can be told from here. */
export function lookForProcess({ pid, space, start }: ProcessIdentity): 'there' | 'gone' | 'unseen' {
  if (space !== ownSpace()) return 'unseen';
  const stat = statOf(pid);
  if (!stat) return hasNumber(pid) ? 'there' : 'gone';
  return ENDED.includes(stat.state) || stat.start !== start ? 'gone' : 'there';
}

function ownSpace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Undefined where there is no such process, where it may not be seen, and where there is no /proc. proc_pid_stat(5) */
function statOf(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command's name stands in brackets and may hold blanks and brackets itself; behind it come state (field 3) and start (22).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', start: fields[22 - 3] ?? '' };
  } catch {
    return undefined;
  }
}

/** Zombie, and dead but not yet gone: only its parent still has to ask for its exit code. */
const ENDED: readonly string[] = ['Z', 'X'];

function hasNumber(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
