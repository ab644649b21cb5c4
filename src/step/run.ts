import { BootstrapError, toBootstrapError, UnreachableError } from '../errors.js';
import type { Backups } from '../io/backup.js';
import { createLimit } from '../io/limit.js';
import type { Say } from '../io/waiting.js';
import { MESSAGES } from './errors.js';
import type { Notice, PlannedChange, Step } from './step.js';
import type { StepReport } from './step-report.js';

export type Verb = 'plan' | 'apply' | 'verify';

export interface RunOptions {
  readonly verb: Verb;
  readonly signal: AbortSignal;
  /** How many steps of one lane are worked on at once; default 1. */
  readonly concurrency?: number;
  /** Called before a step writes, to keep other runs out, if it has to; what it throws fails the step. */
  readonly beforeWriting?: (step: Step, signal: AbortSignal, say: Say) => Promise<void> | undefined;
  /** Keeps the files that steps replace or remove. */
  readonly backups?: Pick<Backups, 'keepFor'> | undefined;
  /** Told what is being worked on, for progress. */
  readonly onProgress?: (stepId: string, doing: string) => void;
  /** Told what a step waits for: once, on each change, and now and then. */
  readonly onWaiting?: (stepId: string, waitingFor: string) => void;
  /** Told what was thrown, for the log of `-vv`. */
  readonly onFailure?: (stepId: string, thrown: unknown) => void;
}

/** Steps whose fact does not hold (yet) in this run: what needs them is deferred. */
type Unmet = Set<string>;

/**
 * The only loop over steps: inspect, plan, apply each change, inspect, and the plan must be empty. A step that fails does not keep the
 * steps that do not need it from running. Reports never throw; an aborted signal ends the loop.
 */
export async function* runSteps(steps: readonly Step[], options: RunOptions): AsyncGenerator<StepReport> {
  const unmet: Unmet = new Set();
  for (const group of lanes(steps)) yield* runTogether(group, unmet, options);
}

/** Neighbours of one lane form a group; every other step is one by itself. */
function lanes(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = [];
  for (const step of steps) {
    const group = groups.at(-1);
    if (group && step.lane !== undefined && group[0]?.lane === step.lane) group.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Works on the steps of a group side by side, each once those before it that it waits for have ended, and reports them in their order. */
async function* runTogether(group: readonly Step[], unmet: Unmet, options: RunOptions): AsyncGenerator<StepReport> {
  const { signal, concurrency = 1 } = options;
  const limit = createLimit(concurrency);
  const reports: Promise<StepReport | undefined>[] = [];
  for (const [index, step] of group.entries()) {
    const earlier = reports.filter((_, before) => waitsFor(step, group[before]));
    reports[index] = Promise.all(earlier).then(() =>
      limit(async () => (signal.aborted ? undefined : reportOn(step, unmet, options))),
    );
  }
  try {
    for (const pending of reports) {
      const report = await pending;
      if (!report) return;
      yield report;
    }
  } finally {
    // A step that was stopped, too, has something to put away.
    await Promise.all(reports);
  }
}

function waitsFor({ needs = [], writes }: Step, earlier: Step | undefined): boolean {
  if (!earlier) return false;
  return needs.includes(earlier.id) || (writes !== undefined && writes === earlier.writes);
}

async function reportOn(step: Step, unmet: Unmet, options: RunOptions): Promise<StepReport> {
  const started = performance.now();
  const outcome = await runStep(step, unmet, options);
  if (outcome.status !== 'in-sync' && outcome.status !== 'applied') unmet.add(step.id);
  const owner = step.owner !== undefined && { owner: step.owner };
  return { type: 'step', step: step.id, ...owner, ...outcome, durationMs: Math.round(performance.now() - started) };
}

type Outcome = Omit<StepReport, 'type' | 'step' | 'durationMs'>;

async function runStep(step: Step, unmet: Unmet, options: RunOptions): Promise<Outcome> {
  const awaited = step.needs?.filter((id) => unmet.has(id)) ?? [];
  if (awaited.length > 0) return deferred(awaited);
  try {
    options.onProgress?.(step.id, 'looking');
    const state = await step.inspect(options.signal, sayFor(step, options));
    const changes = step.plan(state);
    const notices = step.notices?.(state) ?? [];
    const [details, gauges] = [step.details?.(state) ?? [], step.gauges?.(state) ?? []];
    const diff = changes.length > 0 ? ((await step.diff?.(state)) ?? []) : [];
    return {
      ...(await outcomeOf(step, changes, notices, options)),
      ...(diff.length > 0 && { diff }),
      ...(details.length > 0 && { details }),
      ...(gauges.length > 0 && { gauges }),
    };
  } catch (thrown) {
    return failed(thrown, step, options);
  }
}

function outcomeOf(
  step: Step,
  changes: readonly PlannedChange[],
  notices: readonly Notice[],
  options: RunOptions,
): Outcome | Promise<Outcome> {
  if (changes.length === 0) return inSync(step, notices, options);
  return options.verb === 'apply' ? applyAll(step, changes, notices, options) : pending(changes, notices, options.verb);
}

function deferred(awaited: readonly string[]): Outcome {
  return {
    status: 'deferred',
    changes: [],
    notices: [MESSAGES.DEFERRED(awaited)],
  };
}

async function inSync(step: Step, notices: readonly Notice[], options: RunOptions): Promise<Outcome> {
  const { verb, signal, onProgress } = options;
  if (verb !== 'verify' || !step.prove) return { status: 'in-sync', changes: [], notices };
  onProgress?.(step.id, 'proving');
  const said = await step.prove(signal, sayFor(step, options));
  return { status: 'in-sync', changes: [], notices: [...notices, ...said], proved: true };
}

/** A plan shows what is in the way of a change beside it; verify fails on it, so that a server that is down is never read as drift. */
function pending(changes: readonly PlannedChange[], notices: readonly Notice[], verb: Verb): Outcome {
  const obstacles = changes.flatMap((change) => change.obstacle ?? []);
  const shown = changes.map(describe);
  if (verb === 'verify' && obstacles[0])
    return { status: 'failed', changes: shown, notices, error: describeError(obstacles[0]) };
  return { status: 'pending', changes: shown, notices: [...notices, ...obstacles.map(describeError)] };
}

async function applyAll(
  step: Step,
  planned: readonly PlannedChange[],
  notices: readonly Notice[],
  options: RunOptions,
): Promise<Outcome> {
  const { signal, backups, onProgress } = options;
  const say = sayFor(step, options);
  const changes = await changesOnceAlone(step, planned, options);
  for (const change of changes) {
    signal.throwIfAborted();
    onProgress?.(step.id, change.summary);
    await step.apply(change, signal, { say, keep: backups?.keepFor(step.id) });
  }
  const left = step.plan(await step.inspect(signal, say));
  if (left.length === 0)
    return { status: changes.length > 0 ? 'applied' : 'in-sync', changes: changes.map(describe), notices };
  throw new BootstrapError(
    MESSAGES.NOT_CONVERGED(
      step.id,
      left.map(({ summary }) => summary),
    ),
  );
}

/** Another run may have been at it until this one was let in, so it is looked at again then, and only then. */
async function changesOnceAlone(
  step: Step,
  planned: readonly PlannedChange[],
  options: RunOptions,
): Promise<readonly PlannedChange[]> {
  const { beforeWriting, signal } = options;
  const say = sayFor(step, options);
  const letIn = beforeWriting?.(step, signal, say);
  if (!letIn) return planned;
  await letIn;
  return step.plan(await step.inspect(signal, say));
}

function sayFor({ id }: Step, { onWaiting }: RunOptions): Say {
  return (waitingFor) => onWaiting?.(id, waitingFor);
}

function failed(thrown: unknown, step: Step, { verb, signal, onFailure }: RunOptions): Outcome {
  const error = signal.aborted ? abortedError(signal) : toBootstrapError(thrown);
  onFailure?.(step.id, thrown);
  if (verb === 'plan' && error instanceof UnreachableError) {
    return { status: 'deferred', changes: [], notices: [describeError(error)] };
  }
  return { status: 'failed', changes: [], notices: [], error: describeError(error) };
}

function abortedError({ reason }: AbortSignal): BootstrapError {
  if (reason instanceof BootstrapError) return reason;
  return new BootstrapError(MESSAGES.ABORTED.inTheMiddle());
}

function describe({ action, summary }: PlannedChange): Pick<PlannedChange, 'action' | 'summary'> {
  return { action, summary };
}

function describeError({ code, message, hint, cause }: BootstrapError): NonNullable<StepReport['error']> {
  return { code, message, hint, ...(cause instanceof BootstrapError && cause.code !== code && { cause: cause.code }) };
}
