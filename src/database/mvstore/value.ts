import type { Cursor } from './cursor.js';
import { Damage } from './damage.js';

/** A value that is in the file, but that this reader does not put into words: a time, a decimal, a large object. */
export const NOT_READ = Symbol('not read');

/** As text; null for SQL's NULL. */
export type Value = string | null | typeof NOT_READ;

/** One value, by the byte that says what follows. @throws Damage */
export function readValue(cursor: Cursor): Value {
  const start = cursor.at;
  const type = cursor.byte();
  switch (type) {
    case NULL:
      return null;
    case TINYINT:
      return String((cursor.byte() << 24) >> 24);
    case SMALLINT:
      return String(cursor.int16());
    case INTEGER:
      return String(cursor.varInt());
    case INTEGER_NEGATED:
      return String(-cursor.varInt() | 0);
    case BIGINT:
      return String(cursor.varLong());
    case BIGINT_NEGATED:
      return String(BigInt.asIntN(64, -cursor.varLong()));
    case VARCHAR:
    case VARCHAR_IGNORECASE:
    case CHAR:
      return cursor.string(cursor.count());
    case FALSE:
      return 'FALSE';
    case TRUE:
      return 'TRUE';
    default:
      if (type >= VARCHAR_SHORT && type < VARCHAR_SHORT + 32) return cursor.string(type - VARCHAR_SHORT);
      if (type >= INTEGER_SMALL && type < INTEGER_SMALL + 16) return String(type - INTEGER_SMALL);
      if (type >= BIGINT_SMALL && type < BIGINT_SMALL + 8) return String(type - BIGINT_SMALL);
      skipAfter(type, cursor, 0);
      if (cursor.at < start) throw new Damage('a value of no length');
      return NOT_READ;
  }
}

/** Goes over one value. @throws Damage */
export function skipValue(cursor: Cursor, depth = 0): void {
  if (depth > DEEPEST) throw new Damage('an array is nested deeper than any');
  skipAfter(cursor.byte(), cursor, depth);
}

/** What the bytes before a value say, as org.h2.mvstore.db.ValueDataType of H2 2.2 and 2.3 has them. */
const NULL = 0;
const TINYINT = 2;
const SMALLINT = 3;
const INTEGER = 4;
const BIGINT = 5;
const VARCHAR = 13;
const VARCHAR_IGNORECASE = 14;
const CHAR = 21;
const INTEGER_SMALL = 32;
const BIGINT_SMALL = 48;
const FALSE = 64;
const TRUE = 65;
const INTEGER_NEGATED = 66;
const BIGINT_NEGATED = 67;
const VARCHAR_SHORT = 68;
const VARBINARY_SHORT = 100;

const DEEPEST = 16;

function skipAfter(type: number, cursor: Cursor, depth: number): void {
  if (type >= VARCHAR_SHORT && type < VARCHAR_SHORT + 32) cursor.skipString(type - VARCHAR_SHORT);
  else if (type >= VARBINARY_SHORT && type < VARBINARY_SHORT + 32) cursor.skip(type - VARBINARY_SHORT);
  else if (!isSmallNumber(type)) skipParts(type, cursor, depth);
}

function skipParts(type: number, cursor: Cursor, depth: number): void {
  const parts = PARTS.get(type);
  if (!parts) throw new Damage(`a value of the unknown type ${type}`);
  for (const skip of parts) skip(cursor, depth);
}

/** The byte is the number. */
function isSmallNumber(type: number): boolean {
  return (type >= INTEGER_SMALL && type < INTEGER_SMALL + 16) || (type >= BIGINT_SMALL && type < BIGINT_SMALL + 8);
}

type Skip = (cursor: Cursor, depth: number) => void;

const int: Skip = (cursor) => {
  cursor.varInt();
};
const long: Skip = (cursor) => cursor.skipVarLong();
const bytes: Skip = (cursor) => cursor.skip(cursor.count());
const text: Skip = (cursor) => cursor.skipString(cursor.count());
const fixed =
  (length: number): Skip =>
  (cursor) =>
    cursor.skip(length);

const list: Skip = (cursor, depth) => {
  for (let left = cursor.count(); left > 0; left--) skipValue(cursor, depth + 1);
};

/** Quarters of an hour, or else seconds. */
const zone: Skip = (cursor) => {
  const quarters = cursor.byte();
  if (quarters === 0x7f || quarters === 0x80) cursor.varInt();
};

/** From the fifth qualifier on, an interval has two numbers. */
const interval: Skip = (cursor) => {
  const signed = (cursor.byte() << 24) >> 24;
  cursor.skipVarLong();
  if ((signed < 0 ? ~signed : signed) >= 5) cursor.skipVarLong();
};

/** A negative length stands for what is no number. */
const decfloat: Skip = (cursor) => {
  cursor.varInt();
  const length = cursor.varInt();
  if (length >= 0) cursor.skip(length);
};

const ELSEWHERE = -3;

/** In place, or by its number in a map of large objects; then how long it is, in bytes and, of characters, in these. */
function large(cursor: Cursor, lengths: 1 | 2): void {
  const length = cursor.varInt();
  if (length >= 0) {
    cursor.skip(length);
    if (lengths === 2) cursor.skipVarLong();
    return;
  }
  if (length !== ELSEWHERE) throw new Damage(`a large object of the kind ${length}`);
  cursor.varInt();
  for (let left = lengths + 1; left > 0; left--) cursor.skipVarLong();
}

const blob: Skip = (cursor) => large(cursor, 1);
const clob: Skip = (cursor) => large(cursor, 2);

/** How to go over what follows the byte. */
const PARTS: ReadonlyMap<number, readonly Skip[]> = new Map([
  [NULL, []],
  [TINYINT, [fixed(1)]],
  [SMALLINT, [fixed(2)]],
  [INTEGER, [int]],
  [BIGINT, [long]],
  [6, [int, bytes]], // NUMERIC
  [7, [long]], // DOUBLE
  [8, [int]], // REAL
  [9, [long, int]], // TIME
  [10, [long]], // DATE
  [11, [long, long, int]], // TIMESTAMP
  [12, [bytes]], // VARBINARY
  [VARCHAR, [text]],
  [VARCHAR_IGNORECASE, [text]],
  [15, [blob]],
  [16, [clob]],
  [17, [list]], // ARRAY
  [19, [bytes]], // JAVA_OBJECT
  [20, [fixed(16)]], // UUID
  [CHAR, [text]],
  [22, [bytes]], // GEOMETRY
  [24, [long, long, int, int]], // TIMESTAMP WITH TIME ZONE, as once written
  [25, [int]], // ENUM
  [26, [interval]],
  [27, [list]], // ROW
  [56, []], // NUMERIC 0
  [57, []], // NUMERIC 1
  [58, [long]], // NUMERIC without a scale
  [59, [int, long]], // NUMERIC
  [60, []], // DOUBLE 0
  [61, []], // DOUBLE 1
  [62, []], // REAL 0
  [63, []], // REAL 1
  [FALSE, []],
  [TRUE, []],
  [INTEGER_NEGATED, [int]],
  [BIGINT_NEGATED, [long]],
  [134, [bytes]], // JSON
  [135, [long, long, int, zone]], // TIMESTAMP WITH TIME ZONE
  [136, [int, int, zone]], // TIME WITH TIME ZONE
  [137, [bytes]], // BINARY
  [138, [decfloat]],
]);
