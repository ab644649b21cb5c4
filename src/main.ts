#!/usr/bin/env node
import type { Command } from './cli/command.js';
import { parseCommandLine } from './cli/parse.js';
import type { CommandContext } from './commands/context.js';
import { BootstrapError, EXIT_CODE_OF, toBootstrapError } from './errors.js';
import { createReporter, type Reporter } from './report/reporter.js';

const SIGNAL_EXIT = { SIGINT: 130, SIGTERM: 143 } as const;

process.exitCode = await main(process.argv.slice(2));
// A JVM in this process keeps it alive: it ends here, once what was written has been taken.
process.stdout.write('', () => process.stderr.write('', () => process.exit()));

/** argv → command → what it does → exit code. The one place where a failure becomes an exit code. */
async function main(argv: readonly string[]): Promise<number> {
  const stopped = new AbortController();
  let signalExit: number | undefined;
  for (const [name, code] of Object.entries(SIGNAL_EXIT)) {
    process.on(name, () => {
      if (signalExit !== undefined) process.exit(code);
      signalExit = code;
      stopped.abort(new BootstrapError(`stopped by ${name}`, { code: 'ABORTED', hint: 'Run the same command again.' }));
    });
  }
  let reporter = createReporter({ json: argv.includes('--json'), verbosity: 0, color: !argv.includes('--no-color') });
  try {
    const command = parseCommandLine(argv);
    reporter = createReporter(command.output);
    const exitCode = await runCommand(command, reporter, stopped.signal);
    return signalExit ?? exitCode;
  } catch (thrown) {
    const error = toBootstrapError(thrown);
    reporter.failure(error);
    return signalExit ?? EXIT_CODE_OF[error.code];
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
    case 'doctor':
      return (await import('./commands/doctor.js')).runDoctorCommand(command, await contextOf(reporter, signal));
    case 'up':
      return (await import('./commands/up.js')).runUp(command, await contextOf(reporter, signal));
    case 'down':
      return (await import('./commands/down.js')).runDown(command, await contextOf(reporter, signal));
    default:
      return (await import('./commands/steps.js')).runStepCommand(command, await contextOf(reporter, signal));
  }
}

async function contextOf(reporter: Reporter, signal: AbortSignal): Promise<CommandContext> {
  const { loadEnvironment } = await import('./config/load.js');
  const workingFolder = process.cwd();
  return { reporter, signal, environment: await loadEnvironment(workingFolder), workingFolder };
}
