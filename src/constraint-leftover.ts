import { isUnique } from './database/constraint.js';
import type { Findings } from './database/findings.js';
import { COLUMN, CONSTRAINT, TABLE } from './database/guide-sql.js';
import { toBootstrapError } from './errors.js';
import type { Notice, Step } from './step/step.js';

type Found = Findings | { readonly unknown: string };

/**
 * With the recipe `current` the constraint is not wanted, and not ours to remove: the step only looks whether `legacy` left it and says
 * what it does. A database that cannot be looked at is no failure then.
 */
export function namesLeftConstraint({ id, inspect }: Step<Findings>): Step<Found> {
  return {
    id,
    async inspect(signal) {
      try {
        return await inspect(signal);
      } catch (thrown) {
        signal.throwIfAborted();
        return { unknown: toBootstrapError(thrown).message };
      }
    },
    plan: () => [],
    notices: noticesOf,
    apply: () => Promise.reject(new Error(`${id} has nothing to apply`)),
  };
}

function noticesOf(found: Found): readonly Notice[] {
  if ('unknown' in found) {
    const message = `whether the recipe legacy left UNIQUE (${COLUMN}) on ${TABLE} could not be looked up: ${found.unknown}`;
    const hint = 'The recipe current needs no database. If the recipe legacy was applied once, look for it by hand.';
    return [{ code: 'CONSTRAINT_UNKNOWN', message, hint }];
  }
  if (!isUnique(found.uniqueIndexes)) return [];
  return [
    {
      code: 'RECIPE_LEFTOVER',
      message: `UNIQUE (${COLUMN}) on ${TABLE} in ${found.label} is left from the recipe legacy: it stops the creation of tenants, whose system applications share their consumer keys`,
      hint: `Drop it once the recipe current is in place, with IS 7 stopped: ALTER TABLE ${TABLE} DROP CONSTRAINT, as a rule ${CONSTRAINT}.`,
    },
  ];
}
