import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Running, withEntrypoint } from './with-entrypoint.js';

const NOBODY_ANSWERS = 'https://127.0.0.1:1';
const WAITING = ['register', '--only', 'health/is7', '--is7-url', NOBODY_ANSWERS, '--timeout', '60s', '-v'];
const WAITS = 'health/is7: wait';

const SHORT: readonly (readonly [string, string])[] = [
  ['prepare', 'apply --phase offline'],
  ['register', 'apply --phase online'],
  ['all', 'apply'],
];

for (const [word, words] of SHORT) {
  test(`${word} is ${words}; its exit code comes out, and code and remedy are left for kubectl`, () =>
    withEntrypoint(async ({ start, terminationLog }) => {
      const { exitCode, stderr } = await start([word, '--only', 'trust/*'], { KMB_IS7_PASSWORD: 'hunter2' });
      assert.is(stderr.split('\n')[0], `${word}: km-bootstrap ${words} --only trust/*`);
      const said = await readFile(terminationLog, 'utf8');
      assert.is(exitCode, 64, stderr);
      assert.match(said, new RegExp(`^exit code 64 of km-bootstrap ${words} --only trust/\\*\n`));
      assert.match(said, /^USAGE: --only trust\/\*: there is no such step here.* → /m);
      assert.not.match(said, 'hunter2');
    }));
}

test('any other command is run as it is, and a success leaves nothing', () =>
  withEntrypoint(async ({ start, terminationLog }) => {
    const { exitCode, stdout, stderr } = await start(['version']);
    assert.is(exitCode, 0, stderr);
    assert.match(stdout, /^\d+\.\d+\.\d+$/);
    assert.is(stderr, '');
    assert.match((await start([])).stdout, /^km-bootstrap makes WSO2 Identity Server 7 the Key Manager/);
    assert.is(await readFile(terminationLog, 'utf8'), '');
  }));

test('a step that failed is named with its remedy', () =>
  withEntrypoint(async ({ start, terminationLog }) => {
    const { exitCode } = await start([
      'register',
      '--only',
      'health/is7',
      '--is7-url',
      NOBODY_ANSWERS,
      '--timeout',
      '1s',
    ]);
    assert.is(exitCode, 124);
    assert.match(await readFile(terminationLog, 'utf8'), /^HEALTH_DEADLINE in health\/is7: .* → /m);
  }));

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`${signal} reaches the program, which stops cleanly`, () =>
    withEntrypoint(async ({ start, terminationLog }) => {
      const running = start(WAITING);
      await hasSaid(running, WAITS);
      running.kill(signal);
      // Not by its deadline, which has a code of its own.
      const { exitCode, stdout } = await running;
      assert.is(exitCode, code, stdout);
      assert.match(await readFile(terminationLog, 'utf8'), `ABORTED in health/is7: stopped by ${signal}`);
    }));
}

test('Ctrl-C on a terminal, which everybody in the foreground gets, is one SIGINT: the program stops cleanly', () =>
  withEntrypoint(async ({ start, terminationLog }) => {
    const running = start(WAITING);
    await hasSaid(running, WAITS);
    process.kill(-(running.pid ?? assert.unreachable('it has no process')), 'SIGINT');
    const { exitCode, stdout } = await running;
    assert.is(exitCode, 130, stdout);
    assert.match(stdout, 'stopped by SIGINT');
    assert.match(await readFile(terminationLog, 'utf8'), 'ABORTED in health/is7: stopped by SIGINT');
  }));

test('with --json every line of the log is JSON, and with --quiet nothing is said that is not asked for', () =>
  withEntrypoint(async ({ start }) => {
    const failing = ['prepare', '--only', 'trust/*', '--json'];
    const { stdout, stderr } = await start(failing);
    assert.is(stderr, '');
    assert.is(JSON.parse(stdout).error.code, 'USAGE');
    assert.not.match((await start(['prepare', '--only', 'trust/*', '-q'])).stderr, 'km-bootstrap apply');
  }));

const testOnLinux = process.platform === 'linux' ? test : test.skip;

testOnLinux('a program that was killed is told by the code of its signal, in the log and in the file for kubectl', () =>
  withEntrypoint(async ({ start, terminationLog }) => {
    const told = /^KILLED: km-bootstrap was ended by SIGKILL → Look whether its memory/m;
    const killed = async (words: readonly string[]) => {
      const running = start(words);
      await hasSaid(running, WAITS);
      process.kill(await childOf(running.pid ?? 0), 'SIGKILL');
      const { exitCode, stdout, stderr } = await running;
      assert.is(exitCode, 137);
      assert.match(await readFile(terminationLog, 'utf8'), told);
      return { stdout, stderr };
    };
    const { stderr } = await killed(WAITING);
    assert.match(stderr, /^error KILLED: km-bootstrap was ended by SIGKILL\n {2}→ Look whether its memory/m);
    const { stdout } = await killed([...WAITING, '--json']);
    assert.equal(JSON.parse(stdout).error.code, 'KILLED');
  }),
);

test('where nobody reads it, no termination log is made', () =>
  withEntrypoint(async ({ start, folder }) => {
    const { exitCode } = await start(['nonsense'], { TERMINATION_LOG: join(folder, 'not-there') });
    assert.is(exitCode, 64);
    assert.equal((await readdir(folder)).sort(), ['termination-log']);
  }));

function hasSaid(running: Running, words: string): Promise<void> {
  return new Promise((resolve, reject) => {
    running.stderr.on('data', (text: Buffer) => text.includes(words) && resolve());
    running.then(({ stderr }) => reject(new Error(`it ended without saying ${words}: ${stderr}`)), reject);
  });
}

async function childOf(pid: number): Promise<number> {
  for (const name of await readdir('/proc')) {
    const status = await readFile(join('/proc', name, 'status'), 'utf8').catch(() => '');
    if (Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]) === pid) return Number(name);
  }
  return assert.unreachable(`process ${pid} has no child`) as never;
}

test.run();
