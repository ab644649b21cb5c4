#!/usr/bin/env node
// Compiles, and runs test files again, each time that something of src/ or test/ has changed:
//   npm run watch -- WORD    the files whose path holds the word
//   npm run watch            those that were changed, and those of what was changed: test/x/y.test.ts for src/x/y.ts
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '..');
/** Editors write a file in several steps. */
const SETTLE_MS = 60;
const words = process.argv.slice(2);
const changed = new Set();
let wake;

for (const folder of ['src', 'test'])
  watch(join(ROOT, folder), { recursive: true }, (_event, path) => {
    if (path?.endsWith('.ts')) changed.add(path);
    wake?.();
  });

if (words.length > 0) await run(words);
for (;;) {
  process.stdout.write('\nwaiting for a change; Ctrl-C ends\n');
  while (changed.size === 0) await new Promise((resolve) => (wake = resolve));
  await sleep(SETTLE_MS);
  const paths = [...changed].map((path) => path.replace(/(\.test)?\.ts$/, ''));
  changed.clear();
  await run(words.length > 0 ? words : paths);
}

async function run(asked) {
  if ((await ended('scripts/compile.mjs')) === 0) await ended('.build/test/support/run-all.js', ...asked);
}

function ended(...args) {
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  return new Promise((resolve) => child.on('exit', resolve));
}
