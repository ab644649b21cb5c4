#!/usr/bin/env node
// Makes dist/ of src/ and sandbox/: the program in few files instead of two hundred, each still loaded when it is first
// needed, because every file that Node opens costs a start about a millisecond. Packages stay packages.
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

await rm(DIST, { recursive: true, force: true });
await build({
  absWorkingDir: ROOT,
  entryPoints: {
    main: 'src/main.ts',
    'container/entrypoint': 'src/container/entrypoint.ts',
    'container/healthcheck': 'src/container/healthcheck.ts',
  },
  outdir: DIST,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  chunkNames: '[name]-[hash]',
  logLevel: 'warning',
});
await chmod(join(DIST, 'main.js'), 0o755);
