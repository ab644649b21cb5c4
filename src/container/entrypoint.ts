#!/usr/bin/env node
// ENTRYPOINT of the image: turns `prepare`, `register`, `all`, or any command of km-bootstrap, into the run, and passes signals and the exit
// code through. When the run fails, code and remedy go to the file that Kubernetes shows in `kubectl describe pod`. A run that was killed
// could not say so: this process says it in its place.
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { constants as system } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { MESSAGES } from '../cli/errors.js';
import { processEnvironment } from '../config/environment.js';
import type { ToldFailure } from '../report/parent.js';

const SHORT_FOR: Readonly<Record<string, readonly string[]>> = {
  prepare: ['apply', '--phase', 'offline'],
  register: ['apply', '--phase', 'online'],
  all: ['apply'],
};
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
/** What Kubernetes reads of it, bytes. */
const TERMINATION_LOG_LIMIT = 4096;

let child: ChildProcess | undefined;
let early: NodeJS.Signals | undefined;
// From the first moment on: without a handler the kernel lets process 1 sleep through SIGTERM.
for (const signal of FORWARDED) process.on(signal, () => pass(signal));

const words = expand(process.argv.slice(2));
const failures = new Map<string, ToldFailure>();
process.exitCode = await run();
if (process.exitCode !== 0) writeTerminationLog(process.exitCode);

function pass(signal: NodeJS.Signals): void {
  if (child) child.kill(signal);
  else early ??= signal;
}

/** The first line of the log, before anything that takes time is loaded. */
function expand([word = 'help', ...rest]: readonly string[]): readonly string[] {
  const expansion = Object.hasOwn(SHORT_FOR, word) ? SHORT_FOR[word] : undefined;
  if (!expansion) return [word, ...rest];
  const expanded = [...expansion, ...rest];
  if (!isJson(expanded) && !isQuiet(expanded)) process.stderr.write(`${word}: km-bootstrap ${expanded.join(' ')}\n`);
  return expanded;
}

/** As the program's own messages are: none with `--json` or `--quiet`, since both streams end in one log. */
function isQuiet(words: readonly string[]): boolean {
  return words.includes('-q') || words.includes('--quiet');
}

function isJson(words: readonly string[]): boolean {
  return words.includes('--json');
}

/**
 * The shell that zx starts is replaced by the program (`exec`), so that signals reach the program itself. It has a session of its own: a
 * terminal sends Ctrl-C to everybody in the foreground, and the program, which is sent it by this process, would take it for two.
 */
async function run(): Promise<number> {
  const { $ } = await import('zx/core');
  if (early) return ended(early);
  const stdio: StdioOptions = ['inherit', 'inherit', 'inherit', 'ipc'];
  const options = { prefix: 'exec ', nothrow: true, quiet: true, detached: true, stdio };
  const running = $(options)`${process.execPath} ${MAIN} ${words}`;
  child = running.child;
  child?.on('message', (message) => {
    const failure = message as ToldFailure;
    failures.set(failure.step ?? '', failure);
  });
  const { exitCode, signal } = await running;
  return exitCode ?? ended(signal ?? 'SIGKILL');
}

/** As a shell counts it. */
function ended(signal: NodeJS.Signals): number {
  const error = MESSAGES.KILLED(signal);
  failures.set('', error);
  if (isJson(words)) process.stdout.write(`${JSON.stringify({ type: 'error', error })}\n`);
  else process.stderr.write(`error ${error.code}: ${error.message}\n  → ${error.hint}\n`);
  return 128 + system.signals[signal];
}

/** Nothing is made that is not there, and where it cannot be written the log has to do. */
function writeTerminationLog(exitCode: number): void {
  const path = processEnvironment()['TERMINATION_LOG'] ?? '/dev/termination-log';
  const lines = [...failures.values()].map(
    ({ step, code, message, hint }) => `${code}${step ? ` in ${step}` : ''}: ${message} → ${hint}`,
  );
  const text = [`exit code ${exitCode} of km-bootstrap ${words.join(' ')}`, ...lines].join('\n');
  try {
    const file = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
    writeSync(file, Buffer.from(`${text}\n`).subarray(0, TERMINATION_LOG_LIMIT));
    closeSync(file);
  } catch {
    // No kubelet waits for it.
  }
}
