import { Secret } from '../secret.js';
import type { TomlValue } from './wanted.js';

/**
 * Whether the server makes the same of a value found as of the one wanted. It prints values into templates, so that `"1"` and `1` are
 * one (the Helm chart of Identity Server writes `offset = "0"`); its tests of booleans tell `"true"` and `true` apart.
 */
export function isAlike(found: unknown, wanted: TomlValue): boolean {
  if (found === undefined) return false;
  if (wanted instanceof Secret) return found === wanted.reveal();
  if (isList(wanted)) return isListAlike(found, wanted);
  if (typeof found === 'boolean' || typeof wanted === 'boolean') return found === wanted;
  return typeof found !== 'object' && String(found) === String(wanted);
}

function isListAlike(found: unknown, wanted: readonly TomlValue[]): boolean {
  if (!Array.isArray(found) || found.length !== wanted.length) return false;
  return wanted.every((item, index) => isAlike(found[index], item));
}

function isList(value: TomlValue): value is readonly TomlValue[] {
  return Array.isArray(value);
}
