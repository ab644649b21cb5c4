import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../src/package-root.js';
import { MAIN } from '../support/cli.js';
import { withTempFolder } from '../support/temp-folder.js';

const NOBODY_ANSWERS = 'https://127.0.0.1:1';
const WAITING = ['register', '--only', 'health/is7', '--is7-url', NOBODY_ANSWERS, '--timeout', '60s', '-v'];
const WAITS = 'health/is7: wait';

interface Given {
  readonly start: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
  /** The file in place of the kubelet's. */
  readonly terminationLog: string;
  readonly folder: string;
}

/** The entrypoint as it lies in the image, beside this build of the program. */
function withEntrypoint(use: (given: Given) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const [app, terminationLog] = [join(folder, 'app'), join(folder, 'termination-log')];
    await mkdir(join(app, 'scripts'), { recursive: true });
    await copyFile(join(packageRoot(), 'scripts', 'entrypoint.mjs'), join(app, 'scripts', 'entrypoint.mjs'));
    await symlink(dirname(MAIN), join(app, 'dist'));
    await symlink(join(packageRoot(), 'node_modules'), join(app, 'node_modules'));
    await writeFile(terminationLog, '');
    const given = { TERMINATION_LOG: terminationLog };
    await use({
      start: (words, environment = {}) =>
        run(join(app, 'scripts', 'entrypoint.mjs'), words, { ...given, ...environment }),
      terminationLog,
      folder,
    });
  });
}

type Running = ReturnType<typeof run>;

function run(entrypoint: string, words: readonly string[], environment: Readonly<Record<string, string>>) {
  return execa('node', [entrypoint, ...words], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    cwd: dirname(entrypoint),
    timeout: 60_000,
  });
}

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
      const sent = performance.now();
      running.kill(signal);
      const { exitCode, stdout } = await running;
      assert.is(exitCode, code, stdout);
      assert.ok(performance.now() - sent < 5_000);
      assert.match(await readFile(terminationLog, 'utf8'), `ABORTED in health/is7: stopped by ${signal}`);
    }));
}

const testOnLinux = process.platform === 'linux' ? test : test.skip;

testOnLinux('a program that was killed is told by the code of its signal', () =>
  withEntrypoint(async ({ start, terminationLog }) => {
    const running = start(WAITING);
    await hasSaid(running, WAITS);
    process.kill(await childOf(running.pid ?? 0), 'SIGKILL');
    assert.is((await running).exitCode, 137);
    assert.match(
      await readFile(terminationLog, 'utf8'),
      /^KILLED: km-bootstrap was ended by SIGKILL → Look whether its memory/m,
    );
  }),
);

test('where nobody reads it, no termination log is made', () =>
  withEntrypoint(async ({ start, folder }) => {
    const { exitCode } = await start(['nonsense'], { TERMINATION_LOG: join(folder, 'not-there') });
    assert.is(exitCode, 64);
    assert.equal((await readdir(folder)).sort(), ['app', 'termination-log']);
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
