import { Damage } from './damage.js';
import { type RowSource, readRows } from './rows.js';
import { NAME, type SqlWord, TEXT, unquoted, wordsOf } from './sql-words.js';

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
    const [found, pattern] = headOf(sql);
    if (!found) continue;
    if (pattern === TABLE) tables.push({ id, ...nameIn(found, 0), columns: onDemand(() => columnsOf(sql)) });
    else if (pattern === INDEX) indexes.push({ id, ...indexOf(found), columns: onDemand(() => keyOf(sql)) });
    else if (pattern === CONSTRAINT) constraints.push(constraintOf(found, sql));
    else users.push(userOf(sql));
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

/** Two names, each in quotes; the groups are U& or nothing, and the name. */
const NAMES = `${NAME.source}\\.${NAME.source}`;
const TABLE = new RegExp(`^CREATE (?:[A-Z_]+ )*?(?:TABLE|VIEW|SYNONYM) (?:IF NOT EXISTS |TABLE_EXPRESSION )?${NAMES}`);
const INDEX = new RegExp(
  `^CREATE (?:(?:UNIQUE |NULLS |NOT |ALL |DISTINCT |HASH |SPATIAL )*INDEX|PRIMARY KEY(?: HASH)?) (?:IF NOT EXISTS )?${NAMES} ON ${NAMES}`,
);
const CONSTRAINT = new RegExp(
  `^ALTER TABLE ${NAMES} ADD CONSTRAINT (?:IF NOT EXISTS )?${NAMES}(?: COMMENT ${TEXT.source})? (UNIQUE|PRIMARY KEY|FOREIGN KEY|CHECK)`,
);
const USER = /^CREATE USER /;

function headOf(sql: string): readonly [found: RegExpExecArray | null, pattern: RegExp] {
  if (sql.startsWith('ALTER')) return [CONSTRAINT.exec(sql), CONSTRAINT];
  if (sql.startsWith('CREATE USER')) return [USER.exec(sql), USER];
  const index = INDEX.exec(sql);
  return index ? [index, INDEX] : [TABLE.exec(sql), TABLE];
}

/** The nth pair of names, from 0. */
function nameIn(found: RegExpExecArray, nth: number): QualifiedName {
  const [isCoded, schema, isNameCoded, name] = found.slice(1 + nth * 4);
  return { schema: unquoted(schema ?? '', isCoded), name: unquoted(name ?? '', isNameCoded) };
}

function indexOf(found: RegExpExecArray): Omit<IndexDefinition, 'id' | 'columns'> {
  const isUnique = found[0].startsWith('CREATE UNIQUE') || found[0].startsWith('CREATE PRIMARY');
  return { ...nameIn(found, 0), table: nameIn(found, 1), isUnique };
}

function constraintOf(found: RegExpExecArray, sql: string): ConstraintDefinition {
  const kind = found.at(-1);
  return {
    ...nameIn(found, 1),
    table: nameIn(found, 0),
    isUnique: kind === 'UNIQUE' || kind === 'PRIMARY KEY',
    columns: onDemand(() => (kind === 'CHECK' ? [] : keyOf(sql))),
  };
}

function userOf(sql: string): UserDefinition {
  const words = [...wordsOf(sql)];
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
