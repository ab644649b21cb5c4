// Makes the program of src/ in few files instead of two hundred, each still loaded when it is first needed, because every file that
// Node opens costs a start about a millisecond. Packages stay packages.
import { chmod, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');

/**
 * What was there before goes last: a program that runs from there meanwhile finds its files until then.
 *
 * @param {string} folder for `main.js` and what it loads, and for nothing else
 */
export async function bundleProgram(folder) {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: {
      main: 'src/main.ts',
      'container/entrypoint': 'src/container/entrypoint.ts',
      'container/healthcheck': 'src/container/healthcheck.ts',
    },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    chunkNames: '[name]-[hash]',
    metafile: true,
    logLevel: 'warning',
  });
  const made = new Set(Object.keys(metafile.outputs).map((path) => resolve(ROOT, path)));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (found) => !found.isDirectory(),
  );
  const old = files
    .map(({ parentPath, path, name }) => join(parentPath ?? path, name))
    .filter((path) => !made.has(path));
  await Promise.all(old.map((path) => rm(path)));
  await chmod(join(folder, 'main.js'), 0o755);
}
