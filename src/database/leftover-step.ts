import { toBootstrapError } from '../errors.js';
import type { Notice, PlannedChange, Step } from '../step/step.js';
import { alterInTurns } from './alter.js';
import type { Namesake } from './catalogue.js';
import { isConsumerKey, isUnique } from './constraint.js';
import type { Dialect } from './dialects/dialect.js';
import { databaseOf } from './engines.js';
import { MESSAGES } from './errors.js';
import { type Findings, findIn } from './findings.js';
import { COLUMN, CONSTRAINT, TABLE } from './guide-sql.js';
import { whenReachable } from './reachable.js';
import type { Session } from './session.js';
import { readNamesake } from './sql-catalogue.js';
import type { ConsumerKeyOptions } from './step.js';

export interface LeftoverConstraintOptions extends ConsumerKeyOptions {
  /** Whether the constraint is named only, or taken away: `recipe_cleanup`. */
  readonly leftovers: 'name' | 'remove';
}

/** `isOurs`: the constraint bears the guide's name. One of another name is nobody's leftover that we could tell. */
export type LeftoverState = (Findings & { readonly isOurs: boolean }) | { readonly unknown: string };

/**
 * With the recipe `current` the constraint that `legacy` makes is not wanted: it stops the creation of tenants. It is named, and removed
 * only when told to. A database that cannot be looked at is no failure while it is only named.
 */
export function leftoverConstraintStep({
  connection,
  patienceMs = () => 0,
  leftovers,
}: LeftoverConstraintOptions): Step<LeftoverState> {
  return {
    id: 'database/consumer-key',
    async inspect(signal, say) {
      try {
        const database = await databaseOf(await connection());
        const look = (attempt: AbortSignal) =>
          database.withCatalogue(async (catalogue) => {
            const constraints = await findIn(catalogue, database);
            if (!isUnique(constraints.uniqueIndexes) || !isOurs(await catalogue.namesake()))
              return { ...constraints, isOurs: false };
            return { ...constraints, isOurs: true, obstacle: await catalogue.obstacle?.() };
          }, attempt);
        return await whenReachable(look, database, signal, { patienceMs: patienceMs(), say });
      } catch (thrown) {
        signal.throwIfAborted();
        if (leftovers === 'remove') throw thrown;
        return { unknown: toBootstrapError(thrown).message };
      }
    },
    plan: (state) => (leftovers === 'remove' ? planRemoval(state) : []),
    diff: async () => [`- ${(await databaseOf(await connection())).dialect.dropConstraint};`],
    notices: (state) => (leftovers === 'remove' && planRemoval(state).length > 0 ? [] : noticesOf(state)),
    async apply(change, signal, { keep, say } = {}) {
      if (change.obstacle) throw change.obstacle;
      const options = { ...(await connection()), keep };
      const database = await databaseOf(options);
      const drop = (attempt: AbortSignal) =>
        alterInTurns(database, dropStatement, { lockTimeoutMs: options.lockTimeoutMs, say }, attempt);
      await whenReachable(drop, database, signal, { patienceMs: patienceMs(), say });
    },
  };
}

function planRemoval(state: LeftoverState): readonly PlannedChange[] {
  if ('unknown' in state || !state.isOurs) return [];
  const { label, obstacle } = state;
  return [{ action: 'remove', summary: `drop ${CONSTRAINT} from ${TABLE} in ${label}`, ...(obstacle && { obstacle }) }];
}

async function dropStatement(session: Session, dialect: Dialect): Promise<string | undefined> {
  return isOurs(await readNamesake(session, dialect)) ? dialect.dropConstraint : undefined;
}

function isOurs(namesake: Namesake | undefined): boolean {
  return namesake !== undefined && namesake.table.toUpperCase() === TABLE && isConsumerKey(namesake.columns);
}

function noticesOf(state: LeftoverState): readonly Notice[] {
  if ('unknown' in state) {
    return [MESSAGES.CONSTRAINT_UNKNOWN(COLUMN, TABLE, state.unknown)];
  }
  if (!isUnique(state.uniqueIndexes)) return [];
  return [MESSAGES.RECIPE_LEFTOVER(COLUMN, TABLE, state.label, state.isOurs, CONSTRAINT)];
}
