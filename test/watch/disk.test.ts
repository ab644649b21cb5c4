import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createDisk } from '../../src/watch/disk.js';
import { withTempFolder } from '../support/temp-folder.js';

const LONG_MS = 3_000;
const SHORT_MS = 400;
/** The test would be ended as one that hangs. */
const NEVER_MS = 86_400_000;

/** Whether a change of `file` is told after `act`; events only, unless polled often. */
async function isTold(file: string, act: () => Promise<unknown>, pollMs = 60_000): Promise<boolean> {
  const disk = createDisk({ settleMs: 20, pollMs });
  const stopped = new AbortController();
  try {
    await disk.follow([file]);
    const told = disk.changed(stopped.signal).then(() => true);
    told.catch(() => undefined);
    await sleep(50);
    await act();
    const waited = sleep(LONG_MS, false, { signal: stopped.signal });
    waited.catch(() => undefined);
    return await Promise.race([told, waited]);
  } finally {
    stopped.abort();
    disk.close();
  }
}

test('a file that is written, replaced, made or removed is told at once', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'deployment.toml');
    assert.ok(await isTold(file, () => writeFile(file, 'a')), 'made');
    assert.ok(await isTold(file, () => writeFile(file, 'b')), 'written');
    const other = join(folder, 'other');
    await writeFile(other, 'c');
    assert.ok(await isTold(file, () => rename(other, file)), 'replaced');
    assert.ok(await isTold(file, () => rm(file)), 'removed');
  }));

test('the link of a mounted ConfigMap that is turned is told', () =>
  withTempFolder(async (folder) => {
    for (const [version, text] of Object.entries({ one: 'a', two: 'b' })) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'deployment.toml'), text);
    }
    await symlink('one', join(folder, '..data'));
    await symlink('..data/deployment.toml', join(folder, 'deployment.toml'));
    const turn = async () => {
      await symlink('two', join(folder, '..next'));
      await rename(join(folder, '..next'), join(folder, '..data'));
    };
    assert.ok(await isTold(join(folder, 'deployment.toml'), turn));
  }));

test('a folder that goes and comes back is followed again, also without events', () =>
  withTempFolder(async (folder) => {
    const conf = join(folder, 'conf');
    const file = join(conf, 'deployment.toml');
    await mkdir(conf);
    await writeFile(file, 'a');
    const disk = createDisk({ settleMs: 20, pollMs: 50 });
    const { signal } = new AbortController();
    await disk.follow([file]);
    await rename(conf, join(folder, 'away'));
    await disk.changed(signal);
    await disk.follow([file]);
    await mkdir(conf);
    await writeFile(file, 'a');
    await disk.changed(signal);
    await disk.follow([file]);
    await writeFile(file, 'b');
    await disk.changed(signal);
    disk.close();
  }));

test('a change since the file was followed is not missed, however early', () =>
  withTempFolder(async (folder) => {
    const file = join(folder, 'a');
    const disk = createDisk({ settleMs: 20, pollMs: 60_000 });
    await disk.follow([file]);
    await writeFile(file, 'x');
    await sleep(50);
    await disk.changed(new AbortController().signal);
    disk.close();
  }));

test('neighbours are not told, and a signal ends the wait at once', () =>
  withTempFolder(async (folder) => {
    const disk = createDisk({ settleMs: 20, pollMs: NEVER_MS });
    await disk.follow([join(folder, 'a')]);
    const stopped = new AbortController();
    let ended: 'told' | 'stopped' | undefined;
    const wait = disk.changed(stopped.signal).then(
      () => {
        ended = 'told';
      },
      () => {
        ended = 'stopped';
      },
    );
    for (let index = 0; index < 20; index++) await writeFile(join(folder, 'b'), String(index));
    await sleep(SHORT_MS);
    assert.is(ended, undefined);
    stopped.abort();
    await wait;
    assert.is(ended, 'stopped');
    disk.close();
  }));

test.run();
