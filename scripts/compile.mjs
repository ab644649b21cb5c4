#!/usr/bin/env node
// Compiles what changed of src/, sandbox/ and test/ into .build/, a file for a file and without a look at types, and removes what has no source any
// more. Types are checked by `npm run types`.
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, '.build');
const FOLDERS = ['sandbox', 'src', 'test'];

await mkdir(OUT, { recursive: true });
const sources = await list(ROOT, '.ts');
const outputs = await list(OUT, '.js');
const wanted = new Set(sources.keys());
const gone = [...outputs.keys()].filter((path) => !wanted.has(path));
await Promise.all(gone.flatMap((path) => ['.js', '.js.map'].map((end) => rm(join(OUT, path + end), { force: true }))));
const changed = [...sources].filter(([path, time]) => time > (outputs.get(path) ?? 0)).map(([path]) => `${path}.ts`);
if (changed.length > 0)
  await build({
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
