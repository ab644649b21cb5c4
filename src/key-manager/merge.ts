import { isObject, type JsonObject } from './json.js';
import { MASK, type Payload } from './payload.js';

/**
 * The body of an update, which replaces the Key Manager whole: what is declared over what the server has. A secret is sent as the mask,
 * with which the server keeps its own; where it has none it would store the mask itself, so there the clear value is sent.
 *
 * @param declared with clear secrets
 * @param secrets `keep` what the server has, or `resend` what is declared
 */
export function mergeForUpdate(
  declared: Payload,
  masked: Payload,
  actual: JsonObject,
  secrets: 'keep' | 'resend',
): Payload {
  const found = isObject(actual['additionalProperties']) ? actual['additionalProperties'] : {};
  const properties = Object.entries(declared.additionalProperties).map(([name, value]) => {
    const isKept = secrets === 'keep' && masked.additionalProperties[name] === MASK && Boolean(found[name]);
    return [name, isKept ? MASK : value];
  });
  return {
    ...withoutOutput(actual),
    ...declared,
    additionalProperties: { ...found, ...Object.fromEntries(properties) },
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
