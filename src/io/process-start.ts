import { readFileSync } from 'node:fs';

/**
 * What tells a process from a later one with the same id: when it started, in a form that is only ever compared. Undefined when there is
 * no such process. Linux keeps the time in ticks since boot (proc_pid_stat(5), field 22); elsewhere `ps` tells the second.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  const boot = readIfThere('/proc/sys/kernel/random/boot_id');
  if (boot === undefined) return startByPs(pid);
  const ticks = procFields(pid)?.[STARTED];
  return ticks === undefined ? undefined : `${boot.trim()}/${ticks}`;
}

/** Whether the process is there and has not ended: one that has, and that nobody asked for its exit code, is a zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !ENDED.includes(procFields(pid)?.[STATE] ?? '');
}

/** The fields of /proc/PID/stat behind the command's name, which may hold blanks and brackets itself: state first. */
export function procFields(pid: number): readonly string[] | undefined {
  const text = readIfThere(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Places in what {@link procFields} gives. */
export const STATE = 0;
export const GROUP = 2;
export const STARTED = 19;

/** Zombie, and dead but not yet gone. */
export const ENDED: readonly string[] = ['Z', 'X'];

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function startByPs(pid: number): Promise<string | undefined> {
  const { execa } = await import('execa');
  const { stdout } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false, env: { LC_ALL: 'C' } });
  return stdout?.trim() || undefined;
}
