import { execFileSync } from 'node:child_process';

/** Whether this user may mount in a namespace of its own. */
export function mayMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
