import type { Config } from '../composition/config.js';
import { isUnique, planConstraint } from '../database/constraint.js';
import { databaseOf, isFileDatabase } from '../database/engines.js';
import { type Findings, readFindings } from '../database/findings.js';
import type { Recipe } from '../deployment-toml/recipes.js';
import { BootstrapError, toBootstrapError } from '../errors.js';
import { MESSAGES } from './errors.js';
import { type Finding, finding, isFindingCode } from './finding.js';
import type { ExaminedHome } from './home.js';

/** What the recipe wants of the identity database, looked up in an H2 file; a database server is not asked. */
export async function findDatabaseFaults(
  is7: ExaminedHome,
  {
    config,
    recipe,
    signal,
  }: { readonly config: Config; readonly recipe: Recipe | undefined; readonly signal: AbortSignal },
): Promise<readonly Finding[]> {
  const { settings, folder, from } = is7.facts;
  const database = settings && quietly(() => config.database());
  if (!settings || !database || !isFileDatabase(database.url)) return [];
  const where = settings.place(['database', 'identity_db', 'url']);
  const report = (thrown: unknown) => reportFailure(toBootstrapError(thrown), where, from);
  let found: Findings;
  try {
    found = await readFindings(await databaseOf({ ...database, home: folder }), signal);
  } catch (thrown) {
    signal.throwIfAborted();
    return report(thrown);
  }
  try {
    const changes = planConstraint(found);
    return recipe === 'current' ? leftover(found, where) : changes.map(() => missing(found, where));
  } catch (thrown) {
    const error = toBootstrapError(thrown);
    // Without the constraint, tenants may share keys as they do.
    return recipe === 'current' && error.code === 'DATABASE_DUPLICATES' ? [] : report(error);
  }
}

function missing({ label }: Findings, where: string): Finding {
  return finding(MESSAGES.CONSTRAINT_MISSING(label), { where });
}

function leftover({ label, uniqueIndexes }: Findings, where: string): readonly Finding[] {
  if (!isUnique(uniqueIndexes)) return [];
  return [finding(MESSAGES.RECIPE_LEFTOVER(label), { where })];
}

/** What only this machine lacks is no fault of the homes. */
const NOT_LOOKED_AT = 'FILE_UNREADABLE';

function reportFailure(failure: BootstrapError, where: string, from: 'home' | 'bundle'): readonly Finding[] {
  const { code, message, hint } = failure;
  if (code === 'DATABASE_NOT_FOUND' && from === 'bundle') return [];
  if (code === NOT_LOOKED_AT || !isFindingCode(code))
    return [finding(MESSAGES.DATABASE_NOT_LOOKED_AT(failure), { where })];
  return [finding({ code, message, hint }, { where })];
}

function quietly<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (thrown) {
    if (thrown instanceof BootstrapError) return undefined;
    throw thrown;
  }
}
