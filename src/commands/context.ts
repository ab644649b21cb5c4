import type { Reporter } from '../report/reporter.js';

/** What every command gets from the world. */
export interface CommandContext {
  readonly reporter: Reporter;
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** The environment with `.env` under it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
}
