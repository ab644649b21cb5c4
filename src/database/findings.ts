import type { BootstrapError } from '../errors.js';
import type { Notice } from '../step/step.js';
import { type Catalogue, type Duplicates, type Namesake, NO_DUPLICATES } from './catalogue.js';
import { isUnique } from './constraint.js';
import { TABLE } from './guide-sql.js';
import type { Database, UniqueIndex } from './session.js';

/** What a look at the database found: all that a plan needs. */
export interface Findings {
  /** For messages: `WSO2IDENTITY_DB (H2)`. */
  readonly label: string;
  /** Tables that only API Manager's own database has; none in an identity database. */
  readonly apimTables: readonly string[];
  readonly hasTable: boolean;
  /** Schemas besides the one looked into that have such a table too; empty when a schema was named and has it. */
  readonly otherSchemas: readonly string[];
  readonly uniqueIndexes: readonly UniqueIndex[];
  /** What bears the name of our constraint, if anything. */
  readonly namesake?: Namesake | undefined;
  readonly duplicates: Duplicates;
  /** What is worth saying about how the database is talked to. */
  readonly notices: readonly Notice[];
  /** Why a change would fail now, although the database can be read. */
  readonly obstacle?: BootstrapError | undefined;
}

/** {@link findIn} a catalogue lent for it. */
export function readFindings(database: Database, signal: AbortSignal): Promise<Findings> {
  return database.withCatalogue((catalogue) => findIn(catalogue, database), signal);
}

/** Looks until the plan is certain, and no further: applications are counted only when the constraint is missing. */
export async function findIn(
  catalogue: Catalogue,
  { label, dialect, schemaIsGiven, notices }: Database,
): Promise<Findings> {
  const spelled = dialect.spell(TABLE);
  const apimTables = await catalogue.tables(dialect.spell('AM_API'));
  // The prefix is matched by the engine's own rule of case; it may store the name in another case than the script.
  const table = (await catalogue.tables(spelled)).find((name) => name.toUpperCase() === TABLE);
  const hasTable = table !== undefined;
  const otherSchemas = hasTable && schemaIsGiven ? [] : await catalogue.otherSchemasOf(spelled);
  const found = { ...NOTHING, label, apimTables, hasTable, otherSchemas, notices: notices() };
  if (!hasTable || apimTables.length > 0 || otherSchemas.length > 0) return found;
  const uniqueIndexes = await catalogue.uniqueIndexes(table);
  if (isUnique(uniqueIndexes)) return { ...found, uniqueIndexes };
  const namesake = await catalogue.namesake();
  // Another run may have made it between the two looks: it is no stranger then.
  const later = namesake ? await catalogue.uniqueIndexes(table) : uniqueIndexes;
  if (isUnique(later)) return { ...found, uniqueIndexes: later };
  const duplicates = await catalogue.duplicates();
  return { ...found, uniqueIndexes, namesake, duplicates, obstacle: await catalogue.obstacle?.() };
}

const NOTHING = { uniqueIndexes: [], duplicates: NO_DUPLICATES };
