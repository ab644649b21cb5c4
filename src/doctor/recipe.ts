import type { TomlDocument } from '../deployment-toml/document.js';
import { editToml } from '../deployment-toml/edit.js';
import { matchesFirst } from '../deployment-toml/first-match.js';
import { findBetterRecipe } from '../deployment-toml/fitting-recipe.js';
import { findLeftovers, leftoverNotice } from '../deployment-toml/leftovers.js';
import { currentRecipe, keysOf, legacyRecipe, RECIPE_KEYS, type Recipe } from '../deployment-toml/recipes.js';
import { isWantedEntry, type WantedEntry, type WantedValue } from '../deployment-toml/wanted.js';
import { BootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { type PairFacts, type SettingFacts, scalarText } from './facts.js';
import { type Finding, finding } from './finding.js';
import type { ExaminedHome } from './home.js';
import { isSwallowedSomewhere } from './swallowed.js';

/**
 * Which of WSO2's two set-ups a home of IS 7 follows, by the settings that only one of them has; undefined when it has none of either.
 */
export function recipeOf(settings: SettingFacts): Recipe | undefined {
  const isThere = (path: readonly string[]) =>
    settings.value(path) !== undefined || isSwallowedSomewhere(settings, path);
  const legacy = keysOf('legacy').filter(({ path }) => isThere(path)).length;
  const current = keysOf('current').some(({ path, forRoleCreation }) => !forRoleCreation && isThere(path));
  if (current && legacy < keysOf('legacy').length) return 'current';
  return legacy > 0 ? 'legacy' : undefined;
}

/** What IS 7's deployment.toml lacks of the recipe, and what of the other one is in its way. */
export function findRecipeFaults(is7: ExaminedHome, said: Recipe | undefined, pair: PairFacts): readonly Finding[] {
  const { document, hiddenDocument } = is7;
  const { settings } = is7.facts;
  if (!document || !settings) return [];
  const followed = said ?? recipeOf(settings);
  const missing = problemsOf(document, settings, followed ?? 'legacy');
  const isEmpty = followed === undefined && missing.length > 0;
  return [
    ...(isEmpty ? [noRecipe(settings)] : missing),
    ...overwritten(hiddenDocument, settings, followed, missing),
    ...(followed ? leftoversOf(document, settings, followed) : []),
    ...(followed === 'legacy' ? betterRecipe(settings, pair) : []),
  ];
}

function problemsOf(document: TomlDocument, settings: SettingFacts, recipe: Recipe): readonly Finding[] {
  const wanted = recipe === 'legacy' ? legacyRecipe() : currentRecipe({ roleCreation: false });
  return wanted.flatMap((item) =>
    isWantedEntry(item) ? entryProblem(document, settings, item) : valueProblem(document, settings, item, recipe),
  );
}

function valueProblem(
  document: TomlDocument,
  settings: SettingFacts,
  wanted: WantedValue,
  recipe: Recipe,
): readonly Finding[] {
  const { path, value } = wanted;
  const actual = settings.value(path);
  // The servers print the value into their files, so that text does as well (docs/design/facts.md, deployment.toml).
  if (String(actual) === String(value)) return [];
  if (actual === undefined && isSwallowedSomewhere(settings, path)) return [];
  const name = `[${path.slice(0, -1).join('.')}] ${path.at(-1)}`;
  const effect = withoutIt(path);
  const mend = remedy(document, wanted, recipe);
  const told =
    actual === undefined
      ? MESSAGES.SETTING_MISSING.value(name, effect, mend)
      : MESSAGES.SETTING_DIFFERS.value(name, scalarText(actual) ?? 'a table', String(value), effect, mend);
  return [finding(told, { where: settings.place(path) })];
}

function withoutIt(path: readonly string[]): string {
  return RECIPE_KEYS.find((key) => key.path.join('.') === path.join('.'))?.without ?? 'the recipe is not complete';
}

/** The rule that IS 7 goes by for GET …/scim2/Me is the first that matches; the default one wants a scope, and one tenant. */
function entryProblem(document: TomlDocument, settings: SettingFacts, wanted: WantedEntry): readonly Finding[] {
  const actual = settings.value(wanted.path);
  const rules = Array.isArray(actual) ? (actual as readonly Record<string, unknown>[]) : [];
  const own = { context: wanted.value['context'], method: wanted.value['http_method'] };
  const first = rules.findIndex(({ context, http_method: method }) => matchesFirst({ context, method }, own));
  const rule = rules[first];
  if (rule && isOpen(rule)) return [];
  const hint = remedy(document, wanted, undefined);
  const effect = 'API Manager cannot read the user of a token (UserInfo is /scim2/Me)';
  if (!rule) {
    return [finding(MESSAGES.SETTING_MISSING.rule(effect, hint), { where: settings.place(wanted.path) })];
  }
  const where = settings.place([...wanted.path, first]);
  if (rule['context'] === own.context) {
    return [finding(MESSAGES.SETTING_DIFFERS.rule(faultsOf(rule), effect, hint), { where })];
  }
  return [finding(MESSAGES.ACCESS_RULE_HIDDEN(rule['context'], effect, hint), { where })];
}

function isOpen(rule: Readonly<Record<string, unknown>>): boolean {
  return faultsOf(rule).length === 0;
}

function faultsOf(rule: Readonly<Record<string, unknown>>): readonly string[] {
  return [
    ...(String(rule['secure']) === 'true' ? [] : ['has not secure = true']),
    ...(String(rule['cross_tenant']) === 'true' ? [] : ['has not cross_tenant = true']),
    ...['permissions', 'scopes'].filter((name) => !isNothing(rule[name])).map((name) => `asks for ${name}`),
  ];
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function remedy({ text }: TomlDocument, wanted: WantedEntry | WantedValue, recipe: Recipe | undefined): string {
  const apply = `km-bootstrap apply --phase offline${recipe === 'current' ? ' --recipe current' : ''} does`;
  try {
    const [edit] = editToml(text, [wanted]).edits;
    return edit ? `${capital(edit.summary)}; ${apply}.` : `${capital(apply)}.`;
  } catch (thrown) {
    if (!(thrown instanceof BootstrapError)) throw thrown;
    return `${thrown.message}. ${thrown.hint}`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function noRecipe(settings: SettingFacts): Finding {
  return finding(MESSAGES.RECIPE_MISSING(), { where: settings.file });
}

/** The home has what the file lacks that is copied over it. */
function overwritten(
  hidden: TomlDocument | undefined,
  settings: SettingFacts,
  found: Recipe | undefined,
  missing: readonly Finding[],
): readonly Finding[] {
  if (!hidden || missing.length === 0) return [];
  const below: SettingFacts = {
    ...settings,
    value: (path) =>
      path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], hidden.values),
    leaves: [],
  };
  const recipe = found ?? recipeOf(below) ?? 'legacy';
  if (problemsOf(hidden, below, recipe).length >= missing.length) return [];
  return [finding(MESSAGES.OVERLAY_OVERWRITES.deploymentToml(), { where: settings.file })];
}

function leftoversOf(document: TomlDocument, settings: SettingFacts, recipe: Recipe): readonly Finding[] {
  return findLeftovers(document, recipe).map((leftover) => {
    const { place } = leftover;
    const where = settings.place(place.index === undefined ? place.path : [...place.path, place.index]);
    return finding(leftoverNotice(leftover, recipe), { where, severity: recipe === 'legacy' ? 'note' : 'risk' });
  });
}

function betterRecipe({ file }: SettingFacts, { is7, apim }: PairFacts): readonly Finding[] {
  return findBetterRecipe({ is7: is7?.version, apim: apim?.version }).map((told) => finding(told, { where: file }));
}
