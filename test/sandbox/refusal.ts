import type { BootstrapError } from '../../src/errors.js';

/** The error an attempt ends with; that it ends with none is the failure. */
export async function refusal(attempt: Promise<unknown>): Promise<BootstrapError> {
  try {
    await attempt;
  } catch (error) {
    return error as BootstrapError;
  }
  throw new Error('it was not refused');
}
