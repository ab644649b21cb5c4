import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../io/process-start.js';
import { readWhole } from '../io/read-whole.js';

/** The number of the server's process, which its start script writes into the home. */
export const PID_FILE = 'wso2carbon.pid';

/**
 * Whether the server of a home seems to run: the process that its wso2carbon.pid names is alive. The file holds digits, a line break
 * and NUL padding, and the server never removes it (docs/design/facts.md, Start, stop, health), so it says nothing when the process is gone.
 */
export function isServerRunning(home: string): boolean {
  return serverPid(home) !== undefined;
}

/** The id of that process, alive; after a restart of the machine it may be another program's. */
export function serverPid(home: string): number | undefined {
  try {
    const pid = Number(/^\d+/.exec(readWhole(join(home, PID_FILE)).toString('latin1'))?.[0]);
    return Number.isInteger(pid) && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process works in a home, as the start scripts make their server do. */
export function worksIn(pid: number, home: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(home);
  } catch {
    return false;
  }
}

/** Another value after each start of the server: its start script writes the process's number anew. Undefined without the file. */
export function startOf(home: string): string | undefined {
  const file = join(home, PID_FILE);
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() ? `${stats.mtimeMs} ${readWhole(file).toString('latin1')}` : undefined;
}
