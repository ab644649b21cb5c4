import type { KeyManager } from './key-manager-fields.js';

/** The Key Managers that the running server uses: some moments behind those it has stored. */
export interface LoadedKeyManagers {
  /** What is in use under this id now; nothing while it is being loaded, or when it could not be. */
  find(id: string): KeyManager | undefined;
  /** Loads a Key Manager that was just written, after the delay; until then the one before stays in use. */
  load(keyManager: KeyManager): void;
  unload(id: string): void;
}

interface Slot {
  readonly before: KeyManager | undefined;
  readonly next: KeyManager;
  readonly dueMs: number;
}

/** The stored ones are in use at once, because a server loads them while it starts. */
export function loadKeyManagers(stored: readonly KeyManager[], delayMs: number): LoadedKeyManagers {
  const slots = new Map<string, Slot>(stored.map((next) => [next.id, { before: undefined, next, dueMs: 0 }]));

  function find(id: string): KeyManager | undefined {
    const slot = slots.get(id);
    if (!slot) return undefined;
    if (Date.now() < slot.dueMs) return slot.before;
    return isLoadable(slot.next) ? slot.next : undefined;
  }

  return {
    find,
    load: (next) => void slots.set(next.id, { before: find(next.id), next, dueMs: Date.now() + delayMs }),
    unload: (id) => void slots.delete(id),
  };
}

/**
 * The connector meets a null pointer on a missing endpoint, the optional user info endpoint included, and without an account. The real
 * server says so in its log only.
 */
function isLoadable(keyManager: KeyManager): boolean {
  if (keyManager.type === 'default') return true;
  const { Authentication, Username, Password } = keyManager.additionalProperties;
  const endpoints = [
    keyManager.clientRegistrationEndpoint,
    keyManager.introspectionEndpoint,
    keyManager.tokenEndpoint,
    keyManager.revokeEndpoint,
    keyManager.userInfoEndpoint,
  ];
  const hasAccount = Authentication === 'MutualTLS' || (Username !== undefined && Password !== undefined);
  return endpoints.every(Boolean) && hasAccount;
}
