// Runs the offline steps over copies of real files: every deployment.toml with both recipes, fresh, applied before, and with the other
// recipe applied before, whose traces are then removed; every key store through an exchange and a rotation, with Java's keytool as the
// judge. The servers' own parser judges the files.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { echo } from 'zx';
import { readServerToml, type ServerTomlValue, serverTomlJars } from '../../sandbox/server-toml.js';
import { currentRecipe, legacyRecipe } from '../../src/deployment-toml/recipes.js';
import { deploymentTomlStep } from '../../src/deployment-toml/step.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { Secret } from '../../src/secret.js';
import { checkStore } from './check-store.js';

const { signal } = new AbortController();
const jvm = startJvm(serverTomlJars());
const revocation = { notificationEndpoint: 'https://apim:9443/x', username: 'u', password: new Secret('p') };
type RecipeName = keyof typeof RECIPES;
type Leftovers = 'name' | 'remove';
/** What the server sees, by dotted keys. */
type Keys = Record<string, ServerTomlValue>;

const RECIPES = { legacy: legacyRecipe(), current: currentRecipe({ roleCreation: true, revocation }) };
const counts = { files: 0, refused: 0, cases: 0, stores: 0, failed: 0 };

const folder = process.argv[2] ?? '';
if (!folder) {
  echo('usage: ./scripts/check-reference DIR');
  process.exit(64);
}
const scratch = await mkdtemp(join(tmpdir(), 'km-bootstrap-reference-'));
try {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath ?? file.path, file.name));
  for (const path of paths.filter((name) => name.endsWith('.toml')).sort()) await checkToml(path);
  for (const path of paths.filter((name) => /\.(jks|p12|pfx)$/.test(name)).sort()) await checkStoreFile(path);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
echo(
  `\ndeployment.toml: ${counts.files} files, ${counts.refused} of them refused as the server does, ${counts.cases} cases`,
);
echo(`key stores: ${counts.stores}`);
echo(`${counts.cases + counts.stores + counts.refused - counts.failed} passed, ${counts.failed} failed`);
process.exit(counts.failed ? 1 : 0);

async function checkToml(path: string): Promise<void> {
  counts.files += 1;
  const text = await readFile(path, 'utf8');
  const before = keysOf(text);
  for (const [name, other] of [
    ['legacy', 'current'],
    ['current', 'legacy'],
  ] as const) {
    for (const earlier of [[], [other]]) {
      const title = `${path}: ${[...earlier, name].join(', then ')}`;
      if (before instanceof Error) await expectRefusal(path, text, name, title);
      else await expectConvergence(path, text, [...earlier, name], title);
    }
    if (before instanceof Error) break;
  }
}

/** The keys the server sees, or the error it would stop with. */
function keysOf(text: string): Keys | Error {
  try {
    return Object.fromEntries(readServerToml(jvm, text));
  } catch (error) {
    return error as Error;
  }
}

function keysOrThrow(text: string): Keys {
  const keys = keysOf(text);
  if (keys instanceof Error) throw keys;
  return keys;
}

async function expectRefusal(path: string, text: string, recipe: RecipeName, title: string): Promise<void> {
  if (title.includes('then')) return;
  counts.refused += 1;
  const { copy, step } = await stepOn(path, text, recipe, 'name');
  await attempt(title, async () => {
    const error = await step.inspect(signal).then(
      (state) => step.plan(state) && undefined,
      (refusal) => refusal,
    );
    if (!error) throw new Error('the server refuses this file, and we did not');
    if ((await readFile(copy, 'utf8')) !== text) throw new Error('a refused file was changed');
    echo(`refused ${basename(path)}: ${(error as Error).message.split('\n')[0]}`);
  });
}

async function expectConvergence(
  path: string,
  text: string,
  recipes: readonly RecipeName[],
  title: string,
): Promise<void> {
  counts.cases += 1;
  await attempt(title, async () => {
    let current = text;
    for (const recipe of recipes) {
      const before = keysOrThrow(current);
      current = await converge(path, current, recipe, 'name');
      checkKeys(before, keysOrThrow(current), RECIPES[recipe]);
    }
    const last = recipes.length > 1 ? recipes.at(-1) : undefined;
    if (last !== undefined) await checkCleanUp(path, text, current, last);
    echo(`ok ${title}`);
  });
}

/**
 * Without the traces of the other recipe, the file says what the recipe alone would have made of it. A listener of the same name that
 * stood there before, as in API Manager's own files, was made ours by the other recipe and so is gone.
 */
async function checkCleanUp(path: string, text: string, both: string, recipe: RecipeName): Promise<void> {
  const alone = keysOrThrow(await converge(path, text, recipe, 'remove'));
  const cleaned = keysOrThrow(await converge(path, both, recipe, 'remove'));
  const { event_listener: listener } = alone;
  if (listener !== undefined && JSON.stringify(listener).includes('token_revocation'))
    cleaned['event_listener'] = listener;
  if (!isDeepStrictEqual(cleaned, alone)) throw new Error('cleaned up, it is not what the recipe makes');
}

async function converge(path: string, text: string, recipe: RecipeName, leftovers: Leftovers): Promise<string> {
  const { copy, step } = await stepOn(path, text, recipe, leftovers);
  for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
  const left = step.plan(await step.inspect(signal));
  if (left.length > 0) throw new Error(`still planned: ${left[0]?.summary}`);
  const after = await readFile(copy, 'utf8');
  keysOrThrow(after);
  return after;
}

async function stepOn(path: string, text: string, active: RecipeName, leftovers: Leftovers) {
  const copy = join(scratch, basename(path));
  await writeFile(copy, text);
  const recipe = { active, leftovers, notices: [] };
  const wanted = RECIPES[active];
  const step = deploymentTomlStep({ id: 'deployment-toml/is7', file: () => copy, wanted, server: 'is7', recipe });
  return { copy, step };
}

/** Every key of before is still there with its value, and what is new or different is wanted. */
function checkKeys(before: Keys, after: Keys, wanted: (typeof RECIPES)[RecipeName]): void {
  const roots = wanted.map(({ path }) => path.join('.'));
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const same = JSON.stringify(before[key]) === JSON.stringify(after[key]);
    if (!same && !roots.includes(key)) throw new Error(`${key}: ${before[key]} → ${after[key]}`);
  }
}

async function checkStoreFile(path: string): Promise<void> {
  counts.stores += 1;
  await attempt(path, async () => echo(`ok ${path}: ${await checkStore(path, scratch)}`));
}

async function attempt(title: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    counts.failed += 1;
    echo(`FAIL ${title}: ${(error as Error).message}`);
  }
}
