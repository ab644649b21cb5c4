import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

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
  /** At most {@link MOST_OUTPUT} characters of each. */
  readonly stdout: string;
  readonly stderr: string;
}

/** Of a truststore with a thousand authorities keytool lists 2 MB. */
const MOST_OUTPUT = 64 * 1024 * 1024;

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
  // At once, since a program may ignore SIGTERM; and nothing is waited for that it has started, which may hold its output open.
  const kill = () => {
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
  };
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
    const outputs = [child.stdout, child.stderr].map((stream) => readText(stream, kill));
    const [exitCode, stdout = '', stderr = ''] = await Promise.all([ended(child), ...outputs]);
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

/** What a stream said until it ended or was cut off. */
async function readText(stream: Readable, tooMuch: () => void): Promise<string> {
  let said = '';
  stream.setEncoding('utf8');
  stream.on('data', (part: string) => {
    said += part;
    if (said.length > MOST_OUTPUT) tooMuch();
  });
  await new Promise((resolve) => stream.once('close', resolve));
  return said;
}
