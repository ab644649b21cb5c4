import { isObject, type JsonObject } from './json.js';
import { MASK, type Payload } from './payload.js';

/** One declared field that the server has otherwise. Safe to print: a secret is only ever `*****`. */
export interface Difference {
  /** `tokenEndpoint`, or with the object it is in: `certificates.value`. */
  readonly field: string;
  /** `https://old → https://new`; for lists `+ added, - removed`. */
  readonly change: string;
}

/**
 * What is declared against what the server has. What nobody declared is not looked at, lists have no order, and a secret that the server
 * has is never a difference, since it shows `*****` for it.
 */
export function differences(declared: Payload, actual: JsonObject): readonly Difference[] {
  return Object.entries(declared).flatMap(([field, value]) => {
    if (field === 'additionalProperties') return differencesWithin(undefined, value, actual[field]);
    return isObject(value) ? differencesWithin(field, value, actual[field]) : differenceOf(field, value, actual[field]);
  });
}

function differencesWithin(parent: string | undefined, declared: unknown, actual: unknown): readonly Difference[] {
  if (!isObject(declared)) return [];
  const there = isObject(actual) ? actual : {};
  return Object.entries(declared).flatMap(([name, value]) =>
    differenceOf(parent === undefined ? name : `${parent}.${name}`, value, there[name]),
  );
}

function differenceOf(field: string, declared: unknown, actual: unknown): readonly Difference[] {
  if (Array.isArray(declared)) return listDifference(field, declared, Array.isArray(actual) ? actual : []);
  if (isUnset(declared, actual) || declared === actual) return [];
  if (declared === MASK && actual !== undefined && actual !== null && actual !== '') return [];
  return [{ field, change: `${printable(actual)} → ${printable(declared)}` }];
}

/** The server leaves out, or gives as null or "", what is empty; a switch that is not there is off. */
function isUnset(declared: unknown, actual: unknown): boolean {
  const isEmpty = actual === undefined || actual === null || actual === '';
  return isEmpty && (declared === '' || declared === false);
}

function listDifference(
  field: string,
  declared: readonly unknown[],
  actual: readonly unknown[],
): readonly Difference[] {
  const members = new Set(declared.filter(isObject).flatMap((item) => Object.keys(item)));
  const wanted = new Set(declared.map(canonical));
  const there = new Set(actual.map((item) => canonical(isObject(item) ? only(members, item) : item)));
  const added = [...wanted].filter((item) => !there.has(item)).map((item) => `+ ${item}`);
  const removed = [...there].filter((item) => !wanted.has(item)).map((item) => `- ${item}`);
  if (added.length + removed.length === 0) return [];
  return [{ field, change: [...added, ...removed].join(', ') }];
}

/** The server adds members to the objects of a list (`id`) that nobody declares. */
function only(members: ReadonlySet<string>, item: JsonObject): JsonObject {
  if (members.size === 0) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => members.has(name)));
}

/** Text as it is; anything else as JSON whose members are sorted, at every depth. */
function canonical(value: unknown): string {
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_name, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}

const LONGEST_PRINTED = 120;

function printable(value: unknown): string {
  if (value === undefined || value === null || value === '') return '(not set)';
  const text = canonical(value);
  return text.length > LONGEST_PRINTED ? `${text.slice(0, LONGEST_PRINTED)}…` : text;
}

/**
 * The body of an update, which replaces the Key Manager whole: what is declared, with clear secrets, over what the server has. A secret
 * that is not declared comes as the mask and goes as the mask, with which the server keeps its own.
 */
export function mergeForUpdate(declared: Payload, actual: JsonObject): Payload {
  const properties = isObject(actual['additionalProperties']) ? actual['additionalProperties'] : {};
  return {
    ...withoutOutput(actual),
    ...declared,
    additionalProperties: { ...properties, ...declared.additionalProperties },
  };
}

/**
 * The server gives `id` and `global` and does not take them; `endpoints` repeats the endpoint fields and would be stale beside them;
 * null is the same as absent, except that some fields fail on it.
 */
function withoutOutput(actual: JsonObject): JsonObject {
  const output = new Set(['id', 'global', 'endpoints']);
  return Object.fromEntries(Object.entries(actual).filter(([name, value]) => !output.has(name) && value !== null));
}
