import type { FindingCode } from '../codes.js';
import type { Config } from '../composition/config.js';
import { isUnique, planConstraint } from '../database/constraint.js';
import { databaseOf, isFileDatabase } from '../database/engines.js';
import { type Findings, readFindings } from '../database/findings.js';
import type { Recipe } from '../deployment-toml/recipes.js';
import { BootstrapError, toBootstrapError } from '../errors.js';
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
  return finding('CONSTRAINT_MISSING', {
    where,
    message: `${label}: CONSUMER_KEY of IDN_OAUTH_CONSUMER_APPS is not unique, which the guide demands (step 1.3)`,
    hint: 'Run km-bootstrap apply --phase offline --only database/consumer-key while IS 7 is stopped; or go over to the recipe current, which needs no constraint.',
  });
}

function leftover({ label, uniqueIndexes }: Findings, where: string): readonly Finding[] {
  if (!isUnique(uniqueIndexes)) return [];
  return [
    finding('RECIPE_LEFTOVER', {
      where,
      message: `${label}: UNIQUE (CONSUMER_KEY) is left from the recipe legacy: it stops the creation of tenants, whose system applications share their consumer keys`,
      hint: 'Set recipe_cleanup = true to have it dropped, if it bears the guide’s name; else find out who made it.',
    }),
  ];
}

/** What only this machine lacks is no fault of the homes. */
const NOT_LOOKED_AT = [
  'JVM_BRIDGE_MISSING',
  'JVM_CLASSPATH_FIXED',
  'JAVA_LIBRARY_MISSING',
  'DATABASE_IN_USE',
  'FILE_UNREADABLE',
  'FILE_UNWRITABLE',
];

function reportFailure(
  { code, message, hint }: BootstrapError,
  where: string,
  from: 'home' | 'bundle',
): readonly Finding[] {
  if (code === 'DATABASE_NOT_FOUND' && from === 'bundle') return [];
  const reported: FindingCode | undefined = NOT_LOOKED_AT.includes(code)
    ? 'DATABASE_NOT_LOOKED_AT'
    : isFindingCode(code)
      ? code
      : undefined;
  if (reported === undefined) return [finding('DATABASE_NOT_LOOKED_AT', { where, message, hint })];
  return [finding(reported, { where, message, hint })];
}

function quietly<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch (thrown) {
    if (thrown instanceof BootstrapError) return undefined;
    throw thrown;
  }
}
