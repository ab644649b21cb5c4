import type { PlannedChange, Step } from '../step/step.js';
import type { KeyManagerDeclaration } from './declaration.js';
import { type ActualKeyManager, readActual } from './state.js';
import type { Tenant } from './tenant.js';
import { remove } from './write.js';

export interface AbsentKeyManagerOptions {
  readonly id: string;
  readonly needs: readonly string[];
  readonly tenant: Tenant;
  /** Only its name and type count. */
  readonly declaration: KeyManagerDeclaration;
}

export interface AbsentState {
  readonly actual: ActualKeyManager | undefined;
}

export interface Deletion extends PlannedChange {
  readonly actual: ActualKeyManager;
}

/**
 * The fact that API Manager does not have this Key Manager. Only `state = "absent"` asks for it.
 *
 * Throws `KEY_MANAGER_IN_USE`, `KEY_MANAGER_CONFLICT` when it is of another type, and those of the client.
 */
export function absentKeyManagerStep(options: AbsentKeyManagerOptions): Step<AbsentState, Deletion> {
  const { id, needs, tenant, declaration } = options;
  return {
    id,
    needs,
    // Not the lane of those that may take its place.
    lane: 'key-manager-absent',
    async inspect(signal) {
      return { actual: await readActual(tenant, declaration, signal) };
    },
    plan({ actual }) {
      if (!actual) return [];
      const summary = `delete the Key Manager ${declaration.name} from API Manager at ${tenant.client.account.url}`;
      return [{ action: 'remove', summary, actual }];
    },
    apply: ({ actual }, signal) => remove(tenant, declaration.name, actual, signal),
  };
}
