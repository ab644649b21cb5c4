import { Damage } from './damage.js';
import { type RowSource, readRows } from './rows.js';
import { type SqlWord, splitSql } from './sql-words.js';

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
  readonly columns: readonly ColumnDefinition[];
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
  readonly columns: readonly string[];
}

export interface ConstraintDefinition extends QualifiedName {
  readonly table: QualifiedName;
  readonly isUnique: boolean;
  /** Empty where it is no key, but a CHECK. */
  readonly columns: readonly string[];
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

/** Takes what is needed out of each statement; one that is not understood is left to its record. */
export function parseDefinition(records: readonly DefinitionRecord[]): Definition {
  const tables: TableDefinition[] = [];
  const indexes: IndexDefinition[] = [];
  const constraints: ConstraintDefinition[] = [];
  const users: UserDefinition[] = [];
  for (const { id, sql } of records) {
    const words = splitSql(sql);
    // Enough to tell what it is, and not the columns of a large table.
    const start = words
      .slice(0, 16)
      .map(({ shape }) => shape)
      .join(' ');
    if (TABLE.test(start)) tables.push({ id, ...nameIn(words, 0), columns: columnsOf(words) });
    else if (INDEX.test(start)) indexes.push({ id, ...indexOf(words, start) });
    else if (CONSTRAINT.test(start)) constraints.push(constraintOf(words, start));
    else if (USER.test(start)) users.push(userOf(words));
  }
  return { records, tables, indexes, constraints, users };
}

const TABLE = /^CREATE (?:[A-Z_]+ )*?(?:TABLE|VIEW|SYNONYM) (?:IF NOT EXISTS |TABLE_EXPRESSION )?" \. "/;
const INDEX =
  /^CREATE (?:(?:UNIQUE |NULLS |NOT |ALL |DISTINCT |HASH |SPATIAL )*INDEX|PRIMARY KEY(?: HASH)?) (?:IF NOT EXISTS )?" \. " ON " \. "/;
const CONSTRAINT = /^ALTER TABLE " \. " ADD CONSTRAINT (?:IF NOT EXISTS )?" \. "/;
const USER = /^CREATE USER IF NOT EXISTS " /;

/** The nth pair of names, from 0. */
function nameIn(words: readonly SqlWord[], nth: number): QualifiedName {
  const names = words.filter(({ shape }) => shape === '"');
  return { schema: names[nth * 2]?.text ?? '', name: names[nth * 2 + 1]?.text ?? '' };
}

/** The words within the first parentheses, split at their commas. */
function itemsOf(words: readonly SqlWord[]): readonly (readonly SqlWord[])[] {
  const items: SqlWord[][] = [];
  let depth = 0;
  for (const word of words) {
    if (word.shape === ')' && --depth === 0) break;
    if (depth > 0) {
      if (depth === 1 && (word.shape === ',' || items.length === 0)) items.push([]);
      if (depth > 1 || word.shape !== ',') items.at(-1)?.push(word);
    }
    if (word.shape === '(') depth++;
  }
  return items;
}

function columnsOf(words: readonly SqlWord[]): readonly ColumnDefinition[] {
  if (words.some(({ shape }) => shape === 'LINKED' || shape === 'VIEW' || shape === 'SYNONYM')) return [];
  return itemsOf(words).map(([name, ...rest]) => {
    const end = rest.findIndex(
      ({ shape }) => !/^[A-Z]+$/.test(shape) || shape === 'DEFAULT' || shape === 'GENERATED' || shape === 'NOT',
    );
    const type = rest.slice(0, end < 0 ? undefined : end).map(({ shape }) => shape);
    return { name: name?.text ?? '', type: type.join(' ') };
  });
}

function indexOf(words: readonly SqlWord[], start: string): Omit<IndexDefinition, 'id'> {
  return {
    ...nameIn(words, 0),
    table: nameIn(words, 1),
    isUnique: /^CREATE (?:UNIQUE|PRIMARY)/.test(start),
    columns: keyOf(words),
  };
}

function constraintOf(words: readonly SqlWord[], start: string): ConstraintDefinition {
  const [, kind] =
    /" \. "(?: COMMENT ')? (UNIQUE|PRIMARY KEY|FOREIGN KEY|CHECK)/.exec(start.slice(start.indexOf('CONSTRAINT'))) ?? [];
  const isKey = kind !== undefined && kind !== 'CHECK';
  return {
    ...nameIn(words, 1),
    table: nameIn(words, 0),
    isUnique: kind === 'UNIQUE' || kind === 'PRIMARY KEY',
    columns: isKey ? keyOf(words) : [],
  };
}

function keyOf(words: readonly SqlWord[]): readonly string[] {
  return itemsOf(words).map(([name]) => name?.text ?? '');
}

function userOf(words: readonly SqlWord[]): UserDefinition {
  const after = (word: string) => words[words.findIndex(({ shape }) => shape === word) + 1]?.text ?? '';
  return { name: words.find(({ shape }) => shape === '"')?.text ?? '', salt: after('SALT'), hash: after('HASH') };
}
