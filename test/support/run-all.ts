import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';

/**
 * Runs every test file (or those whose path holds one of the words given), each in a process of its own, because a JVM's class path
 * is fixed for a process. The last line is `N passed, N failed`. A file that ran no test fails, and so does one whose hooks threw,
 * which uvu itself lets pass.
 */
const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const root = dirname(here);
const words = process.argv.slice(2);
const queue = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.js') && (words.length === 0 || words.some((word) => path.includes(word))))
  .sort();

let passed = 0;
let failed = 0;
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function work(): Promise<void> {
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) await runFile(join(root, path));
}

async function runFile(file: string): Promise<void> {
  const started = performance.now();
  const child = await execa('node', ['--enable-source-maps', join(here, 'run-one.js'), file], {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: 240_000,
    forceKillAfterDelay: 2_000,
  });
  const text = stripVTControlCharacters(child.all);
  const total = Number(/^ {2}Total: +(\d+)$/m.exec(text)?.[1] ?? 0);
  const good = Number(/^ {2}Passed: +(\d+)$/m.exec(text)?.[1] ?? 0);
  const bad = total - good || (child.failed || total === 0 ? 1 : 0);
  passed += good;
  failed += bad;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${bad ? 'FAIL' : 'ok  '} ${relative(root, file).replace(/\.js$/, '')} ${good}/${total} ${seconds}s\n`,
  );
  for (const [line] of text.matchAll(/^(?:skipped:|seed) .*$/gm)) process.stdout.write(`     ${line}\n`);
  if (bad) process.stdout.write(`${total === 0 ? 'no test ran: is .run() missing?\n' : ''}${child.all}\n`);
}
