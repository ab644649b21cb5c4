import type { StepReport } from '../step/step-report.js';
import { stateOf } from './step-state.js';

/** What is never mended beside a server that may be running, or may start at any moment, and why. */
const NEVER: Readonly<Record<string, string>> = {
  tls: 'a server that is restarted would present a certificate that the other, still running, does not trust yet',
  database: 'the change locks a table that every token needs, or a file that IS 7 must find free when it starts',
  dropins: 'a running IS 7 may still load classes from the jar',
  health: 'a server is up or is not',
};

/** What deployment.toml may name, so that a server whose deployment.toml comes first would start without it, or not at all. */
const NAMED_IN_DEPLOYMENT_TOML = ['tls', 'dropins'];

interface Found {
  /** The ids of all steps of the configuration, looked at or not. */
  readonly declared: readonly string[];
  readonly reports: readonly StepReport[];
}

/**
 * Of the steps that have drifted, those that are left to a person, each with the reason. All others are safe: they write files that their
 * server reads when it next starts, or use the Admin API as a person would, and take nothing away.
 */
export function reasonsToLeave({ declared, reports }: Found): ReadonlyMap<string, string> {
  const held = reports.filter(({ status }) => status === 'in-sync').map(({ step }) => step);
  const missing = declared.filter((id) => !held.includes(id));
  const drifted = reports.filter((report) => stateOf(report) === 'drift');
  return new Map(
    drifted.flatMap((report) => {
      const reason = reasonToLeave(report, missing);
      return reason === undefined ? [] : [[report.step, reason]];
    }),
  );
}

/** @param missing the steps that do not hold, as far as we know: one that was not looked at counts */
function reasonToLeave({ step, changes, error }: StepReport, missing: readonly string[]): string | undefined {
  const [kind = '', ...whose] = step.split('/');
  if (error) return error.message;
  if (NEVER[kind] !== undefined) return NEVER[kind];
  if (changes.some(({ action }) => action === 'remove')) return 'nothing is removed unattended';
  if (kind !== 'deployment-toml') return undefined;
  const named = NAMED_IN_DEPLOYMENT_TOML.map((other) => [other, ...whose].join('/')).find((id) => missing.includes(id));
  return named && `it may name what ${named} has not brought about`;
}
