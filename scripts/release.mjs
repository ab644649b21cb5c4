#!/usr/bin/env node
// Makes what a release consists of, in release/: the npm package, the image where containers can be built, their bills of materials, the
// words of the changelog, and the SHA-256 of each. Publishes nothing.
//   npm run release [-- --no-image]
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { argv, echo } from 'zx';
import { $ } from 'zx/core';
import { findEngine } from './smoke-engine.mjs';

const ROOT = dirname(import.meta.dirname);
const RELEASE = join(ROOT, 'release');
process.chdir(ROOT);

const { name, version } = JSON.parse(await readFile('package.json', 'utf8'));
const changes = changesOf(version, await readFile('CHANGELOG.md', 'utf8'));
await $`./scripts/setup`;
await $`npm run --silent docs`;
const stale = (await $`git status --porcelain`).stdout.trim();
if (stale) throw new Error(`commit these first, so that the release can be made again:\n${stale}`);
const revision = (await $`git rev-parse HEAD`).stdout.trim();

await rm(RELEASE, { recursive: true, force: true });
await mkdir(RELEASE);
await $`npm pack --silent --pack-destination ${RELEASE}`;
await writeFile(join(RELEASE, `${name}-${version}.cdx.json`), (await $`./scripts/sbom`).stdout);
await writeFile(join(RELEASE, 'CHANGES.md'), changes);
echo(argv.image === false ? 'image: left out' : await makeImage());
const made = (await readdir(RELEASE)).sort();
const sums = await Promise.all(made.map(async (file) => `${sha256(await readFile(join(RELEASE, file)))}  ${file}`));
await writeFile(join(RELEASE, 'SHA256SUMS'), `${sums.join('\n')}\n`);
echo(`${name} ${version} (${revision.slice(0, 12)}) in release/:\n${sums.join('\n')}`);

/** What stands under the heading of the version; a release that says nothing is none. */
function changesOf(wanted, changelog) {
  const section = changelog.split(/^## /m).find((part) => part.split(/\s/)[0] === wanted);
  const text = section?.split('\n').slice(1).join('\n').trim();
  if (!text) throw new Error(`CHANGELOG.md has nothing under "## ${wanted}": move there what is under "## Unreleased"`);
  return `${text}\n`;
}

async function makeImage() {
  const engine = await findEngine().catch(() => undefined);
  if (!engine) return 'image: not made, there is no engine for containers here';
  await engine.prepareBases();
  const tag = `${name}:${version}`;
  const labels = ['--build-arg', `VERSION=${version}`, '--build-arg', `REVISION=${revision}`];
  await engine.build(tag, ROOT, ['--target', 'runtime', ...labels]);
  await engine.command(['save', '-o', join(RELEASE, `${name}-${version}-image.tar`), tag]);
  return `image: ${tag}, with ${engine.name}`;
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
