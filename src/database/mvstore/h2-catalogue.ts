import type { Catalogue, Namesake } from '../catalogue.js';
import { COLUMN, CONSTRAINT, TABLE } from '../guide-sql.js';
import { findDuplicates } from './duplicates.js';
import type { DatabaseAsData } from './read-table.js';

/** What is looked at. */
export interface H2Source extends DatabaseAsData {
  /** The schema to look into. */
  readonly schema: string;
}

/** Answers from the data of the file, as H2's INFORMATION_SCHEMA would. */
export function h2Catalogue(source: H2Source, signal: AbortSignal): Catalogue {
  const { definition, schema } = source;
  const { tables, indexes, constraints } = definition;
  return {
    tables: async (prefix) =>
      tables.filter((table) => table.schema === schema && table.name.startsWith(prefix)).map(({ name }) => name),
    otherSchemasOf: async (name) =>
      tables
        .filter((table) => table.schema !== schema && table.name === name)
        .map((table) => table.schema)
        .sort(),
    uniqueIndexes: async (name) =>
      [...indexes, ...constraints]
        .filter(({ isUnique, table }) => isUnique && table.schema === schema && table.name === name)
        .map((key) => ({ name: key.name, columns: key.columns() })),
    namesake: async () => namesakeIn(source),
    duplicates: async () => {
      const table = tables.find((one) => one.schema === schema && one.name === TABLE);
      return findDuplicates({ ...source, table, column: COLUMN }, signal);
    },
  };
}

function namesakeIn({ definition, schema }: H2Source): Namesake | undefined {
  const found = definition.constraints.find((one) => one.schema === schema && one.name === CONSTRAINT);
  return found && { table: found.table.name, columns: found.columns() };
}
