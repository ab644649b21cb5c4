import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whether the server of a home seems to run: the process that its wso2carbon.pid names is alive. The file holds digits, a line break
 * and NUL padding, and the server never removes it (`facts`: server-homes, section 6), so it says nothing when the process is gone.
 */
export function isServerRunning(home: string): boolean {
  try {
    const pid = /^\d+/.exec(readFileSync(join(home, 'wso2carbon.pid'), 'latin1'))?.[0];
    return pid !== undefined && process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Another value after each start of the server: its start script writes the process's number anew. Undefined without the file. */
export function startOf(home: string): string | undefined {
  const file = join(home, 'wso2carbon.pid');
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && `${stats.mtimeMs} ${readFileSync(file, 'latin1')}`;
}
