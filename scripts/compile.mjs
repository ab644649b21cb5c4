#!/usr/bin/env node
// Compiles what changed of src/, sandbox/ and test/ into .build/, a file for a file and without a look at types, and removes what has
// no source any more. The program that tests start is bundled beside them, as it is shipped. Types are checked by `npm run types`.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundleProgram } from './bundle-program.mjs';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, '.build');
const PROGRAM = join(OUT, 'dist');
const FOLDERS = ['sandbox', 'src', 'test'];

await mkdir(OUT, { recursive: true });
const sources = await list(ROOT, '.ts');
const outputs = await list(OUT, '.js');
const wanted = new Set(sources.keys());
const gone = [...outputs.keys()].filter((path) => !wanted.has(path));
await Promise.all(gone.flatMap((path) => ['.js', '.js.map'].map((end) => rm(join(OUT, path + end), { force: true }))));
const changed = [...sources].filter(([path, time]) => time > (outputs.get(path) ?? 0)).map(([path]) => `${path}.ts`);
await Promise.all([(await programIsCurrent()) || bundleProgram(PROGRAM), changed.length === 0 || compile()]);

async function programIsCurrent() {
  const { mtimeMs } = await stat(join(PROGRAM, 'main.js')).catch(() => ({ mtimeMs: 0 }));
  const isNewer = ([path, time]) => !path.startsWith('test') && time > mtimeMs;
  return ![...sources].some(isNewer) && !gone.some((path) => !path.startsWith('test'));
}

function compile() {
  return build({
    absWorkingDir: ROOT,
    entryPoints: changed,
    outbase: '.',
    outdir: OUT,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'warning',
  });
}

/** Path without its ending, relative to the root given, to the time of its last change in milliseconds. */
async function list(root, end) {
  const found = new Map();
  for (const folder of FOLDERS) {
    const names = await readdir(join(root, folder), { recursive: true }).catch(() => []);
    for (const name of names.filter((name) => name.endsWith(end) && !name.endsWith('.d.ts'))) {
      const path = join(folder, name);
      found.set(path.slice(0, -end.length), (await stat(join(root, path))).mtimeMs);
    }
  }
  return found;
}
