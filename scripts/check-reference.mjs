#!/usr/bin/env node
// Runs the offline steps over copies of real files: every deployment.toml with both recipes, fresh, applied before, and with the other
// recipe applied before; every key store through an exchange and a
// rotation, with Java's keytool as the judge. The servers' own parser judges the files.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { echo } from 'zx';
import { currentRecipe, legacyRecipe } from '../dist/deployment-toml/recipes.js';
import { deploymentTomlStep } from '../dist/deployment-toml/step.js';
import { startJvm } from '../dist/jvm/jvm.js';
import { readServerToml, serverTomlJars } from '../dist/sandbox/server-toml.js';
import { checkStore } from './check-reference-trust.mjs';

const { signal } = new AbortController();
const jvm = startJvm(serverTomlJars());
const counts = { files: 0, refused: 0, cases: 0, stores: 0, failed: 0 };

const folder = process.argv[2];
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

async function checkToml(path) {
  counts.files += 1;
  const text = await readFile(path, 'utf8');
  const recipes = { legacy: legacyRecipe(), current: currentRecipe({ roleCreation: true }) };
  const before = keysOf(text);
  for (const [name, other] of [
    ['legacy', 'current'],
    ['current', 'legacy'],
  ]) {
    for (const earlier of [[], [other]]) {
      const title = `${path}: ${[...earlier, name].join(', then ')}`;
      if (before instanceof Error) await expectRefusal(path, text, recipes[name], title);
      else
        await expectConvergence(
          path,
          text,
          [...earlier, name].map((recipe) => recipes[recipe]),
          title,
        );
    }
    if (before instanceof Error) break;
  }
}

/** The keys the server sees, or the error it would stop with. */
function keysOf(text) {
  try {
    return Object.fromEntries(readServerToml(jvm, text));
  } catch (error) {
    return error;
  }
}

async function expectRefusal(path, text, wanted, title) {
  if (title.includes('then')) return;
  counts.refused += 1;
  const { copy, step } = await stepOn(path, text, wanted);
  await attempt(title, async () => {
    const error = await step.inspect(signal).then(
      (state) => step.plan(state) && undefined,
      (refusal) => refusal,
    );
    if (!error) throw new Error('the server refuses this file, and we did not');
    if ((await readFile(copy, 'utf8')) !== text) throw new Error('a refused file was changed');
    echo(`refused ${basename(path)}: ${error.message.split('\n')[0]}`);
  });
}

async function expectConvergence(path, text, recipes, title) {
  counts.cases += 1;
  await attempt(title, async () => {
    let current = text;
    for (const wanted of recipes) {
      const before = keysOf(current);
      const { copy, step } = await stepOn(path, current, wanted);
      for (const change of step.plan(await step.inspect(signal))) await step.apply(change, signal);
      const left = step.plan(await step.inspect(signal));
      if (left.length > 0) throw new Error(`still planned: ${left[0].summary}`);
      current = await readFile(copy, 'utf8');
      const after = keysOf(current);
      if (after instanceof Error) throw after;
      checkKeys(before, after, wanted);
    }
    echo(`ok ${title}`);
  });
}

async function stepOn(path, text, wanted) {
  const copy = join(scratch, basename(path));
  await writeFile(copy, text);
  return { copy, step: deploymentTomlStep({ id: 'deployment-toml/is7', file: copy, wanted, server: 'is7' }) };
}

/** Every key of before is still there with its value, and what is new or different is wanted. */
function checkKeys(before, after, wanted) {
  const roots = wanted.map(({ path }) => path.join('.'));
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const same = JSON.stringify(before[key]) === JSON.stringify(after[key]);
    if (!same && !roots.includes(key)) throw new Error(`${key}: ${before[key]} → ${after[key]}`);
  }
}

async function checkStoreFile(path) {
  counts.stores += 1;
  await attempt(path, async () => echo(`ok ${path}: ${await checkStore(path, scratch)}`));
}

async function attempt(title, check) {
  try {
    await check();
  } catch (error) {
    counts.failed += 1;
    echo(`FAIL ${title}: ${error.message}`);
  }
}
