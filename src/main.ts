#!/usr/bin/env node
import { type Command, parseCommandLine, type SandboxCommand, type StepCommand } from './cli.js';
import { type Config, createConfig } from './config/config.js';
import { type Home, openHome, type ServerId } from './config/home.js';
import { loadEnvironment, loadSettings, proxySettings } from './config/load.js';
import { invalidConfiguration, parseSettings, type Settings } from './config/parse.js';
import { createConnections } from './connections.js';
import { administratorSql } from './database/administrator-sql.js';
import { BootstrapError, EXIT_CODE_OF, toBootstrapError } from './errors.js';
import { HELP } from './help.js';
import { createRunLock } from './io/lock.js';
import { isServerRunning } from './io/server-process.js';
import { packageVersion } from './package-root.js';
import { exitCodeOf } from './report/exit-code.js';
import { createReporter, type Reporter } from './report/reporter.js';
import { runSteps } from './step/run.js';
import type { Step } from './step/step.js';
import type { StepReport } from './step/step-report.js';
import { identityDatabase, selectSteps } from './steps.js';

/** A step that waits says itself why its time was not enough; the whole run is ended a little later. */
const GRACE_MS = 500;
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

async function runCommand(command: Command, reporter: Reporter, signal: AbortSignal): Promise<number> {
  switch (command.name) {
    case 'help':
      reporter.print(HELP);
      return 0;
    case 'version':
      reporter.print(`${packageVersion()}\n`);
      return 0;
    case 'sandbox':
      return runSandboxCommand(command, reporter, signal);
    default:
      return runStepCommand(command, reporter, signal);
  }
}

async function runSandboxCommand(command: SandboxCommand, reporter: Reporter, signal: AbortSignal): Promise<number> {
  const { runSandbox } = await import('./sandbox/sandbox.js');
  await runSandbox(command, {
    signal,
    say: (line) => reporter.print(`${line}\n`),
    environment: loadEnvironment(process.cwd()),
  });
  return 0;
}

async function runStepCommand(command: StepCommand, reporter: Reporter, stopped: AbortSignal): Promise<number> {
  const workingFolder = process.cwd();
  const environment = loadEnvironment(workingFolder);
  const settings = parseSettings(
    loadSettings({ flags: command.settings, configFile: command.configFile, workingFolder }, environment),
  );
  const config = createConfig(settings, {
    is7: homeOf('is7', settings, environment),
    apim: homeOf('apim', settings, environment),
  });
  if (command.show === 'sql') {
    reporter.print(await administratorSql(identityDatabase(config, command.caFile)));
    return 0;
  }
  const connections = createConnections({
    caFile: command.caFile,
    proxy: proxySettings(environment),
    hosts: command.hosts,
    onExchange: reporter.progress.onExchange,
  });
  const endsAt = performance.now() + config.timeoutMs;
  const { steps, offline } = selectSteps(config, {
    connections,
    command,
    remainingMs: () => endsAt - performance.now(),
    javaHome: environment['JAVA_HOME'],
    path: environment['PATH'],
  });
  const lock = createRunLock(
    [config.is7.home, config.apim.home].flatMap((home) => home?.overlay ?? home?.folder ?? []),
    config.lockTimeoutMs,
  );
  const signal = AbortSignal.any([stopped, deadline(config.timeoutMs + GRACE_MS)]);
  const reports: StepReport[] = [];
  try {
    const run = runSteps(steps, {
      verb: command.name,
      signal,
      concurrency: config.concurrency,
      // Only homes are locked: servers and their APIs sort out races themselves.
      beforeWriting: async ({ id }, within) => (offline.has(id) ? lock.hold(within) : undefined),
      ...reporter.progress,
    });
    for await (const report of run) {
      reports.push(report);
      reporter.step(report);
    }
  } finally {
    reporter.progress.onEnd();
    await lock.release();
    await connections.close();
  }
  const exitCode = exitCodeOf(reports, command.name);
  reporter.summary(reports, command.name, exitCode, serversToRestart(steps, reports, config));
  return exitCode;
}

function homeOf(
  server: ServerId,
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Home | undefined {
  const [folder, overlay] = [settings[`${server}.home`], settings[`${server}.overlay`]];
  if (folder !== undefined) return openHome(server, folder, environment, overlay);
  if (overlay === undefined) return undefined;
  throw invalidConfiguration([`${server}.overlay is set without ${server}.home, over which it is copied: set both`]);
}

/** A server reads its files when it starts: one that is running has read the old ones. */
function serversToRestart(
  steps: readonly Step[],
  reports: readonly StepReport[],
  { is7, apim }: Config,
): readonly string[] {
  const applied = reports.filter(({ status }) => status === 'applied').map(({ step }) => step);
  const readers = steps.filter(({ id }) => applied.includes(id)).map(({ readBy }) => readBy);
  return [is7, apim]
    .filter(({ id, home }) => readers.includes(id) && home && isServerRunning(home.folder))
    .map(({ title }) => title);
}

function deadline(timeoutMs: number): AbortSignal {
  const controller = new AbortController();
  const error = new BootstrapError(`not done within ${timeoutMs / 1000} s`, {
    code: 'DEADLINE',
    hint: 'Give it more time with --timeout, or look why it takes so long.',
  });
  setTimeout(() => controller.abort(error), timeoutMs).unref();
  return controller.signal;
}
