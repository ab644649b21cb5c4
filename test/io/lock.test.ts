import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { createRunLock } from '../../src/io/lock.js';
import { withTempFolder } from '../support/temp-folder.js';

const { signal } = new AbortController();

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

test('the lock of a process that died on this host is taken over', () =>
  withTempFolder(async (folder) => {
    const dead = { pid: 2 ** 22 - 1, host: hostname(), since: '2026-01-01T00:00:00Z' };
    await writeFile(join(folder, '.km-bootstrap.lock'), JSON.stringify(dead));
    const lock = createRunLock([folder], 0);
    await lock.hold(signal);
    await lock.release();
    assert.equal(await readdir(folder), []);
  }));

test('a lock of another host is respected while its lease is renewed, and taken over afterwards', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, '.km-bootstrap.lock');
    await writeFile(file, JSON.stringify({ pid: 1, host: 'elsewhere', since: '2026-01-01T00:00:00Z' }));
    try {
      await createRunLock([folder], 0).hold(signal);
      assert.unreachable();
    } catch (error) {
      assert.match((error as BootstrapError).message, 'process 1 on elsewhere');
    }
    const long = new Date(Date.now() - 60_000);
    await utimes(file, long, long);
    const lock = createRunLock([folder], 0);
    await lock.hold(signal);
    await lock.release();
  }));

test('of many runs that want a dead lock at once, one at a time holds it', () =>
  withTempFolder(async (folder) => {
    const dead = { pid: 2 ** 22 - 1, host: hostname(), since: '2026-01-01T00:00:00Z' };
    await writeFile(join(folder, '.km-bootstrap.lock'), JSON.stringify(dead));
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
    await Promise.all(Array.from({ length: 10 }, run));
    assert.is(most, 1);
  }));

test.run();
