import { type ErrorCode, EXIT_CODE_OF } from '../codes.js';
import type { StepReport } from '../step/step-report.js';

/** How a fact stands, in the words of who keeps an eye on it. */
export type StepState = 'in-sync' | 'mended' | 'drift' | 'waiting' | 'unreachable' | 'failed';

/** A server or database that may come up by itself; what is wrong with TLS or a password does not heal by waiting. */
const DOWN: ReadonlySet<ErrorCode> = new Set([
  'SERVER_UNREACHABLE',
  'HOST_NOT_FOUND',
  'CONNECTION_REFUSED',
  'CONNECTION_LOST',
  'CONNECTION_TIMEOUT',
  'NETWORK_UNREACHABLE',
  'SERVER_NOT_READY',
  'SERVER_STARTING',
  'SERVER_DATABASE_DOWN',
  'DATABASE_UNREACHABLE',
]);

/**
 * A fact that does not hold is drift also when something is in the way of mending it (the database is in use); only what keeps us from
 * talking to a server or database is not.
 */
export function stateOf({ status, changes, error }: StepReport): StepState {
  switch (status) {
    case 'in-sync':
      return 'in-sync';
    case 'applied':
      return 'mended';
    case 'pending':
      return 'drift';
    case 'deferred':
      return 'waiting';
    case 'failed':
      if (error && DOWN.has(error.code)) return 'unreachable';
      return error && changes.length > 0 && EXIT_CODE_OF[error.code] !== 3 ? 'drift' : 'failed';
  }
}
