#!/usr/bin/env node
// The image and compose files for real, part by part; each part is named when it begins, and what does not hold ends the run with 1.
//   scripts/smoke [--once] [--keep] [PART…]     parts: image, twice, users, drivers, compose, kills, kubernetes
//     --once   leave out the second build     --built   use the images that are there     --keep   leave the stand-ins' image
import process from 'node:process';
import { parseArgs } from 'node:util';
import { chalk, echo } from 'zx';
import { smokeCompose, smokeKills } from './smoke-compose.mjs';
import { findEngine } from './smoke-engine.mjs';
import { buildImages, IMAGES, smokeDrivers, smokeImage, smokeTwice, smokeUsers } from './smoke-image.mjs';
import { smokeKubernetes } from './smoke-kubernetes.mjs';

const PARTS = {
  image: ['The image: size, start, what it may do', smokeImage],
  twice: ['Built twice from two folders, it is the same', smokeTwice],
  users: ['Any user, on a read-only root, without a network', smokeUsers],
  drivers: ['Drivers of Oracle and IBM, mounted', smokeDrivers],
  compose: ['compose.yaml with stand-ins of both servers, end to end', smokeCompose],
  kills: ['Killed at every point, it converges', smokeKills],
  kubernetes: ['The pods of kubernetes/', smokeKubernetes],
};
const FLAGS = { once: { type: 'boolean' }, built: { type: 'boolean' }, keep: { type: 'boolean' } };
const { values: flags, positionals: named } = parseArgs({ options: FLAGS, allowPositionals: true });
const started = performance.now();

try {
  await main();
  echo(`\n${chalk.green.bold('All of it held')}, in ${((performance.now() - started) / 1000).toFixed(0)} s.`);
} catch (error) {
  echo(`\n${chalk.red.bold('It did not hold:')} ${error.shortMessage ?? error.message}`);
  if (error.all ?? error.stderr) echo(String(error.all ?? error.stderr).slice(-4000));
  process.exitCode = 1;
}

async function main() {
  const parts = chosenParts();
  const engine = await findEngine();
  echo(`with ${engine.name}`);
  const images = await (flags.built ? IMAGES : buildImages(engine, echo));
  try {
    for (const name of parts) {
      const [title, show] = PARTS[name];
      echo(`\n${chalk.bold(`— ${title}`)}\n`);
      await show({ engine, images, say: (line) => echo(`  ${line}`) });
    }
  } finally {
    if (!flags.keep) await engine.command(['rmi', '--force', images.sandbox], { reject: false });
  }
}

function chosenParts() {
  const unknown = named.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown) throw new Error(`there is no part ${unknown}: ${Object.keys(PARTS).join(', ')}`);
  const wanted = named.length > 0 ? named : Object.keys(PARTS);
  return wanted.filter((name) => !(flags.once && name === 'twice'));
}
