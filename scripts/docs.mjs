#!/usr/bin/env node
// Writes the pages that are made from the source: docs/errors.md, docs/configuration.md and the man page. `npm run docs` builds first.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { echo } from 'zx';
import { pages } from '../.build/src/explain/docs/pages.js';

for (const [path, text] of pages()) {
  const file = join(import.meta.dirname, '..', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  echo(`${path} is written`);
}
