import { RECIPE_KEYS } from '../deployment-toml/recipes.js';
import { MESSAGES } from './errors.js';
import type { Leaf, SettingFacts } from './facts.js';
import { type Finding, finding } from './finding.js';

/** Keys whose name tells what they are for, wherever they stand. */
const TELLING = [...RECIPE_KEYS.map(({ path }) => path), ['server', 'hostname'], ['server', 'offset']];

/** The last names that no other table of the servers has. */
const UNIQUE = RECIPE_KEYS.flatMap(({ path }) => path.slice(-1)).filter((name) => name !== 'enable');

/**
 * Settings that stand under another table than they are meant for: a key that was appended to the file belongs to its last table, and a
 * dotted key to the table before it. The servers load the file and never see the setting.
 */
export function findSwallowedSettings(settings: SettingFacts): readonly Finding[] {
  return TELLING.flatMap((meant) =>
    settings.leaves
      .filter((leaf) => isSwallowed(leaf, meant) && settings.value(meant) === undefined)
      .map((leaf) => describe(settings, leaf, meant)),
  );
}

/** Where a setting stands that is not where it is meant to be, if it is anywhere. */
export function isSwallowedSomewhere({ leaves }: SettingFacts, meant: readonly string[]): boolean {
  return leaves.some((leaf) => isSwallowed(leaf, meant));
}

function isSwallowed({ path }: Leaf, meant: readonly string[]): boolean {
  if (path.join('.') === meant.join('.')) return false;
  const last = meant.at(-1) ?? '';
  if (UNIQUE.includes(last) && path.at(-1) === last) return true;
  return path.length > meant.length && path.slice(-meant.length).join('.') === meant.join('.');
}

function describe(settings: SettingFacts, { path }: Leaf, meant: readonly string[]): Finding {
  const [table, key] = [meant.slice(0, -1).join('.'), meant.at(-1)];
  const owner = path.slice(0, -1).filter((name) => typeof name === 'string');
  return finding(MESSAGES.SETTING_SWALLOWED(path, meant, table, key, owner), { where: settings.place(path) });
}
