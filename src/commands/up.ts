import { resolve } from 'node:path';
import type { UpCommand } from '../cli/command.js';
import type { Config } from '../composition/config.js';
import type { FoundSetting } from '../config/load.js';
import type { SettingKey } from '../config/settings.js';
import { toBootstrapError } from '../errors.js';
import { LONGEST_TIMER_MS } from '../io/poll.js';
import { progressLines } from '../local-stack/log.js';
import { portalLines } from '../local-stack/portals.js';
import { localServers, type PlannedServer, planStack, serverToStart } from '../local-stack/prepare.js';
import { GRACE_MS, type RunningStack, withStack } from '../local-stack/stack.js';
import type { ServerToStart } from '../local-stack/start-server.js';
import { exitCodeOf } from '../report/exit-code.js';
import type { Verb } from '../step/run.js';
import type { Notice } from '../step/step.js';
import type { StepReport } from '../step/step-report.js';
import { type Announce, announcer } from './announce.js';
import type { CommandContext } from './context.js';
import { configOf, settingsOf, withRun } from './run.js';
import { makeSandboxHomes, sandboxSettings } from './sandbox-homes.js';
import { serversToRestart } from './steps.js';

/**
 * The whole set-up on this machine: applies offline, starts both servers, applies online, verifies, and stays until a signal, which stops
 * what was started here, as a failure does. Returns the exit code.
 */
export async function runUp(command: UpCommand, context: CommandContext): Promise<number> {
  if (command.sandbox) await makeSandboxHomes(command.sandbox, context);
  const up = await prepare(command, context);
  const offline = await perform(up, 'apply', 'offline', context.signal);
  if (offline !== 0) return summarize(up, offline);
  for (const { server, running: pid } of up.servers) {
    if (pid !== undefined) up.announce(server, { status: 'running', pid });
  }
  const graceMs = Math.min(GRACE_MS, up.config.timeoutMs);
  return withStack(up.toStart, { graceMs, announce: up.announce }, (stack) => bringUp(up, stack));
}

/** One run of `up`. */
interface Up {
  readonly command: UpCommand;
  readonly context: CommandContext;
  readonly config: Config;
  /** IS 7 first. */
  readonly servers: readonly PlannedServer[];
  readonly toStart: readonly ServerToStart[];
  readonly announce: Announce;
  readonly startedAt: number;
  /** Of all steps so far. */
  readonly reports: StepReport[];
  /** Servers that ran before and have read old files. */
  readonly restart: Set<string>;
}

/** Whatever is wrong with homes, JDKs and ports is found before anything is changed. */
async function prepare(command: UpCommand, context: CommandContext): Promise<Up> {
  const homes = command.sandbox ? sandboxSettings(command.sandbox, context.workingFolder) : [];
  const said = { ...command.steps, settings: new Map([...command.steps.settings, ...homes]) };
  const settings = settingsOf(said, context);
  const { servers, notices } = await planStack(localServers(configOf(said, context)), settings);
  const idle = servers.filter(({ running }) => running === undefined);
  const starts = await Promise.all(idle.map((server) => serverToStart(server, settings, context.environment)));
  sayNotices([...notices, ...starts.flatMap((start) => start.notices)], context);
  const steps = { ...said, settings: new Map([...said.settings, ...movedOffsets(servers)]) };
  return {
    command: { ...command, steps },
    context,
    config: configOf(steps, context),
    servers,
    toStart: starts.map(({ start }) => start),
    announce: announcer(command.output, context.reporter),
    startedAt: performance.now(),
    reports: [],
    restart: new Set(),
  };
}

/** What the ports that are free make necessary is set as if it had been asked for, so that every later command finds the servers. */
function movedOffsets(servers: readonly PlannedServer[]): readonly [SettingKey, FoundSetting][] {
  return servers
    .filter(({ isMoved }) => isMoved)
    .map(({ server: { id }, portOffset }) => [`${id}.offset`, { raw: portOffset, source: 'up' }]);
}

function sayNotices(notices: readonly Notice[], { reporter }: CommandContext): void {
  for (const { code, message, hint } of notices) reporter.say(`note ${code}: ${message}\n  → ${hint}\n`);
}

/** Once the servers start: waits for them, applies online, verifies, and stays. */
async function bringUp(up: Up, stack: RunningStack): Promise<number> {
  const { command, context } = up;
  const { reporter } = context;
  const signal = AbortSignal.any([context.signal, stack.ended]);
  const failed = await withProgress(up, stack, async (onReport) => {
    return (await perform(up, 'apply', 'online', signal, onReport)) || (await perform(up, 'verify', undefined, signal));
  });
  const exitCode = failed || endOf(up, stack);
  summarize(up, exitCode);
  if (exitCode !== 0 || context.signal.aborted) return exitCode;
  reporter.say(closingWords(up));
  if (command.afterwards === 'detach') {
    stack.leaveRunning();
    return 0;
  }
  await aborted(signal);
  return endOf(up, stack);
}

/** Draws a line for each server until it is ready, which its health step tells. */
async function withProgress<Result>(
  { servers, context: { reporter }, announce }: Up,
  stack: RunningStack,
  use: (onReport: (report: StepReport) => void) => Promise<Result>,
): Promise<Result> {
  const waiting = new Set(stack.servers);
  const startedAt = performance.now();
  reporter.watch(progressLines(waiting, startedAt));
  try {
    return await use(({ step, status }) => {
      const ready = servers.find(({ server: { id } }) => step === `health/${id}`)?.server;
      if (!ready || (status !== 'applied' && status !== 'in-sync')) return;
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      announce(ready, { status: 'ready', url: ready.url(), seconds });
      for (const server of waiting) if (server.id === ready.id) waiting.delete(server);
    });
  } finally {
    reporter.unwatch();
  }
}

/** Works on the steps of one phase, or of both, and says what became of them. Returns the exit code. */
function perform(
  up: Up,
  verb: Exclude<Verb, 'plan'>,
  phase: 'offline' | 'online' | undefined,
  signal: AbortSignal,
  onReport: (report: StepReport) => void = () => {},
): Promise<number> {
  const { command, context, startedAt, reports } = up;
  const timeoutMs = Math.max(0, up.config.timeoutMs - (performance.now() - startedAt));
  const config = { ...up.config, timeoutMs };
  const stepCommand = { ...command.steps, name: verb, ...(phase && { phase }) };
  return withRun(config, stepCommand, { ...context, signal }, async (run) => {
    const own: StepReport[] = [];
    for await (const report of run.perform(verb)) {
      own.push(report);
      reports.push(report);
      // What was applied a moment ago needs no second line unless there is something to say.
      if (verb === 'apply' || report.proved || report.status !== 'in-sync') context.reporter.step(report, verb);
      onReport(report);
    }
    for (const title of serversToRestart(run.steps, own, config)) up.restart.add(title);
    return exitCodeOf(own, verb);
  });
}

function summarize({ context: { reporter }, reports, restart }: Up, exitCode: number): number {
  reporter.summary(reports, 'apply', exitCode, [...restart]);
  return exitCode;
}

/** Says which server ended that should run, if that is why everything ends. Returns the exit code. */
function endOf({ context: { reporter } }: Up, { ended }: RunningStack): number {
  if (!ended.aborted) return 0;
  reporter.failure(toBootstrapError(ended.reason));
  return 1;
}

/** What a person does next. */
function closingWords({ command, servers }: Up): string {
  const [is7, apim] = servers.map(({ server }) => server);
  if (!is7 || !apim) return '';
  const homes = `--is7-home ${shellWord(resolve(is7.home.folder))} --apim-home ${shellWord(resolve(apim.home.folder))}`;
  const lines = [
    '\nIdentity Server 7 is the Key Manager of API Manager.',
    ...(command.sandbox ? STAND_INS : portalLines(is7, apim)),
    command.sandbox ? `Next: km-bootstrap plan ${homes}` : NEXT,
    command.afterwards === 'detach'
      ? `Both servers go on. To stop them: km-bootstrap down ${homes}`
      : 'Ctrl-C stops what was started here.',
  ];
  return `${lines.join('\n')}\n`;
}

const STAND_INS = ['These are stand-ins: they have the APIs of the real servers, and no portals.'];
const NEXT = 'Next: in the Developer Portal, make an application and generate its keys with the new Key Manager.';

/** As it can be pasted into a shell. */
function shellWord(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // A listener alone does not keep the process alive.
    const alive = setInterval(() => undefined, LONGEST_TIMER_MS);
    const end = () => {
      clearInterval(alive);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
