import { isObject, type JsonObject } from './json.js';
import type { Payload } from './payload.js';

/**
 * The body of an update, which replaces the Key Manager whole: what is declared, with clear secrets, over what the server has. A secret
 * that is not declared comes as the mask and goes as the mask, with which the server keeps its own.
 */
export function mergeForUpdate(declared: Payload, actual: JsonObject): Payload {
  const found = isObject(actual['additionalProperties']) ? actual['additionalProperties'] : {};
  return {
    ...withoutOutput(actual),
    ...declared,
    additionalProperties: { ...found, ...declared.additionalProperties },
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
