import { spawn } from 'node:child_process';

/** Node.js ≥ 22.15: replaces this process by another program, which waits for no thread. */
type Execve = (file: string, args: readonly string[], environment: Readonly<Record<string, string>>) => never;

/** What Node is still waiting for in threads, by its own names: a look-up of a host, or work on a file, that nothing can call back. */
const IN_THREADS = /^(GetAddrInfo|GetNameInfo|FSReq|FSEvent|.*Request$|ZLIB)/;

/** Milliseconds that an orderly end gets, before the process is killed. */
const ORDERLY_MS = 300;

/**
 * Ends this process with an exit code, now. Node's own `process.exit` waits for threads, and so for a name server that is silent, a mount
 * that hangs or a JDBC driver: with such work left the process is replaced by one that only exits (Node.js ≥ 22.15), else killed (137).
 *
 * @param leftBehind whether something may go on in a thread that Node does not know of
 */
export function endProcess(exitCode: number, leftBehind = false): never {
  if (leftBehind || process.getActiveResourcesInfo().some((name) => IN_THREADS.test(name))) endHard(exitCode);
  process.exit(exitCode);
}

function endHard(exitCode: number): void {
  process.emit('exit', exitCode);
  const { execve } = process as { execve?: Execve };
  try {
    execve?.('/bin/sh', ['sh', '-c', `exit ${exitCode}`], {});
  } catch {
    // No shell is here.
  }
  const isParent = `process.ppid === ${process.pid}`;
  const killer = `setTimeout(() => ${isParent} && process.kill(process.ppid, 'SIGKILL'), ${ORDERLY_MS})`;
  spawn(process.execPath, ['-e', killer], { detached: true, stdio: 'ignore', env: {} }).unref();
}
