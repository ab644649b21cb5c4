import { empty } from '../http/reply.js';
import { isObject, type ServerRequest } from '../http/request.js';
import { badRequest, FAULTS, invalid, refuse } from './faults.js';

/** What a field of a request body may be, as the API definition of that version says. */
export interface Field {
  readonly kind: keyof KindTypes;
  readonly required?: true;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly oneOf?: readonly string[];
}

interface KindTypes {
  string: string;
  boolean: boolean;
  integer: number;
  object: Readonly<Record<string, unknown>>;
  strings: readonly string[];
  objects: readonly Readonly<Record<string, unknown>>[];
}

/** A body that was checked: every field may be absent, because `null` counts as absent. */
export type Body<Fields extends Record<string, Field>> = {
  readonly [Name in keyof Fields]?: KindTypes[Fields[Name]['kind']];
};

/**
 * The JSON body of a request, checked like the real server does: an unknown field is refused by name, a value of the wrong kind without
 * one, and lengths and required fields after that, all of them at once. A boolean may come as text.
 *
 * @throws Refusal 400; 415 for another type; 500 where the real server meets a null pointer, an empty body
 */
export function readBody<Fields extends Record<string, Field>>(request: ServerRequest, fields: Fields): Body<Fields> {
  const sent = parse(request);
  const unknown = Object.keys(sent).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined) refuse(badRequest(`Unrecognized property '${unknown}'`));
  const body = withoutNulls(sent);
  for (const [name, { kind }] of Object.entries(fields)) {
    if (kind === 'boolean' && (body[name] === 'true' || body[name] === 'false')) body[name] = body[name] === 'true';
    if (body[name] !== undefined && !IS_OF_KIND[kind](body[name])) refuseValue();
  }
  const violations = Object.entries(fields).flatMap(([name, field]) => {
    const violation = violationOf(field, body[name]);
    return violation ? [{ code: `400_${name}`, message: `${name}: ${violation}`, description: null }] : [];
  });
  if (violations.length > 0) refuse(invalid(violations));
  return body as Body<Fields>;
}

function parse(request: ServerRequest): Record<string, unknown> {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return refuse(empty(415));
  if (request.body.length === 0) return refuse(FAULTS.INTERNAL);
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    return refuse(badRequest('Malformed request body.'));
  }
  if (value === null) return refuse(FAULTS.INTERNAL);
  return isObject(value) ? value : refuseValue();
}

function withoutNulls(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}

function refuseValue(): never {
  return refuse(badRequest('One or more request body parameters contain disallowed values.'));
}

const IS_OF_KIND: Record<keyof KindTypes, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isSafeInteger(value),
  object: isObject,
  strings: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  objects: (value) => Array.isArray(value) && value.every(isObject),
};

function violationOf(
  { required, minLength = 0, maxLength = Infinity, oneOf }: Field,
  value: unknown,
): string | undefined {
  if (value === undefined) return required && 'must not be null';
  if (typeof value !== 'string') return undefined;
  if (value.length < minLength || value.length > maxLength) return `size must be between ${minLength} and ${maxLength}`;
  return oneOf && !oneOf.includes(value) ? `must be one of ${oneOf.join(', ')}` : undefined;
}
