import { pathToFileURL } from 'node:url';

/**
 * Runs one test file in this process: `node run-one.js FILE`. uvu is told to wait, so that the file's suites are run here and the
 * process ends by itself even when a test started a JVM.
 */
interface UvuGlobals {
  UVU_DEFER?: number;
  UVU_QUEUE?: unknown[][];
}

const file = process.argv[2] as string;
const globals = globalThis as UvuGlobals;
globals.UVU_DEFER = 1;
const { exec } = await import('uvu');
globals.UVU_QUEUE?.push([file]);
await import(pathToFileURL(file).href);
await exec();
process.stdout.write('', () => process.exit());
