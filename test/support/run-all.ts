import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { machineFactor, patient } from './patience.js';
import { isSlow, longestFirst, type Times, tableOf, writeTimes } from './times.js';

/**
 * Runs every test file (or those whose path holds one of the words given), each in a process of its own, because a JVM's class path
 * is fixed for a process. The last line is `N passed, N failed`. A file that ran no test fails, and so does one whose hooks threw,
 * which uvu itself lets pass.
 *
 * `--name TEXT` runs the tests whose title holds a text · `--fast` leaves out the slow files · `--times` prints and records what each
 * file took · `--inspect` runs one file after the other and waits for a debugger.
 */
const DEADLINE_MS = 240_000;
const LOOK_EVERY_MS = 5_000;
const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const root = join(here, '..');
const { values: asked, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    fast: { type: 'boolean', default: false },
    times: { type: 'boolean', default: false },
    inspect: { type: 'boolean', default: false },
  },
});
const queue = longestFirst(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js') && (words.length === 0 || words.some((word) => path.includes(word))))
    .map((path) => path.replace(/\.js$/, ''))
    .filter((path) => !asked.fast || !isSlow(path)),
);

machineFactor();
let passed = 0;
let failed = 0;
const times: Record<string, Times> = {};
const templates = mkdtempSync(join(tmpdir(), 'km-templates-'));
process.once('exit', () => rmSync(templates, { recursive: true, force: true }));
// One more than there are processors: files wait a good deal for servers and for time limits.
const workers = asked.inspect ? 1 : availableParallelism() + 1;
await Promise.all(Array.from({ length: workers }, work));
if (asked.times) {
  process.stdout.write(`\n${tableOf(times)}`);
  writeTimes(times);
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function work(): Promise<void> {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) await runFile(path);
}

async function runFile(path: string): Promise<void> {
  const started = performance.now();
  const { said, isEnded } = await run(path);
  const text = stripVTControlCharacters(said);
  const total = Number(/^ {2}Total: +(\d+)$/m.exec(text)?.[1] ?? 0);
  const good = Number(/^ {2}Passed: +(\d+)$/m.exec(text)?.[1] ?? 0);
  if (total === 0 && isEnded && asked.name !== undefined) return;
  const bad = total - good || (!isEnded || total === 0 ? 1 : 0);
  passed += good;
  failed += bad;
  const seconds = (performance.now() - started) / 1000;
  times[path] = { seconds, processorSeconds: Number(/^ {2}Processor: (.+)s$/m.exec(text)?.[1] ?? 0) };
  const slow = isSlow(path) ? ' slow' : '';
  process.stdout.write(`${bad ? 'FAIL' : 'ok  '} ${path} ${good}/${total} ${seconds.toFixed(1)}s${slow}\n`);
  for (const [line] of text.matchAll(/^(?:skipped:|seed) .*$/gm)) process.stdout.write(`     ${line}\n`);
  if (bad) process.stdout.write(`${total === 0 ? 'no test ran: is .run() missing?\n' : ''}${said}\n`);
}

/** What a file said, and whether it ended by itself and well. */
async function run(path: string): Promise<{ readonly said: string; readonly isEnded: boolean }> {
  const file = join(root, `${path}.js`);
  const flags = ['--enable-source-maps', ...(asked.inspect ? ['--inspect-brk'] : [])];
  const title = asked.name === undefined ? [] : [asked.name];
  const child = execa('node', [...flags, join(here, 'run-one.js'), file, ...title], {
    all: true,
    reject: false,
    stdin: 'ignore',
    stderr: asked.inspect ? ['pipe', 'inherit'] : 'pipe',
    env: { TEST_TEMPLATES: templates },
    forceKillAfterDelay: 2_000,
  });
  const watch = setInterval(killIfHung, LOOK_EVERY_MS, child, performance.now());
  const { all, failed } = await child;
  clearInterval(watch);
  return { said: all, isEnded: !failed };
}

/** The deadline is looked up anew each time, since the load may have come later. */
function killIfHung(child: { kill(): boolean }, started: number): void {
  if (!asked.inspect && performance.now() - started > patient(DEADLINE_MS)) child.kill();
}
