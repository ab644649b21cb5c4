import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface ChildOptions {
  /** Written to its standard input. */
  readonly input: string;
  /** The child's whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a child ended. Never holds its environment, in which there are passwords. */
export interface ChildResult {
  /** null: it was killed. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program without a shell and waits until it is gone, also when it is told to end: it writes no more then. It never outlives this
 * process. (execa does this and much more, and takes as long to load as Node takes to start.)
 *
 * @throws the signal's reason; what kept the program from starting
 */
export async function runChild(
  program: string,
  args: readonly string[],
  { input, environment, timeoutMs, signal }: ChildOptions,
): Promise<ChildResult> {
  signal?.throwIfAborted();
  const child = spawn(program, args, { env: environment });
  const kill = () => child.kill();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, timeoutMs);
  signal?.addEventListener('abort', kill);
  process.once('exit', kill);
  try {
    child.stdin.on('error', () => undefined); // It need not read what it is given.
    child.stdin.end(input);
    const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
    signal?.throwIfAborted();
    return { exitCode, timedOut, stdout, stderr };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
    process.off('exit', kill);
  }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}
