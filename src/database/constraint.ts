import { BootstrapError } from '../errors.js';
import type { PlannedChange } from '../step/step.js';
import type { DuplicateKey } from './catalogue.js';
import { MESSAGES } from './errors.js';
import type { Findings } from './findings.js';
import { COLUMN, CONSTRAINT, TABLE } from './guide-sql.js';
import type { UniqueIndex } from './session.js';

/**
 * Whether an index keeps the consumer key unique, whatever its name. The one that IS 7 itself ships,
 * `CONSUMER_KEY_CONSTRAINT (TENANT_ID, CONSUMER_KEY)`, lets each tenant have the same key, and foreign keys hang on it: it stays.
 */
export function isUnique(indexes: readonly UniqueIndex[]): boolean {
  return indexes.some(({ columns }) => isConsumerKey(columns));
}

/**
 * The change that is missing, or none.
 *
 * @throws BootstrapError what no change of ours can mend: `DATABASE_WRONG`, `DATABASE_TABLE_MISSING`, `DATABASE_AMBIGUOUS`,
 *   `DATABASE_CONFLICT`, `DATABASE_DUPLICATES`
 */
export function planConstraint(found: Findings): readonly PlannedChange[] {
  const { label, obstacle } = found;
  if (found.apimTables.length > 0) throw wrongDatabase(found);
  if (!found.hasTable) throw missingTable(found);
  if (found.otherSchemas.length > 0) throw ambiguous(found);
  if (isUnique(found.uniqueIndexes)) return [];
  if (found.namesake) throw conflict(label, found.namesake);
  if (found.duplicates.keys > 0) throw duplicates(found);
  return [
    {
      action: 'add',
      summary: `add UNIQUE (${COLUMN}) to ${TABLE} as ${CONSTRAINT} in ${label}`,
      ...(obstacle && { obstacle }),
    },
  ];
}

/** Whether these are the columns of the guide's constraint. */
export function isConsumerKey([first, ...others]: readonly string[]): boolean {
  return others.length === 0 && first?.toUpperCase() === COLUMN;
}

/** API Manager's database has a table of the same name, in the older shape. */
function wrongDatabase({ label, apimTables }: Findings): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_WRONG(label, apimTables[0]));
}

function missingTable({ label, otherSchemas }: Findings): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_TABLE_MISSING(label, TABLE, otherSchemas));
}

/** Which of them IS 7 uses cannot be told from here. */
function ambiguous({ label, otherSchemas }: Findings): BootstrapError {
  return new BootstrapError(MESSAGES.DATABASE_AMBIGUOUS(label, TABLE, otherSchemas));
}

function conflict(label: string, { table, columns }: NonNullable<Findings['namesake']>): BootstrapError {
  const on = columns.length > 0 ? `${table} (${columns.join(', ')})` : `${table}, where it is no unique key`;
  return new BootstrapError(MESSAGES.DATABASE_CONFLICT(label, CONSTRAINT, on, TABLE, COLUMN));
}

function duplicates({ label, duplicates: { keys, rows, listed } }: Findings): BootstrapError {
  const more = keys > listed.length ? [`and ${keys - listed.length} more`] : [];
  const lines = [...listed.map(duplicateLine), ...more];
  return new BootstrapError(MESSAGES.DATABASE_DUPLICATES.found(label, count(keys, 'consumer key'), rows, lines));
}

/** `CONSOLE: 3 applications (tenant -1234 Console, tenant 1 Console, …)` */
function duplicateLine({ key, rows, apps }: DuplicateKey): string {
  const names = apps.map(({ tenant, name }) => `tenant ${tenant} ${name}`);
  return `${key}: ${count(rows, 'application')} (${[...names, ...(rows > apps.length ? ['…'] : [])].join(', ')})`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
