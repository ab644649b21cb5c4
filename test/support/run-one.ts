import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Runs one test file in this process: `node run-one.js FILE [TEXT]`, of it the tests whose title holds a text. uvu is told to wait, so
 * that the file's suites are run here and the process ends by itself even when a test started a JVM. The last line tells the
 * processor time of the file and of all that it ran.
 */
interface UvuGlobals {
  UVU_DEFER?: number;
  UVU_QUEUE?: unknown[][];
  /** What a title must hold: see named-tests.ts. */
  TEST_TITLE?: string;
}

const [, , file = '', title] = process.argv;
const globals = globalThis as UvuGlobals;
globals.UVU_DEFER = 1;
const { exec } = await import('uvu');
if (title !== undefined) {
  globals.TEST_TITLE = title;
  register('./resolve-named-tests.js', import.meta.url);
}
globals.UVU_QUEUE?.push([file]);
await import(pathToFileURL(file).href);
await exec();
process.stdout.write(`  Processor: ${processorSeconds().toFixed(1)}s\n`, () => process.exit());

/** Of this process and of its children that have ended; off Linux of this process only. */
function processorSeconds(): number {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6 + childrenSeconds();
}

function childrenSeconds(): number {
  if (process.platform !== 'linux') return 0;
  const TICKS_PER_SECOND = 100;
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
