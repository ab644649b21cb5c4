import type { ApiClient } from './api-client.js';
import {
  type ApplicationKeys,
  createApplication,
  deleteApplication,
  deleteKeys,
  findApplications,
  generateKeys,
} from './devportal-api.js';
import { isLeftover, newProofName, PROOF_PREFIX } from './proof-run.js';

export interface ThrowawayKeys extends ApplicationKeys {
  readonly applicationId: string;
}

export interface ThrowawayOptions {
  readonly devPortal: ApiClient;
  readonly keyManager: string;
  /** Told the name of an application that could not be removed. */
  readonly onLeftover: (applicationName: string) => void;
}

/** Cleaning up goes on for so long after a failure or an abort, milliseconds. */
const CLEAN_UP_TIMEOUT_MS = 10_000;

/**
 * Lends keys of a new application at a Key Manager. Keys and application are removed afterwards, also on failure and on abort; what a
 * killed run leaves behind, {@link removeLeftovers} of the next one finds by its name.
 *
 * The application is new each time, because a key generation that fails can leave a row behind that blocks every later one.
 */
export async function withThrowawayKeys<T>(
  { devPortal, keyManager, onLeftover }: ThrowawayOptions,
  signal: AbortSignal,
  use: (keys: ThrowawayKeys) => Promise<T>,
): Promise<T> {
  const name = newProofName(Date.now());
  let applicationId: string | undefined;
  let keys: ApplicationKeys | undefined;
  try {
    applicationId = await createApplication(devPortal, name, signal);
    keys = await generateKeys(devPortal, { applicationId, keyManager }, signal);
    return await use({ ...keys, applicationId });
  } finally {
    await remove(devPortal, { name, applicationId, keys }).catch(() => onLeftover(name));
  }
}

/** Removes the applications of proofs that were killed. Returns the names of those that the server keeps. */
export async function removeLeftovers(devPortal: ApiClient, signal: AbortSignal): Promise<readonly string[]> {
  const applications = await findApplications(devPortal, PROOF_PREFIX, signal);
  const kept: string[] = [];
  for (const { id, name } of applications.filter((application) => isLeftover(application.name, Date.now()))) {
    await deleteApplication(devPortal, id, signal).catch(() => {
      signal.throwIfAborted();
      kept.push(name);
    });
  }
  return kept;
}

interface Made {
  readonly name: string;
  readonly applicationId: string | undefined;
  readonly keys: ApplicationKeys | undefined;
}

async function remove(devPortal: ApiClient, { name, applicationId, keys }: Made): Promise<void> {
  const signal = AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS);
  // Removing the application removes its keys too, so this may fail.
  if (applicationId && keys) await deleteKeys(devPortal, applicationId, keys, signal).catch(() => undefined);
  // Without an id the creation failed or was cut off, and the server may have it nevertheless.
  const ids = applicationId ? [applicationId] : (await findApplications(devPortal, name, signal)).map(({ id }) => id);
  for (const id of ids) await deleteApplication(devPortal, id, signal);
}
