import { BootstrapError } from '../errors.js';
import type { PlannedChange } from '../step/step.js';
import type { DuplicateKey } from './catalogue.js';
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
  return new BootstrapError(
    `${label} is a database of API Manager, not the identity database: it has the table ${apimTables[0]}`,
    {
      code: 'DATABASE_WRONG',
      hint: "Point database.url at the database of [database.identity_db] in Identity Server 7's deployment.toml.",
    },
  );
}

function missingTable({ label, otherSchemas }: Findings): BootstrapError {
  const elsewhere = otherSchemas.length > 0 ? ` where this user looks, but in schema ${otherSchemas.join(', ')}` : '';
  return new BootstrapError(`${label} has no table ${TABLE}${elsewhere}`, {
    code: 'DATABASE_TABLE_MISSING',
    hint:
      otherSchemas.length > 0
        ? 'Name the schema of Identity Server 7 with database.schema (KMB_DATABASE_SCHEMA).'
        : 'Check that this is the identity database of Identity Server 7, and that its script in dbscripts/identity has been run there.',
  });
}

/** Which of them IS 7 uses cannot be told from here. */
function ambiguous({ label, otherSchemas }: Findings): BootstrapError {
  return new BootstrapError(
    `${label} has the table ${TABLE} more than once: where this user looks first, and in schema ${otherSchemas.join(', ')}`,
    {
      code: 'DATABASE_AMBIGUOUS',
      hint: 'Name the schema of Identity Server 7 with database.schema (KMB_DATABASE_SCHEMA), or in the URL (PostgreSQL, DB2: currentSchema).',
    },
  );
}

function conflict(label: string, { table, columns }: NonNullable<Findings['namesake']>): BootstrapError {
  const on = columns.length > 0 ? `${table} (${columns.join(', ')})` : `${table}, where it is no unique key`;
  return new BootstrapError(
    `${label} has a constraint ${CONSTRAINT} already, but on ${on} instead of ${TABLE} (${COLUMN})`,
    {
      code: 'DATABASE_CONFLICT',
      hint: `Find out who made it; drop or rename it if nothing needs it, then run again.`,
    },
  );
}

function duplicates({ label, duplicates: { keys, rows, listed } }: Findings): BootstrapError {
  const more = keys > listed.length ? [`and ${keys - listed.length} more`] : [];
  const message = `${label}: ${count(keys, 'consumer key')} of ${TABLE} shared by ${rows} applications, so ${COLUMN} cannot be made unique`;
  return new BootstrapError([message, ...listed.map(duplicateLine), ...more].join('\n  '), {
    code: 'DATABASE_DUPLICATES',
    hint:
      'Nothing was changed. Tenants share the keys of system applications (CONSOLE, MY_ACCOUNT) by design: set recipe = "current", which ' +
      'needs no constraint. Where applications of your own share a key, give all but one a new client id and run again.',
  });
}

/** `CONSOLE: 3 applications (tenant -1234 Console, tenant 1 Console, …)` */
function duplicateLine({ key, rows, apps }: DuplicateKey): string {
  const names = apps.map(({ tenant, name }) => `tenant ${tenant} ${name}`);
  return `${key}: ${count(rows, 'application')} (${[...names, ...(rows > apps.length ? ['…'] : [])].join(', ')})`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
