import { Damage } from './damage.js';
import { type RowSource, readRows } from './rows.js';
import { firstWords, type SqlWord, wordsOf } from './sql-words.js';

/** A row of table 0: the statement that H2 runs as it opens the file. */
export interface DefinitionRecord {
  readonly id: number;
  readonly sql: string;
}

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

export interface TableDefinition extends QualifiedName {
  /** Of its map of rows, `table.ID`. */
  readonly id: number;
  columns(): readonly ColumnDefinition[];
}

export interface ColumnDefinition {
  readonly name: string;
  /** `CHARACTER VARYING`, without its length. */
  readonly type: string;
}

export interface IndexDefinition extends QualifiedName {
  /** Of its map, `index.ID`; a primary key of one whole number has none. */
  readonly id: number;
  readonly table: QualifiedName;
  readonly isUnique: boolean;
  /** The key, in its order; of a unique index without what is only included. */
  columns(): readonly string[];
}

export interface ConstraintDefinition extends QualifiedName {
  readonly table: QualifiedName;
  readonly isUnique: boolean;
  /** Empty where it is no key, but a CHECK. */
  columns(): readonly string[];
}

export interface UserDefinition {
  readonly name: string;
  /** Hexadecimal, as H2 has them. */
  readonly salt: string;
  readonly hash: string;
}

/** What a database consists of, as far as something is decided by it. Whatever else there is, is in the records alone. */
export interface Definition {
  readonly records: readonly DefinitionRecord[];
  /** Also views and links, which have no columns here. */
  readonly tables: readonly TableDefinition[];
  readonly indexes: readonly IndexDefinition[];
  readonly constraints: readonly ConstraintDefinition[];
  readonly users: readonly UserDefinition[];
}

/** Of table 0: ID, HEAD, TYPE, SQL. */
const COLUMNS = { id: 0, sql: 3 } as const;

/** IS 7 has some 900; each is a statement. */
const MOST_RECORDS = 100_000;

/** The longest text that H2 takes as a value. */
const MOST_LETTERS = 2 ** 20;

/** @throws Damage */
export function readRecords(source: Pick<RowSource, 'store' | 'isCommitted'>): readonly DefinitionRecord[] {
  const records: DefinitionRecord[] = [];
  for (const rows of readRows({ ...source, mapName: 'table.0', columns: [COLUMNS.id, COLUMNS.sql] })) {
    for (const [id, sql] of rows) {
      if (typeof id !== 'string' || !/^-?\d{1,10}$/.test(id) || typeof sql !== 'string' || sql.length > MOST_LETTERS)
        throw new Damage('a definition is no statement');
      records.push({ id: Number(id), sql });
    }
    if (records.length > MOST_RECORDS) throw new Damage(`more than ${MOST_RECORDS} objects are defined`);
  }
  return records;
}

/** Takes what is needed out of each statement; one that is not understood is left to its record. Lists of columns are read when asked for. */
export function parseDefinition(records: readonly DefinitionRecord[]): Definition {
  const tables: TableDefinition[] = [];
  const indexes: IndexDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  const users: UserDefinition[] = [];
  for (const { id, sql } of records) {
    const words = firstWords(sql);
    const start = words.map(({ shape }) => shape).join(' ');
    if (TABLE.test(start)) tables.push({ id, ...nameIn(words, 0), columns: onDemand(() => columnsOf(sql)) });
    else if (INDEX.test(start)) indexes.push({ id, ...indexOf(words, start), columns: onDemand(() => keyOf(sql)) });
    else if (CONSTRAINT.test(start)) constraints.push(constraintOf(words, start, sql));
    else if (USER.test(start)) users.push(userOf(words));
  }
  return { records, tables, indexes, constraints, users };
}

function onDemand<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: read() };
    return known.value;
  };
}

const TABLE = /^CREATE (?:[A-Z_]+ )*?(?:TABLE|VIEW|SYNONYM) (?:IF NOT EXISTS |TABLE_EXPRESSION )?" \. "/;
const INDEX =
  /^CREATE (?:(?:UNIQUE |NULLS |NOT |ALL |DISTINCT |HASH |SPATIAL )*INDEX|PRIMARY KEY(?: HASH)?) (?:IF NOT EXISTS )?" \. " ON " \. "/;
const CONSTRAINT =
  /^ALTER TABLE " \. " ADD CONSTRAINT (?:IF NOT EXISTS )?" \. "(?: COMMENT ')? (UNIQUE|PRIMARY KEY|FOREIGN KEY|[A-Z]+)/;
const USER = /^CREATE USER IF NOT EXISTS " /;

/** The nth pair of names, from 0. */
function nameIn(words: readonly SqlWord[], nth: number): QualifiedName {
  const names = words.filter(({ shape }) => shape === '"');
  return { schema: names[nth * 2]?.text ?? '', name: names[nth * 2 + 1]?.text ?? '' };
}

function indexOf(words: readonly SqlWord[], start: string): Omit<IndexDefinition, 'id' | 'columns'> {
  return { ...nameIn(words, 0), table: nameIn(words, 1), isUnique: /^CREATE (?:UNIQUE|PRIMARY)/.test(start) };
}

function constraintOf(words: readonly SqlWord[], start: string, sql: string): ConstraintDefinition {
  const kind = CONSTRAINT.exec(start)?.[1] ?? '';
  const isKey = ['UNIQUE', 'PRIMARY KEY', 'FOREIGN KEY'].includes(kind);
  return {
    ...nameIn(words, 1),
    table: nameIn(words, 0),
    isUnique: isKey && kind !== 'FOREIGN KEY',
    columns: onDemand(() => (isKey ? keyOf(sql) : [])),
  };
}

function userOf(words: readonly SqlWord[]): UserDefinition {
  const after = (word: string) => words[words.findIndex(({ shape }) => shape === word) + 1]?.text ?? '';
  return { name: words.find(({ shape }) => shape === '"')?.text ?? '', salt: after('SALT'), hash: after('HASH') };
}

function keyOf(sql: string): readonly string[] {
  return itemsOf(sql).map(([name]) => name?.text ?? '');
}

function columnsOf(sql: string): readonly ColumnDefinition[] {
  if (!/^CREATE (?:[A-Z]+ )*TABLE (?!TABLE_EXPRESSION)/.test(sql) || / LINKED TABLE /.test(sql.slice(0, 40))) return [];
  return itemsOf(sql).map(([name, ...rest]) => {
    const end = rest.findIndex(({ shape }) => AFTER_TYPE.includes(shape));
    return { name: name?.text ?? '', type: typeIn(rest.slice(0, end < 0 ? undefined : end)) };
  });
}

/** Without what stands in parentheses. */
function typeIn(words: readonly SqlWord[]): string {
  let depth = 0;
  const outside = words.filter(({ shape }) => {
    if (shape === ')') depth--;
    const isOutside = depth === 0 && shape !== '(' && shape !== ')';
    if (shape === '(') depth++;
    return isOutside;
  });
  return outside.map(({ shape }) => shape).join(' ');
}

const AFTER_TYPE = ['DEFAULT', 'GENERATED', 'INVISIBLE', 'ON', 'SEQUENCE', 'SELECTIVITY', 'COMMENT', 'NOT'];

/** The words within the first parentheses, split at their commas. */
function itemsOf(sql: string): readonly (readonly SqlWord[])[] {
  const items: SqlWord[][] = [];
  let depth = 0;
  for (const word of wordsOf(sql)) {
    if (word.shape === ')' && --depth === 0) break;
    if (depth === 1 && (word.shape === ',' || items.length === 0)) items.push([]);
    if (depth > 1 || (depth === 1 && word.shape !== ',')) items.at(-1)?.push(word);
    if (word.shape === '(') depth++;
  }
  return items;
}
