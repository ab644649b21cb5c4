import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runChild } from '../../src/jvm/child.js';

const ENVIRONMENT = { PATH: process.env['PATH'] ?? '' };

function run(script: string, { timeoutMs = 60_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  return runChild('/bin/sh', ['-c', script], { input: '', environment: ENVIRONMENT, timeoutMs, signal });
}

test('what a program says and ends with is told', async () => {
  assert.equal(await run('echo out; echo err >&2; exit 3'), {
    exitCode: 3,
    timedOut: false,
    stdout: 'out\n',
    stderr: 'err\n',
  });
});

test('a program that ignores SIGTERM, and one that it left behind, are not waited for', async () => {
  const { exitCode, timedOut } = await run("trap '' TERM; sleep 60 & sleep 60", { timeoutMs: 300 });
  assert.equal([exitCode, timedOut], [null, true]);
});

test('an abort ends it with its own reason', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stop')), 200);
  await run("trap '' TERM; sleep 60", { signal: controller.signal }).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.message, 'stop'),
  );
});

test('a program that never stops talking is ended', async () => {
  const { exitCode, stdout } = await run('yes');
  assert.is(exitCode, null);
  assert.ok(stdout.length < 80 * 1024 * 1024);
});

test.run();
