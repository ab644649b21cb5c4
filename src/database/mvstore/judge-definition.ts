import type { DefinitionRecord } from './definition.js';
import { type SqlWord, wordsOf } from './sql-words.js';

/**
 * What a database defines that the scripts of IS 7 do not create, by kind and name; empty when H2's engine can open it and will do
 * nothing but read and write tables. H2 runs each of these statements as it opens a file, and many a statement runs what it names:
 * Java classes and sources (aliases, triggers, aggregates, table engines), other databases with a URL of their own (links), functions
 * that read and write files (defaults, generated columns, checks, views, domains).
 *
 * A list of what is allowed, to the letter, by what `dbscripts/h2.sql` of IS 7.0 to 7.2 and of the components with scripts of their
 * own makes H2 2.2 and 2.3 write, and what administrators add without code: schemas, users, roles, rights and comments.
 */
export function findStrangers(records: readonly DefinitionRecord[]): readonly string[] {
  return records.flatMap(({ sql }) => {
    const words = [...wordsOf(sql)];
    const shape = words.map((word) => word.shape).join(' ');
    return ALLOWED.some((pattern) => pattern.test(shape)) ? [] : strangerIn(words, shape);
  });
}

const NAME = '" \\. "';
const COMMENT = "(?: COMMENT ')?";
const NUMBER = '(?:- )?#';

/** Types whose values are data alone. */
const TYPE = `(?:${[
  'BIGINT',
  'BINARY LARGE OBJECT',
  'BINARY VARYING',
  'BINARY',
  'BOOLEAN',
  'CHARACTER LARGE OBJECT',
  'CHARACTER VARYING',
  'CHARACTER',
  'VARCHAR_IGNORECASE',
  'DATE',
  'DECFLOAT',
  'DOUBLE PRECISION',
  'FLOAT',
  'INTEGER',
  'NUMERIC',
  'REAL',
  'SMALLINT',
  'TIMESTAMP',
  'TIME',
  'TINYINT',
  'UUID',
].join('|')})(?: \\( #(?: , #)? \\))?(?: WITH TIME ZONE)?`;

const CLOCK = '(?:CURRENT_TIMESTAMP|LOCALTIMESTAMP|CURRENT_TIME|LOCALTIME|CURRENT_DATE)(?: \\( # \\))?';
const LITERAL = `(?:${NUMBER}|'|(?:DATE|TIME|TIMESTAMP|X) '|TRUE|FALSE|NULL|${CLOCK})`;
const IDENTITY = `(?: GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY)?`;
const COLUMN =
  `" ${TYPE}${IDENTITY}(?: DEFAULT ${LITERAL})?(?: ON UPDATE ${CLOCK})?(?: DEFAULT ON NULL)?(?: SEQUENCE ${NAME})?` +
  `(?: SELECTIVITY #)?${COMMENT}(?: NOT NULL)?`;

const KEY = '\\( "(?: , ")* \\)';
const INDEX_COLUMN = '"(?: ASC| DESC)?(?: NULLS (?:FIRST|LAST))?';
const INDEX_KEY = `\\( ${INDEX_COLUMN}(?: , ${INDEX_COLUMN})* \\)`;
const NULLS = '(?: NULLS (?:NOT |ALL )?DISTINCT)?';
const ACTION = '(?:CASCADE|RESTRICT|NO ACTION|SET NULL|SET DEFAULT)';

/** How the engine works; each is a number. */
const SETTINGS = [
  'CREATE_BUILD',
  'DB_CLOSE_DELAY',
  'WRITE_DELAY',
  'DEFAULT_LOCK_TIMEOUT',
  'CACHE_SIZE',
  'MAX_LOG_SIZE',
  'MAX_MEMORY_ROWS',
  'MAX_MEMORY_UNDO',
  'MAX_LENGTH_INPLACE_LOB',
  'MAX_OPERATION_MEMORY',
  'RETENTION_TIME',
];

const ALLOWED = [
  `SET (?:${SETTINGS.join('|')}) ${NUMBER}`,
  `CREATE USER IF NOT EXISTS "${COMMENT} SALT ' HASH '(?: ADMIN)?`,
  'CREATE ROLE (?:IF NOT EXISTS )?"',
  `GRANT (?:"|[A-Z]+(?: [A-Z]+)*(?: , [A-Z]+(?: [A-Z]+)*)*(?: ON (?:SCHEMA "|${NAME}))?) TO "`,
  `CREATE SCHEMA IF NOT EXISTS "(?: AUTHORIZATION ")?`,
  `COMMENT ON [A-Z]+ "(?: \\. ")* IS '`,
  `CREATE SEQUENCE ${NAME}(?: AS ${TYPE})? START WITH ${NUMBER}(?: RESTART WITH ${NUMBER})?(?: INCREMENT BY ${NUMBER})?` +
    `(?: MINVALUE ${NUMBER})?(?: MAXVALUE ${NUMBER})?(?: (?:CYCLE|NO CYCLE|EXHAUSTED))?(?: (?:CACHE #|NO CACHE))?(?: BELONGS_TO_TABLE)?`,
  `CREATE CACHED TABLE ${NAME}${COMMENT} \\( ${COLUMN}(?: , ${COLUMN})* \\)`,
  `CREATE (?:PRIMARY KEY|UNIQUE${NULLS} INDEX|INDEX) ${NAME} ON ${NAME}${COMMENT} ${INDEX_KEY}(?: INCLUDE ${INDEX_KEY})?`,
  `ALTER TABLE ${NAME} ADD CONSTRAINT ${NAME}${COMMENT} (?:PRIMARY KEY|UNIQUE${NULLS}) ${KEY}(?: INDEX ${NAME})?`,
  `ALTER TABLE ${NAME} ADD CONSTRAINT ${NAME}${COMMENT} FOREIGN KEY ${KEY}(?: INDEX ${NAME})? REFERENCES ${NAME} ${KEY}` +
    `(?: ON DELETE ${ACTION})?(?: ON UPDATE ${ACTION})? NOCHECK`,
].map((pattern) => new RegExp(`^${pattern}$`));

/** What a statement that is not allowed makes, in the order in which it is looked for. */
const KINDS: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^CREATE (?:[A-Z]+ )*LINKED TABLE/, 'linked table'],
  [/^CREATE (?:[A-Z]+ )*ALIAS/, 'alias'],
  [/^CREATE (?:[A-Z]+ )*TRIGGER/, 'trigger'],
  [/^CREATE (?:[A-Z]+ )*AGGREGATE/, 'aggregate'],
  [/^CREATE (?:[A-Z]+ )*VIEW/, 'view'],
  [/^(?:CREATE|ALTER) DOMAIN/, 'domain'],
  [/^CREATE (?:[A-Z]+ )*SYNONYM/, 'synonym'],
  [/^CREATE (?:[A-Z]+ )*CONSTANT/, 'constant'],
  [/^CREATE (?:[A-Z]+ )*TABLE/, 'table'],
  [/^CREATE (?:[A-Z]+ )*SEQUENCE/, 'sequence'],
  [/^CREATE (?:[A-Z]+ )*(?:INDEX|PRIMARY KEY)/, 'index'],
  [/^ALTER TABLE .*? CHECK/, 'check constraint'],
  [/^ALTER TABLE/, 'constraint'],
  [/^SET/, 'setting'],
];

function strangerIn(words: readonly SqlWord[], shape: string): readonly string[] {
  const kind = KINDS.find(([pattern]) => pattern.test(shape))?.[1];
  const names = words.filter((word) => word.shape === '"').map(({ text }) => text);
  if (kind === 'setting') return [`the setting ${words[1]?.text ?? ''}`];
  if (kind?.endsWith('constraint')) return [`the ${kind} ${shown(names.slice(2, 4))} on ${shown(names.slice(0, 2))}`];
  if (kind === 'table') return [`the table ${shown(names.slice(0, 2))}${columnIn(words)}`];
  if (kind) return [`the ${kind} ${shown(names.slice(0, 2))}`];
  return [`a statement that starts with ${shape.split(' ').slice(0, 4).join(' ')}`];
}

/** The first column that is not allowed, where it is a column that is not. */
function columnIn(words: readonly SqlWord[]): string {
  const isColumn = new RegExp(`^${COLUMN}$`);
  const start = words.findIndex(({ shape }) => shape === '(');
  let [depth, item] = [0, [] as SqlWord[]];
  for (const word of words.slice(start + 1)) {
    if (depth === 0 && (word.shape === ',' || word.shape === ')')) {
      if (!isColumn.test(item.map(({ shape }) => shape).join(' '))) {
        return `, for its column ${item[0]?.text ?? ''}: ${item
          .slice(1)
          .map(({ shape }) => shape)
          .join(' ')
          .slice(0, MOST_LETTERS)}`;
      }
      item = [];
      if (word.shape === ')') return '';
      continue;
    }
    depth += word.shape === '(' ? 1 : word.shape === ')' ? -1 : 0;
    item.push(word);
  }
  return '';
}

const MOST_LETTERS = 80;

function shown(names: readonly string[]): string {
  return names.join('.').slice(0, MOST_LETTERS);
}
