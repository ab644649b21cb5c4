import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutputOptions, StepCommand, WatchCommand } from '../cli/command.js';
import { type Config, createConfig } from '../composition/config.js';
import { DEFAULT_CONFIG_FILE, loadSettings } from '../config/load.js';
import { parseSettings } from '../config/parse.js';
import type { SettingKey } from '../config/settings.js';
import { toBootstrapError } from '../errors.js';
import { packageVersion } from '../io/package-root.js';
import type { Reporter } from '../report/reporter.js';
import { isServerRunning, startOf } from '../servers/running.js';
import type { Step } from '../step/step.js';
import type { StepReport } from '../step/step-report.js';
import { createDisk, type Disk } from '../watch/disk.js';
import { type Looked, look, type RunSteps } from '../watch/look.js';
import { keepLooking } from '../watch/loop.js';
import { createMetrics } from '../watch/metrics.js';
import { isFailure, type News, newsJson, newsOf, newsText, tallyOf } from '../watch/news.js';
import { type Corrected, noteRestarts, type ServerSeen } from '../watch/restarts.js';
import { withStatusServer } from '../watch/server.js';
import { afterLook, isDown, type Look, type LookCause, type WatchStatus } from '../watch/status.js';
import type { CommandContext } from './context.js';
import { configOf, withRun } from './run.js';

/** After a signal nothing is waited for any longer: what is half done is found so by the next run. */
const LONGEST_STOP_MS = 400;

/**
 * `watch`: looks at every step again and again, mends what is safe if told to, and serves what it found, until a signal. What is wrong
 * with its own settings ends it at the start, and so does wrong usage; what is wrong with all others is reported by each look, because a
 * sidecar that ends takes the server beside it out of service.
 */
export async function runWatchCommand(command: WatchCommand, given: CommandContext): Promise<number> {
  const context = { ...given, reporter: quietUnlessTraced(given.reporter, command.output) };
  const config = ownSettingsOf(command, context);
  const { intervalMs, listen, allowedHosts } = config.watch();
  const disk = createDisk();
  const metrics = createMetrics(packageVersion());
  const say = teller(given.reporter, command.output);
  const lookOnce = await createLook(command, context, disk);
  let status = firstStatus(config);
  let isTallied = command.output.verbosity >= 1;

  async function lookAgain(cause: LookCause): Promise<'down' | 'up'> {
    const done = await lookOnce(cause, status);
    if (given.signal.aborted) return 'up';
    const before = status;
    status = afterLook(before, done);
    metrics.note(status);
    for (const news of newsOf(before, status)) say(news, done.startedAt);
    if (!before.last || (before.last.failure && !done.failure)) isTallied = true;
    return isDown(status) ? 'down' : 'up';
  }

  await withStatusServer(listen, { status: () => status, metrics, allowedHosts }, async (url) => {
    say({ type: 'watching', url }, new Date());
    const looking = keepLooking({
      intervalMs,
      timeoutMs: config.timeoutMs,
      look: lookAgain,
      disk,
      onPhase(phase) {
        status = { ...status, phase };
        if (phase.doing === 'waiting' && isTallied) say(tallyOf(status), new Date());
        isTallied = command.output.verbosity >= 1;
      },
      signal: given.signal,
    });
    await Promise.race([looking, longestStop(given.signal)]);
  });
  disk.close();
  return 0;
}

/** How often to look, where to serve, and how long a look may take, also where nothing else of the settings can be read. */
function ownSettingsOf(
  { settings: flags, configFile }: WatchCommand,
  { environment, workingFolder }: CommandContext,
): Config {
  const load = (file: typeof configFile | null) =>
    loadSettings({ flags, configFile: file, workingFolder }, environment).found;
  const found = new Map(
    [
      ...loadOrElse(
        () => load(configFile),
        () => load(null),
      ),
    ].filter(([key]) => isOwn(key)),
  );
  const settings = parseSettings({ found, keyManagers: [], tenants: [], nodes: [], problems: [] });
  return createConfig(settings, { is7: undefined, apim: undefined });
}

function isOwn(key: SettingKey): boolean {
  return key === 'timeout' || key.startsWith('watch.');
}

function loadOrElse<T>(load: () => T, otherwise: () => T): T {
  try {
    return load();
  } catch (thrown) {
    if (toBootstrapError(thrown).code !== 'CONFIG_FILE_INVALID') throw thrown;
    return otherwise();
  }
}

function firstStatus(config: Config): WatchStatus {
  const { intervalMs, reconcile } = config.watch();
  const overdueAt = new Date(Date.now() + config.timeoutMs);
  const phase = { doing: 'looking', overdueAt } as const;
  return { version: packageVersion(), intervalMs, reconcile, looks: 0, steps: [], servers: [], phase };
}

async function longestStop(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
  await sleep(LONGEST_STOP_MS, undefined, { ref: false });
}

/** Progress is for runs that end; here it is part of the trace. */
function quietUnlessTraced(reporter: Reporter, { verbosity }: OutputOptions): Reporter {
  if (verbosity >= 2) return reporter;
  const nothing = () => undefined;
  const progress = { onProgress: nothing, onWaiting: nothing, onFailure: nothing, onExchange: nothing, onEnd: nothing };
  return { ...reporter, progress };
}

function teller(reporter: Reporter, { json, verbosity }: OutputOptions): (news: News, at: Date) => void {
  return (news, at) => {
    if (verbosity < 0 && !isFailure(news)) return;
    reporter.print(`${json ? newsJson(news, at) : newsText(news, at)}\n`);
  };
}

/**
 * How one look is made: settings, homes, stores and certificates are read anew, and connections opened anew, so that a look finds what a
 * run would find at that moment, and nothing is held in between.
 *
 * @throws BootstrapError `USAGE`, now; whatever else is wrong, the look that it fails says itself
 */
async function createLook(
  command: WatchCommand,
  context: CommandContext,
  disk: Disk,
): Promise<(cause: LookCause, status: WatchStatus) => Promise<Look>> {
  let files = await filesAtStart(command, context);

  return async (cause, status) => {
    const [startedAt, started] = [new Date(), performance.now()];
    const finish = (rest: Pick<Look, 'found' | 'servers' | 'failure'>): Look => {
      return { ...rest, startedAt, cause, durationMs: Math.round(performance.now() - started) };
    };
    await disk.follow(files);
    try {
      const config = configOf(command, context);
      const looked = await look(runner(config), { mend: status.reconcile });
      const servers = noteRestarts(status.servers, seen(config, looked), corrected(looked, status), startedAt);
      return finish({ found: looked.found, servers });
    } catch (thrown) {
      return finish({ found: [], servers: status.servers, failure: toBootstrapError(thrown) });
    }
  };

  /** Both runs of a look share its time. */
  function runner(config: Config): RunSteps {
    const endsAt = performance.now() + config.timeoutMs;
    return (verb, only = command.only) => {
      const timeoutMs = Math.max(0, endsAt - performance.now());
      return withRun(
        { ...config, timeoutMs },
        stepCommand(command, verb, only),
        context,
        async ({ steps, declared, perform }) => {
          if (verb === 'verify') await followAnew(filesOf(steps, command, context));
          const reports: StepReport[] = [];
          for await (const report of perform(verb)) reports.push(report);
          return { steps, declared, reports };
        },
      );
    };
  }

  async function followAnew(current: readonly string[]): Promise<void> {
    if (current.join('\n') === files.join('\n')) return;
    files = current;
    await disk.follow(files);
  }
}

/** The settings alone while they are wrong. */
async function filesAtStart(command: WatchCommand, context: CommandContext): Promise<readonly string[]> {
  try {
    const lookFor = stepCommand(command, 'verify', command.only);
    return await withRun(configOf(command, context), lookFor, context, async ({ steps }) =>
      filesOf(steps, command, context),
    );
  } catch (thrown) {
    if (toBootstrapError(thrown).code === 'USAGE') throw thrown;
    return filesOf([], command, context);
  }
}

/** A look proves nothing by use: that would make applications, and tokens, every minute. */
function stepCommand(command: WatchCommand, name: 'verify' | 'apply', only: readonly string[]): StepCommand {
  return { ...command, name, only, proof: 'off', resend: 'changed', show: 'plan' };
}

function filesOf(
  steps: readonly Step[],
  { configFile, caFile }: WatchCommand,
  { workingFolder }: CommandContext,
): readonly string[] {
  const settings = [configFile ?? join(workingFolder, DEFAULT_CONFIG_FILE), ...(caFile === undefined ? [] : [caFile])];
  return [...settings, ...steps.flatMap((step) => step.files?.() ?? [])];
}

/** A server runs when it answers, or when the process that its home names is alive: of another container that cannot be seen. */
function seen({ is7, apim }: Config, { found }: Looked): readonly ServerSeen[] {
  return [is7, apim]
    .filter(({ isKnown }) => isKnown)
    .map(({ id, title, home }) => {
      const isHealthy = found.some(({ report, state }) => report.step === `health/${id}` && state === 'in-sync');
      const isRunning = isHealthy || (home !== undefined && isServerRunning(home.folder));
      return { server: id, title, isRunning, start: home && startOf(home.folder) };
    });
}

function corrected({ steps, found }: Looked, status: WatchStatus): Corrected {
  const wasWrong = (id: string) =>
    status.steps.some(({ report, state }) => report.step === id && (state === 'drift' || state === 'failed'));
  const readers = (state: 'mended' | 'in-sync', matches: (id: string) => boolean) => {
    const ids = found
      .filter((step) => step.state === state && matches(step.report.step))
      .map(({ report }) => report.step);
    return new Set(steps.flatMap(({ id, readBy }) => (readBy && ids.includes(id) ? [readBy] : [])));
  };
  return { byUs: readers('mended', () => true), byOthers: readers('in-sync', wasWrong) };
}
