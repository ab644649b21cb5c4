import { inspect } from 'node:util';
import type { OutputOptions } from '../cli/command.js';
import type { BootstrapError } from '../errors.js';
import type { HttpExchange } from '../http/client.js';
import type { Verb } from '../step/run.js';
import type { StepReport } from '../step/step-report.js';
import { errorLine, stepLine, summarize, summaryLine } from './json.js';
import { createLiveLine } from './live-line.js';
import { createLiveLines } from './live-lines.js';
import { tellParent } from './parent.js';
import { type Style, styleOf } from './style.js';
import { groupedText, messageText, stepText, summaryText } from './text.js';

/** Says what happens: results on stdout, messages and progress on stderr. */
export interface Reporter {
  print(text: string): void;
  /** How what is printed is dressed. */
  readonly style: Style;
  /** A message for people, on stderr; nothing with --json or --quiet. */
  say(text: string): void;
  /** Shows on a terminal what goes on until {@link Reporter.unwatch}. */
  watch(look: () => readonly string[]): void;
  unwatch(): void;
  /** A step of a plan is kept until the summary: a plan is shown by server. */
  step(report: StepReport, verb: Verb): void;
  summary(reports: readonly StepReport[], verb: Verb, exitCode: number, restart: readonly string[]): void;
  /** A failure of the run as a whole. */
  failure(error: BootstrapError): void;
  readonly progress: {
    onProgress(stepId: string, doing: string): void;
    onWaiting(stepId: string, waitingFor: string): void;
    onFailure(stepId: string, thrown: unknown): void;
    /** An exchange with a server, for the trace of `-vv`. */
    onExchange(exchange: HttpExchange): void;
    onEnd(): void;
  };
}

/** @param environment in which the terminal says what it can show: `NO_COLOR`, `TERM`, `LANG` and the like */
export function createReporter(
  { json, verbosity, color }: OutputOptions,
  environment: Readonly<Record<string, string | undefined>> = {},
): Reporter {
  const styleFor = (stream: NodeJS.WriteStream) => styleOf(stream, environment, color ? 'color' : 'plain');
  const [outStyle, errStyle] = [styleFor(process.stdout), styleFor(process.stderr)];
  const line = createLiveLine((text) => process.stderr.write(text), errStyle);
  const lines = createLiveLines((text) => process.stderr.write(text), errStyle);
  const planned: StepReport[] = [];
  let isWatching = false;
  const out = (text: string) => write(process.stdout, outStyle, text);
  const tell = (text: string) => write(process.stderr, errStyle, text);

  function write(stream: NodeJS.WriteStream, style: Style, text: string): void {
    line.clear();
    lines.hide();
    stream.write(style.spell(style.safe(text)));
  }

  return {
    print: out,
    style: outStyle,
    say: (text) => (json || verbosity < 0 ? undefined : tell(text)),
    watch(look) {
      isWatching = true;
      line.clear();
      if (!json && verbosity >= 0) lines.watch(look);
    },
    unwatch() {
      isWatching = false;
      lines.end();
    },
    step(report, verb) {
      line.clear();
      if (report.error) tellParent({ step: report.step, ...report.error });
      if (json) out(`${stepLine(report)}\n`);
      else if (verbosity >= 0 && verb === 'plan') planned.push(shown(report, verbosity));
      else if (verbosity >= 0 || report.status === 'failed') out(`${stepText(shown(report, verbosity), outStyle)}\n`);
    },
    summary(reports, verb, exitCode, restart) {
      const summary = summarize(reports, exitCode);
      if (planned.length > 0) out(`${groupedText(planned.splice(0), outStyle)}\n`);
      if (json) out(`${summaryLine(summary)}\n`);
      else if (verbosity >= 0) out(`\n${summaryText(reports, summary, verb)}.\n`);
      for (const server of restart) tell(`Restart ${server}: it is running and has read the old files.\n`);
    },
    failure(error) {
      tellParent(error);
      if (json) out(`${errorLine(error)}\n`);
      else tell(`${messageText('error', error, errStyle).trimStart()}\n`);
      if (verbosity >= 2) tell(`${inspect(error)}\n`);
    },
    progress: {
      onProgress(stepId, doing) {
        if (verbosity >= 1) tell(`${stepId}: ${doing}\n`);
        else if (verbosity === 0 && !json && !isWatching) line.show(`${stepId}: ${doing}`);
      },
      onWaiting(stepId, waitingFor) {
        if (verbosity < 0 || (verbosity === 0 && isWatching && errStyle.isLive)) return;
        tell(`${stepId}: ${waitingFor}\n`);
        if (!json && !isWatching) line.show(`${stepId}: waiting`);
      },
      onFailure(stepId, thrown) {
        if (verbosity >= 2) tell(`${stepId}: ${inspect(thrown)}\n`);
      },
      onExchange({ method, url, status, durationMs }) {
        if (verbosity >= 2) tell(`${method} ${url} ${status ?? 'no answer'} ${durationMs.toFixed(0)} ms\n`);
      },
      onEnd: () => line.clear(),
    },
  };
}

/** What was looked at is for those who ask for more. */
function shown(report: StepReport, verbosity: number): StepReport {
  const { details, ...rest } = report;
  return verbosity >= 1 && details ? report : rest;
}
