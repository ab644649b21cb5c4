import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BootstrapError } from '../../src/errors.js';
import { writeFileWhole } from '../../src/io/write-file.js';
import { MESSAGES } from '../errors.js';
import { isObject } from '../http/request.js';
import { stateFile, type TenantAccount } from '../tenants.js';
import type { Application } from './applications.js';
import type { Client } from './clients.js';
import type { KeyManager } from './key-manager-fields.js';
import type { Subscription } from './subscriptions.js';
import type { AccessToken } from './token.js';

/** Everything the server remembers. Handlers change it in place and then save. */
export interface ApimState {
  /** Made before the server starts. */
  tenants: TenantAccount[];
  clients: Client[];
  tokens: AccessToken[];
  keyManagers: KeyManager[];
  applications: Application[];
  subscriptions: Subscription[];
}

/** The state, and the way to make a change of it last. */
export interface ApimStore {
  readonly state: ApimState;
  save(): Promise<void>;
}

/**
 * What the server knew when it was last up, from `repository/database/sandbox-apim.json` of its home. The real server encrypts the
 * connector's password in its database; here it stands in the clear, in a file that only its owner may read (0600).
 *
 * @throws BootstrapError `SANDBOX_FAILED` when the file is there and makes no sense.
 */
export async function openStore(home: string): Promise<ApimStore> {
  const path = stateFile(home, 'apim');
  const state = await readState(path);
  let lastWrite: Promise<unknown> = Promise.resolve();
  let nextWrite: Promise<void> | undefined;
  return {
    state,
    save() {
      // Whoever saves while a write waits for its turn is part of that one.
      nextWrite ??= lastWrite.then(() => {
        nextWrite = undefined;
        state.tokens = state.tokens.filter((token) => token.expiresAtMs > Date.now());
        return writeState(path, state);
      });
      lastWrite = nextWrite.catch(() => undefined);
      return nextWrite;
    },
  };
}

async function writeState(path: string, state: ApimState): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileWhole(path, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, keep: undefined });
}

async function readState(path: string): Promise<ApimState> {
  const fresh: ApimState = {
    tenants: [],
    clients: [],
    tokens: [],
    keyManagers: [],
    applications: [],
    subscriptions: [],
  };
  try {
    const saved: unknown = JSON.parse(await readFile(path, 'utf8'));
    const state = isObject(saved) ? { ...fresh, ...saved } : undefined;
    if (state && Object.values(state).every(Array.isArray)) return state;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
  }
  throw new BootstrapError(MESSAGES.SANDBOX_FAILED.apimState(path));
}
