import type { Row, UniqueIndex } from '../session.js';

/** Rows of (index, column), a column each in index order, as indexes. An expression has no column name. */
export function groupByIndex(rows: readonly Row[]): readonly UniqueIndex[] {
  const columns = new Map<string, string[]>();
  for (const [name, column] of rows) columns.set(name ?? '', [...(columns.get(name ?? '') ?? []), column ?? '']);
  return [...columns].map(([name, of]) => ({ name, columns: of }));
}
