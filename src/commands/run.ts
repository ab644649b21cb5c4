import type { StepCommand } from '../cli/command.js';
import { MESSAGES } from '../cli/errors.js';
import { type Config, createConfig } from '../composition/config.js';
import { createConnections } from '../composition/connections.js';
import { selectSteps } from '../composition/steps.js';
import { loadSettings, proxySettings } from '../config/load.js';
import { parseSettings, type Settings } from '../config/parse.js';
import { BootstrapError, invalidConfiguration } from '../errors.js';
import { createBackups } from '../io/backup.js';
import { endProcess } from '../io/end-process.js';
import { createRunLock } from '../io/lock.js';
import { LONGEST_TIMER_MS } from '../io/poll.js';
import type { Reporter } from '../report/reporter.js';
import { type Home, openHome } from '../servers/home.js';
import type { ServerId } from '../servers/server.js';
import { runSteps, type Verb } from '../step/run.js';
import type { Step } from '../step/step.js';
import type { StepReport } from '../step/step-report.js';
import type { CommandContext } from './context.js';

/** A step that waits says itself why its time was not enough; the whole run is ended a little later. */
const GRACE_MS = 500;

export interface Run {
  readonly steps: readonly Step[];
  /** The ids of all steps of the configuration, also of those that the command did not select. */
  readonly declared: readonly string[];
  /** Works on the steps in their order; never throws for a step, and ends at the deadline or the signal. */
  perform(verb: Verb): AsyncGenerator<StepReport>;
  /** Lets other runs in. Done at the end in any case. @throws BootstrapError `FILE_UNWRITABLE` */
  letGo(): Promise<void>;
}

/** Flags, environment and file, checked. */
export function settingsOf(
  { settings: flags, configFile }: Pick<StepCommand, 'settings' | 'configFile'>,
  { environment, workingFolder }: CommandContext,
): Settings {
  return parseSettings(loadSettings({ flags, configFile, workingFolder }, environment));
}

/** Those and the homes → what to make true. */
export function configOf(command: Pick<StepCommand, 'settings' | 'configFile'>, context: CommandContext): Config {
  const settings = settingsOf(command, context);
  return createConfig(settings, openHomes(settings, context.environment), openNodes(settings, context.environment));
}

/** The homes that the settings name. */
export function openHomes(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<ServerId, Home | undefined>> {
  return { is7: homeOf('is7', settings, environment), apim: homeOf('apim', settings, environment) };
}

function openNodes({ node = [] }: Settings, environment: Readonly<Record<string, string | undefined>>) {
  return node.map((declared) => ({
    ...declared,
    home: openHome(declared.server, declared.home, environment, declared.overlay),
  }));
}

/** Lends the steps of a command with all that they work through; the lock and the connections are let go of at the end. */
export async function withRun<Result>(
  config: Config,
  command: StepCommand,
  { reporter, signal: stopped, environment }: CommandContext,
  use: (run: Run) => Promise<Result>,
): Promise<Result> {
  const connections = createConnections({
    caFile: command.caFile,
    proxy: proxySettings(environment),
    hosts: command.hosts,
    onExchange: reporter.progress.onExchange,
  });
  const endsAt = performance.now() + config.timeoutMs;
  const backups = config.backupFolder === undefined ? undefined : createBackups(config.backupFolder, new Date());
  const { steps, offline, declared } = selectSteps(config, {
    connections,
    command,
    remainingMs: () => endsAt - performance.now(),
    say: (waitingFor) => reporter.progress.onWaiting('key-manager', waitingFor),
  });
  const lock = createRunLock(
    [config.is7, config.apim, ...config.nodes].flatMap(({ home }) => home?.overlay ?? home?.folder ?? []),
    config.lockTimeoutMs,
  );
  const deadline = startDeadline(config.timeoutMs + GRACE_MS);
  const signal = AbortSignal.any([stopped, deadline.signal]);
  try {
    return await use({
      steps,
      declared,
      perform: (verb) =>
        runSteps(steps, {
          verb,
          signal,
          concurrency: config.concurrency,
          backups,
          // Only homes are locked: servers and their APIs sort out races themselves.
          beforeWriting: ({ id }, within, say) => (offline.has(id) ? lock.hold(within, say) : undefined),
          ...reporter.progress,
        }),
      letGo: () => lock.release(),
    });
  } finally {
    deadline.clear();
    reporter.progress.onEnd();
    if (backups?.folder() !== undefined) reporter.say(`The files that were replaced are kept in ${backups.folder()}\n`);
    await connections.close();
    await lock.release();
    if (command.name === 'apply') await lock.clear();
  }
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

/** When even an orderly stop takes too long, the process ends without one: within a second of its deadline. */
export async function endingInTime<T>(timeoutMs: number, reporter: Reporter, use: () => Promise<T>): Promise<T> {
  const end = () => {
    const error = notDoneWithin(timeoutMs);
    reporter.failure(error);
    endProcess(error.exitCode, true);
  };
  const timer = setTimeout(end, Math.min(timeoutMs + GRACE_MS + LONGEST_STOP_MS, LONGEST_TIMER_MS)).unref();
  return use().finally(() => clearTimeout(timer));
}

const LONGEST_STOP_MS = 300;

function notDoneWithin(timeoutMs: number): BootstrapError {
  return new BootstrapError(MESSAGES.DEADLINE(timeoutMs));
}

function startDeadline(timeoutMs: number): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const error = notDoneWithin(timeoutMs);
  const timer = setTimeout(() => controller.abort(error), Math.min(timeoutMs, LONGEST_TIMER_MS)).unref();
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}
