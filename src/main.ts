#!/usr/bin/env node
import type { Command, OutputOptions } from './cli/command.js';
import { parseCommandLine } from './cli/parse.js';
import { EXIT_CODE_OF } from './codes.js';
import type { CommandContext } from './commands/context.js';
import { processEnvironment } from './config/environment.js';
import { BootstrapError, type Message, toBootstrapError } from './errors.js';
import { endProcess } from './io/end-process.js';
import { createReporter, type Reporter } from './report/reporter.js';
import { MESSAGES } from './step/errors.js';

const SIGNAL_EXIT = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
/** As a shell counts a program that SIGPIPE ended. */
const NOBODY_READS_EXIT = 141;
/** Milliseconds that a stopped run has to leave things in order. */
const LONGEST_STOP_MS = 700;
/** The same where servers are stopped, which each have half a minute of their own; a second signal ends it at once. */
const LONGEST_SERVER_STOP_MS = 90_000;

/** What a signal, or an output that cannot be written, makes of the exit code. */
let stopExit: number | undefined;

const ownExit = await main(process.argv.slice(2));
// A JVM in this process keeps it alive: it ends here, once what was written has been taken, or was refused.
process.stdout.write('', () => process.stderr.write('', () => setImmediate(end)));

function end(): never {
  const exitCode = stopExit ?? ownExit;
  return endProcess(exitCode, exitCode >= EXIT_CODE_OF.DEADLINE);
}

/** argv → command → what it does → exit code. The one place where a failure becomes an exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const stopped = new AbortController();
  let longestStopMs = LONGEST_STOP_MS;
  const stop = (exit: number, why: Message<'ABORTED'>) => {
    stopExit = exit;
    stopped.abort(new BootstrapError(why));
  };
  for (const [name, exit] of Object.entries(SIGNAL_EXIT)) {
    process.on(name, () => {
      if (stopExit !== undefined) endProcess(exit, true);
      stop(exit, MESSAGES.ABORTED.bySignal(name));
      setTimeout(() => endProcess(exit, true), longestStopMs).unref();
    });
  }
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (stopExit !== undefined) return;
    if (code !== 'EPIPE') process.stderr.write(`error: the output cannot be written: ${code}\n`);
    stop(code === 'EPIPE' ? NOBODY_READS_EXIT : 1, MESSAGES.ABORTED.noOutput(code));
  });
  // There is nowhere to say that it is gone.
  process.stderr.on('error', () => undefined);
  const reporterFor = (output: OutputOptions) => createReporter(output, processEnvironment());
  let reporter = reporterFor({ json: argv.includes('--json'), verbosity: 0, color: !argv.includes('--no-color') });
  try {
    const command = parseCommandLine(argv);
    reporter = reporterFor(command.output);
    if (command.name === 'up') longestStopMs = LONGEST_SERVER_STOP_MS;
    const exitCode = await runCommand(command, reporter, stopped.signal);
    return exitCode;
  } catch (thrown) {
    const error = toBootstrapError(thrown);
    if (stopExit !== NOBODY_READS_EXIT) reporter.failure(error);
    return error.exitCode;
  }
}

/** Each command is loaded when it is asked for: what it does not need costs nothing at the start. */
async function runCommand(command: Command, reporter: Reporter, signal: AbortSignal): Promise<number> {
  switch (command.name) {
    case 'help':
      reporter.print((await import('./cli/help.js')).helpText(command.topic));
      return 0;
    case 'version':
      reporter.print(`${(await import('./io/package-root.js')).packageVersion()}\n`);
      return 0;
    case 'schema':
      reporter.print((await import('./commands/schema.js')).schemaText());
      return 0;
    case 'explain':
      return (await import('./commands/explain.js')).runExplainCommand(command, await contextOf(reporter, signal));
    case 'init':
      return (await import('./commands/init.js')).runInitCommand(command, await contextOf(reporter, signal));
    case 'completion':
      reporter.print((await import('./commands/completion.js')).completionText(command));
      return 0;
    case 'sandbox':
      return (await import('./commands/sandbox.js')).runSandboxCommand(command, await contextOf(reporter, signal));
    case 'watch':
      return (await import('./commands/watch.js')).runWatchCommand(command, await contextOf(reporter, signal));
    case 'doctor': {
      const believed = command.bundles.length > 0 ? 'variables' : 'variables and .env';
      const context = await contextOf(reporter, signal, believed);
      return (await import('./commands/doctor.js')).runDoctorCommand(command, context);
    }
    case 'up':
      return (await import('./commands/up.js')).runUp(command, await contextOf(reporter, signal));
    case 'down':
      return (await import('./commands/down.js')).runDown(command, await contextOf(reporter, signal));
    default:
      return (await import('./commands/steps.js')).runStepCommand(command, await contextOf(reporter, signal));
  }
}

/** @param believed beside a bundle lies what came with it: its `.env` is a stranger's */
async function contextOf(
  reporter: Reporter,
  signal: AbortSignal,
  believed: 'variables' | 'variables and .env' = 'variables and .env',
): Promise<CommandContext> {
  const { loadEnvironment } = await import('./config/load.js');
  const workingFolder = process.cwd();
  const environment = await loadEnvironment(believed === 'variables' ? undefined : workingFolder);
  return { reporter, signal, environment, workingFolder };
}
