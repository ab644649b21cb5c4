import { readdir, readFile } from 'node:fs/promises';

/** The command lines of the processes that can be seen from here, words parted by NUL (proc_pid_cmdline(5)); none where there is no /proc. */
export async function runningCommands(): Promise<readonly string[]> {
  const names = await readdir('/proc').catch(() => []);
  const ids = names.filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}
