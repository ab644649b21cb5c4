import type { StepCommand } from '../cli/command.js';
import type { Config } from '../composition/config.js';
import { identityDatabase, ownerOf } from '../composition/steps.js';
import { administratorSql } from '../database/administrator-sql.js';
import { toBootstrapError } from '../errors.js';
import { exitCodeOf } from '../report/exit-code.js';
import { isServerRunning } from '../servers/running.js';
import type { Step } from '../step/step.js';
import type { StepReport } from '../step/step-report.js';
import type { CommandContext } from './context.js';
import { finishInterrupted } from './interrupted.js';
import { configOf, endingInTime, settingsOf, withRun } from './run.js';

/** `plan`, `apply` and `verify`: the steps that the command selects, each reported as it ends. Returns the exit code. */
export async function runStepCommand(command: StepCommand, context: CommandContext): Promise<number> {
  const { reporter } = context;
  if (command.name === 'apply') await finishInterrupted(settingsOf(command, context), context);
  const config = configOf(command, context);
  if (command.show === 'sql') {
    reporter.print(await administratorSql(identityDatabase(config, command.caFile)));
    return 0;
  }
  const job = () => performSteps(config, command, context);
  return endingInTime(config.timeoutMs, reporter, job);
}

function performSteps(config: Config, command: StepCommand, context: CommandContext): Promise<number> {
  const { reporter } = context;
  return withRun(config, command, context, async ({ steps, perform, letGo }) => {
    const reports: StepReport[] = [];
    for await (const report of perform(command.name)) {
      reports.push(report);
      reporter.step(report, command.name);
    }
    // Before the summary, which is to tell of all that went wrong.
    const leftLock = await letGo().then(() => undefined, toBootstrapError);
    if (leftLock) reporter.failure(leftLock);
    const exitCode = exitCodeOf(reports, command.name) || (leftLock?.exitCode ?? 0);
    reporter.summary(reports, command.name, exitCode, serversToRestart(steps, reports, config));
    return exitCode;
  });
}

/** A server reads its files when it starts: one that is running has read the old ones. */
export function serversToRestart(
  steps: readonly Step[],
  reports: readonly StepReport[],
  { is7, apim, nodes }: Config,
): readonly string[] {
  const applied = reports.filter(({ status }) => status === 'applied').map(({ step }) => step);
  const read = steps.filter(({ id, readBy }) => applied.includes(id) && readBy !== undefined);
  return [is7, apim, ...nodes]
    .filter((server) => read.some(({ owner }) => owner === ownerOf(server)))
    .filter(({ home }) => home && isServerRunning(home.folder))
    .map(({ title }) => title);
}
