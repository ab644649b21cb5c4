import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { createRunLock } from '../../src/io/lock.js';
import { ownIdentity } from '../../src/io/process-identity.js';
import { withTempFolder } from '../support/temp-folder.js';

const { signal } = new AbortController();
const LOCK = new URL('../../src/io/lock.js', import.meta.url).href;
const ELSEWHERE = { pid: 1, host: 'elsewhere', since: '2026-01-01T00:00:00Z' };
const HERE = { ...ownIdentity(), host: hostname(), since: '2026-01-01T00:00:00Z' };
const HOUR_MS = 3_600_000;

test('a second run that may not wait is told who holds the lock', () =>
  withTempFolder(async (folder) => {
    const first = createRunLock([folder], 0);
    await first.hold(signal);
    try {
      await createRunLock([folder], 0).hold(signal);
      assert.unreachable();
    } catch (error) {
      assert.is((error as BootstrapError).code, 'LOCKED');
      assert.match((error as BootstrapError).message, `process ${process.pid} on ${hostname()} since`);
    }
    await first.release();
    assert.equal(await readdir(folder), []);
  }));

test('a run that may wait gets the lock once it is released', () =>
  withTempFolder(async (folder) => {
    const [first, second] = [createRunLock([folder], 0), createRunLock([folder], 5_000)];
    await first.hold(signal);
    setTimeout(() => void first.release(), 100);
    await second.hold(signal);
    await second.release();
  }));

test('steps that run side by side take the lock once, and all wait until it is held', () =>
  withTempFolder(async (folder) => {
    const [other, lock] = [createRunLock([folder], 0), createRunLock([folder], 5_000)];
    await other.hold(signal);
    const steps = [lock.hold(signal), lock.hold(signal)];
    const isHeld = Promise.race(steps).then(() => true);
    assert.not(await Promise.race([isHeld, new Promise((resolve) => setTimeout(resolve, 50, false))]));
    await other.release();
    await Promise.all(steps);
    await lock.release();
    assert.equal(await readdir(folder), []);
  }));

test('a lock that could not be taken is tried for again', () =>
  withTempFolder(async (folder) => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await Promise.all([first, second].map((path) => mkdir(path)));
    const [other, lock] = [createRunLock([second], 0), createRunLock([first, second], 0)];
    await other.hold(signal);
    const refused = await lock.hold(signal).catch((error: BootstrapError) => error.code);
    assert.is(refused, 'LOCKED');
    await other.release();
    await lock.hold(signal);
    await lock.release();
  }));

test('the lock of a run that was killed is taken over at once, and what it left beside it is removed', () =>
  withTempFolder(async (folder) => {
    await writeFile(join(folder, '..km-bootstrap.lock.0123456789ab.km-bootstrap'), 'half a lo');
    const script = `const { createRunLock } = await import(process.argv[1]);
      await createRunLock([process.argv[2]], 0).hold(new AbortController().signal);
      process.stdout.write('held');
      setInterval(() => {}, 1000);`;
    const holder = spawn('node', ['--input-type=module', '-e', script, LOCK, folder]);
    await once(holder.stdout, 'data');
    assert.is(await codeOfTaking(folder), 'LOCKED');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    assert.is(await codeOfTaking(folder), 'taken');
    assert.equal(await readdir(folder), []);
  }));

test('a process with the number of a dead holder is not taken for it', () =>
  withLock({ ...HERE, start: '1' }, 0, async (folder) => assert.is(await codeOfTaking(folder), 'taken')));

test('a process that is there holds its lock, whatever the clocks say', async () => {
  for (const ageMs of [HOUR_MS, -HOUR_MS]) {
    await withLock(HERE, ageMs, async (folder) => assert.is(await codeOfTaking(folder), 'LOCKED'));
  }
});

test('a lock of another host is respected while its lease is renewed, also by a clock that is an hour late', async () => {
  await Promise.all([
    withLock(ELSEWHERE, 0, async (folder) => assert.is(await codeOfTaking(folder), 'LOCKED')),
    withLock(ELSEWHERE, HOUR_MS, async (folder, file) => {
      const renewal = setInterval(() => void touch(file, HOUR_MS), 500);
      assert.is(await codeOfTaking(folder, 8_000, AbortSignal.timeout(4_500)), 'TimeoutError');
      clearInterval(renewal);
    }),
  ]);
});

test('a lock of another host whose lease ran out, and one that nobody can read, are taken over once that is sure', async () => {
  await Promise.all(
    [JSON.stringify(ELSEWHERE), '', 'null', '\xff\xfe\0', '{"pid":'.repeat(10_000)].map((text) =>
      withLock(text, 60_000, async (folder) => assert.is(await codeOfTaking(folder), 'taken')),
    ),
  );
});

test('a lock from the future that is not renewed is taken over once the lease has gone by here', () =>
  withLock(ELSEWHERE, -HOUR_MS, async (folder) => {
    const now = performance.now;
    const taking = codeOfTaking(folder, 90_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    performance.now = () => now.call(performance) + 40_000;
    assert.is(await taking, 'taken');
    performance.now = now;
  }));

test('who holds a lock that nobody can read is not known, which is said', () =>
  withLock('', 0, async (folder) => {
    const error = await createRunLock([folder], 0)
      .hold(signal)
      .catch((thrown: BootstrapError) => thrown);
    assert.is((error as BootstrapError).code, 'LOCKED');
    assert.match((error as BootstrapError).message, /is held by a run that it does not name, last renewed \d{4}-/);
  }));

test('a folder, a link or a pipe in the place of the lock is left alone, and named', async () => {
  const makers = [
    (file: string) => mkdir(file),
    (file: string) => symlink('nowhere', file),
    async (file: string) => void execFileSync('mkfifo', [file]),
  ];
  for (const make of makers) {
    await withTempFolder(async (folder) => {
      await make(join(folder, '.km-bootstrap.lock'));
      assert.is(await codeOfTaking(folder), 'FILE_UNREADABLE');
      assert.equal(await readdir(folder), ['.km-bootstrap.lock']);
    });
  }
});

test('a run that was stopped so long that another took its lock waits like everybody, and does not remove it', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, '.km-bootstrap.lock');
    const lock = createRunLock([folder], 0);
    await lock.hold(signal);
    await lock.hold(signal);
    await writeFile(file, JSON.stringify(HERE));
    assert.is(await lock.hold(signal).catch((error: BootstrapError) => error.code), 'LOCKED');
    await lock.release();
    assert.is(await readFile(file, 'utf8'), JSON.stringify(HERE));
  }));

test('of many runs that want a dead lock at once, one at a time holds it', () =>
  withLock({ ...HERE, start: '1' }, 0, async (folder) => {
    let holders = 0;
    let most = 0;
    const run = async () => {
      const lock = createRunLock([folder], 20_000);
      await lock.hold(signal);
      most = Math.max(most, ++holders);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders--;
      await lock.release();
    };
    await Promise.all(Array.from({ length: 20 }, run));
    assert.is(most, 1);
    assert.equal(await readdir(folder), []);
  }));

/** Lends a folder with a lock that says this, last renewed so long ago. */
function withLock(
  holder: object | string,
  ageMs: number,
  use: (folder: string, file: string) => Promise<void>,
): Promise<void> {
  return withTempFolder(async (folder) => {
    const file = join(folder, '.km-bootstrap.lock');
    await writeFile(file, typeof holder === 'string' ? Buffer.from(holder, 'latin1') : JSON.stringify(holder));
    await touch(file, ageMs);
    await use(folder, file);
  });
}

async function touch(file: string, ageMs: number): Promise<void> {
  const then = new Date(Date.now() - ageMs);
  await utimes(file, then, then);
}

/** Takes the lock and lets it go: `taken`, or why not. */
async function codeOfTaking(folder: string, timeoutMs = 0, within = signal): Promise<string> {
  const lock = createRunLock([folder], timeoutMs);
  try {
    await lock.hold(within);
    return 'taken';
  } catch (error) {
    const { code, cause, name } = error as BootstrapError;
    return name === 'AbortError' ? (cause as Error).name : code;
  } finally {
    await lock.release();
  }
}

test.run();
