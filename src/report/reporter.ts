import { inspect } from 'node:util';
import type { OutputOptions } from '../cli/command.js';
import type { BootstrapError } from '../errors.js';
import type { HttpExchange } from '../http/client.js';
import type { Verb } from '../step/run.js';
import type { StepReport } from '../step/step-report.js';
import { errorLine, stepLine, summarize, summaryLine } from './json.js';
import { messageText, painter, stepText, summaryText } from './text.js';

/** Says what happens: results on stdout, messages and progress on stderr. */
export interface Reporter {
  print(text: string): void;
  step(report: StepReport): void;
  summary(reports: readonly StepReport[], verb: Verb, exitCode: number, restart: readonly string[]): void;
  /** A failure of the run as a whole. */
  failure(error: BootstrapError): void;
  readonly progress: {
    onProgress(stepId: string, doing: string): void;
    onFailure(stepId: string, thrown: unknown): void;
    /** An exchange with a server, for the trace of `-vv`. */
    onExchange(exchange: HttpExchange): void;
    onEnd(): void;
  };
}

/** Only what takes longer than this is worth a line of progress. */
const PROGRESS_AFTER_MS = 1_000;

export function createReporter({ json, verbosity, color }: OutputOptions): Reporter {
  const paintFor = (stream: NodeJS.WriteStream) =>
    painter(color && stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb' ? 'color' : 'plain');
  const out = (text: string) => process.stdout.write(text);
  const tell = (text: string) => process.stderr.write(text);
  let slow: NodeJS.Timeout | undefined;

  return {
    print: out,
    step(report) {
      clearTimeout(slow);
      if (json) out(`${stepLine(report)}\n`);
      else if (verbosity >= 0 || report.status === 'failed') {
        const { details, ...rest } = report;
        out(`${stepText(verbosity >= 1 && details ? { ...rest, details } : rest, paintFor(process.stdout))}\n`);
      }
    },
    summary(reports, verb, exitCode, restart) {
      const summary = summarize(reports, exitCode);
      if (json) out(`${summaryLine(summary)}\n`);
      else if (verbosity >= 0) out(`\n${summaryText(reports, summary, verb)}.\n`);
      for (const server of restart) tell(`Restart ${server}: it is running and has read the old files.\n`);
    },
    failure(error) {
      if (json) out(`${errorLine(error)}\n`);
      else tell(`${messageText('error', error, paintFor(process.stderr)).trimStart()}\n`);
      if (verbosity >= 2) tell(`${inspect(error)}\n`);
    },
    progress: {
      onProgress(stepId, doing) {
        clearTimeout(slow);
        if (verbosity >= 1) tell(`${stepId}: ${doing}\n`);
        else if (verbosity === 0 && !json) slow = setTimeout(() => tell(`${stepId}: ${doing} …\n`), PROGRESS_AFTER_MS);
      },
      onFailure(stepId, thrown) {
        if (verbosity >= 2) tell(`${stepId}: ${inspect(thrown)}\n`);
      },
      onExchange({ method, url, status, durationMs }) {
        if (verbosity >= 2) tell(`${method} ${url} ${status ?? 'no answer'} ${durationMs.toFixed(0)} ms\n`);
      },
      onEnd: () => clearTimeout(slow),
    },
  };
}
