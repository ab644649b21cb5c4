import { readdirSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { poll } from '../../src/io/poll.js';
import { isAlive, processStart, procFields } from '../../src/io/process-start.js';
import { stopGroup } from '../../src/local-stack/process-group.js';
import { type RunningStack, withStack } from '../../src/local-stack/stack.js';
import type { ServerToStart } from '../../src/local-stack/start-server.js';
import { readLiveRecord, writeRecord } from '../../src/local-stack/state-file.js';
import { PRODUCTS } from '../../src/servers/server.js';
import { assertRejects } from '../support/assert-rejects.js';
import { withTempFolder } from '../support/temp-folder.js';

/** A script as the real ones are: a shell that waits for its server, which shuts down when it is told to. */
const OBEDIENT =
  'echo "starts with $*"\nsh -c \'trap "echo bye; exit 0" TERM; while :; do sleep 0.1; done\'\necho over';
const STUBBORN = 'sh -c \'trap "" TERM; while :; do sleep 0.1; done\'';

test('servers are stopped in the reverse of their order, each with all its processes', () =>
  withTempFolder(async (folder) => {
    const said: string[] = [];
    const servers = [await serverIn(folder, 'is7', OBEDIENT), await serverIn(folder, 'apim', OBEDIENT)];
    const members: number[] = [];
    await withStack(servers, options(said), async (stack) => {
      for (const { pid, log } of stack.servers) {
        await untilLogged(log, 'starts with -DportOffset=7');
        members.push(pid, await childOf(pid));
      }
      assert.ok(members.every(isAlive));
    });
    assert.equal(said, ['is7 started', 'apim started', 'apim stopping', 'apim stopped', 'is7 stopping', 'is7 stopped']);
    assert.not(members.some(isAlive));
    assert.is(await readLiveRecord(servers[0]?.home ?? ''), undefined);
  }));

test('a server that does not stop is killed when its time is over', () =>
  withTempFolder(async (folder) => {
    const said: string[] = [];
    const server = await serverIn(folder, 'is7', STUBBORN);
    let member = 0;
    await withStack([server], options(said, 400), async ({ servers }) => {
      member = await childOf(servers[0]?.pid ?? 0);
    });
    assert.equal(said.slice(-1), ['is7 killed']);
    assert.not(isAlive(member));
  }));

test('a server that dies while starting is told at once, with the last lines of its log', () =>
  withTempFolder(async (folder) => {
    const server = await serverIn(folder, 'is7', 'echo one\nprintf "\\033[31mtwo\\033[0m\\n\\n"\necho why >&2\nexit 3');
    await withStack([server], options([]), async ({ ended }) => {
      await untilAborted(ended);
      assert.is(ended.reason.code, 'SERVER_ENDED');
      assert.is(ended.reason.message, 'IS7 ended with exit code 3; the last lines of its log:\none\ntwo\nwhy');
      assert.match(ended.reason.hint, 'km-bootstrap-up.log');
    });
  }));

test('a failure stops what was started', () =>
  withTempFolder(async (folder) => {
    const said: string[] = [];
    const server = await serverIn(folder, 'is7', OBEDIENT);
    const fail = () => Promise.reject(new Error('no'));
    await assertRejects(withStack([server], options(said), fail), /^no$/);
    assert.equal(said.slice(-1), ['is7 stopped']);
  }));

test('servers that are left run on, write their log, and are known by their record', () =>
  withTempFolder(async (folder) => {
    const server = await serverIn(folder, 'is7', OBEDIENT);
    const left = await withStack([server], options([]), async (stack) => leave(stack));
    try {
      assert.ok(isAlive(left.pid));
      const record = await readLiveRecord(server.home);
      assert.equal([record?.pid, record?.portOffset, record?.log], [left.pid, 7, left.log]);
      await untilLogged(left.log, 'starts with');
      assert.is((await stat(left.log)).mode & 0o777, 0o600);
    } finally {
      assert.is(await stopGroup(left.pid, 5_000), 'ended');
    }
    assert.match(await readFile(left.log, 'utf8'), 'bye');
  }));

test('a server gets the environment that it was given, and none of ours', () =>
  withTempFolder(async (folder) => {
    process.env['KMB_APIM_PASSWORD'] = 'secret';
    const server = await serverIn(folder, 'apim', 'env; exit 0');
    await withStack([server], options([]), async ({ servers, ended }) => {
      await untilAborted(ended);
      const shown = await readFile(servers[0]?.log ?? '', 'utf8');
      assert.match(shown, 'JAVA_HOME=/jdk');
      assert.not.match(shown, 'KMB_');
    });
    delete process.env['KMB_APIM_PASSWORD'];
  }));

test('a forged record names nobody: process 1, one that works elsewhere, one that leads no group', () =>
  withTempFolder(async (home) => {
    const elsewhere = execa('sleep', ['30'], { reject: false, detached: true });
    const member = execa('sleep', ['30'], { reject: false, cwd: home });
    try {
      for (const pid of [1, elsewhere.pid ?? 0, member.pid ?? 0, 0, -1]) {
        const started = (await processStart(Math.max(1, pid))) ?? '';
        await writeRecord(home, { pid, started, portOffset: 0, log: 'x' });
        assert.is(await readLiveRecord(home), undefined, `${pid}`);
      }
    } finally {
      for (const child of [elsewhere, member]) child.kill('SIGKILL');
      await Promise.all([elsewhere, member]);
    }
  }));

test('a process that got the id of a server later is not taken for it', () =>
  withTempFolder(async (home) => {
    const other = execa('sleep', ['30'], { reject: false, cwd: home, detached: true });
    const pid = other.pid ?? 0;
    try {
      const started = (await processStart(pid)) ?? '';
      await writeRecord(home, { pid, started, portOffset: 0, log: 'x' });
      assert.is((await readLiveRecord(home))?.pid, pid);
      await writeRecord(home, { pid, started: `${started}0`, portOffset: 0, log: 'x' });
      assert.is(await readLiveRecord(home), undefined);
      assert.is((await stat(join(home, '.km-bootstrap-up.json'))).mode & 0o777, 0o600);
    } finally {
      other.kill('SIGKILL');
      await other;
    }
    assert.is(await processStart(pid), undefined);
  }));

async function serverIn(folder: string, id: 'is7' | 'apim', script: string): Promise<ServerToStart> {
  const home = join(folder, `${id} home`);
  await mkdir(join(home, 'bin'), { recursive: true });
  await writeFile(join(home, PRODUCTS[id].startScript), `${script}\n`);
  const environment = { PATH: process.env['PATH'] ?? '', JAVA_HOME: '/jdk' };
  return { id, title: id.toUpperCase(), home, portOffset: 7, environment };
}

function options(said: string[], graceMs = 5_000) {
  return {
    graceMs,
    announce: ({ id }: { readonly id: string }, { status }: { readonly status: string }) =>
      said.push(`${id} ${status}`),
  };
}

function leave(stack: RunningStack) {
  stack.leaveRunning();
  const [server] = stack.servers;
  if (!server) throw new Error('nothing was started');
  return server;
}

async function childOf(pid: number): Promise<number> {
  const isChild = (id: number) => procFields(id)?.[PARENT] === String(pid);
  return until(async () => readdirSync('/proc').map(Number).filter(Number.isInteger).find(isChild));
}

const PARENT = 1;

function untilLogged(log: string, text: string): Promise<true> {
  return until(async () => ((await readFile(log, 'utf8').catch(() => '')).includes(text) ? true : undefined));
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const found = await poll(look, { signal: new AbortController().signal, deadlineMs: 10_000, firstPauseMs: 20 });
  if (found === undefined) throw new Error('waited in vain');
  return found;
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) await sleep(20);
}

test.run();
