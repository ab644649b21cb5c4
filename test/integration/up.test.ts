import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serverPid } from '../../src/servers/running.js';
import { type CliRun, km, MAIN } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { freeOffset } from '../support/free-offset.js';
import { javaEnvironment as javaAlone } from '../support/java-home.js';
import { patient } from '../support/patience.js';

/** In legacy mode the issuer of the first start would stay when a port moves. */
const javaEnvironment = async () => ({ ...(await javaAlone()), KMB_RECIPE: 'current' });

/** The homes answer on 9443 plus this. */
const OFFSET = await freeOffset();

const dir = await mkdtemp(join(tmpdir(), 'km bootstrap-'));
const homes = { is7: join(dir, 'wso2is-7.2.0'), apim: join(dir, 'wso2am-4.5.0') };
const given = ['--is7-home', homes.is7, '--apim-home', homes.apim];
const sandbox = ['--sandbox', '--dir', dir];
test.after(async () => {
  await km(['down', ...given]);
  await rm(dir, { recursive: true });
});

test('two homes that are made become a running pair, which down stops', async () => {
  const java = await javaEnvironment();
  const offsets = { KMB_APIM_OFFSET: String(OFFSET), KMB_IS7_OFFSET: String(OFFSET + 1) };
  const up = await km(['up', ...sandbox, '--detach', '--json'], { ...java, ...offsets });
  assert.is(up.exitCode, 0, up.stdout + up.stderr);
  assert.equal(eventsOf(up), ['is7 started', 'apim started', 'is7 ready', 'apim ready']);
  const { applied, exitCode } = JSON.parse(up.stdout.split('\n').at(-1) ?? '');
  assert.is(exitCode, 0);
  assert.ok(applied > 5);
  assert.match(up.stdout, '"proved":true');
  const pids = [serverPid(homes.is7), serverPid(homes.apim)];
  assert.ok(pids[0] && pids[1]);

  const again = await km(['up', ...given, '--detach', '--json', '--proof', 'off'], java);
  assert.is(again.exitCode, 0, again.stdout + again.stderr);
  assert.equal(eventsOf(again), ['is7 running', 'apim running', 'is7 ready', 'apim ready']);
  assert.match(again.stdout, '"applied":0');
  assert.equal([serverPid(homes.is7), serverPid(homes.apim)], pids);

  const down = await km(['down', ...sandbox, '--json']);
  assert.is(down.exitCode, 0);
  assert.equal(eventsOf(down), ['apim stopping', 'apim stopped', 'is7 stopping', 'is7 stopped']);
  assert.equal([serverPid(homes.is7), serverPid(homes.apim)], [undefined, undefined]);
  assert.equal(eventsOf(await km(['down', ...given, '--json'])), ['apim absent', 'is7 absent']);
});

test('Ctrl-C stops both, however long they take; a port that is taken by now moves IS 7 to the next', async () => {
  const script = join(homes.apim, 'bin', 'api-manager.sh');
  const real = await readFile(script, 'utf8');
  await writeFile(script, real.replace('\n', "\ntrap 'sleep 2' TERM INT\n"));
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(9443 + OFFSET + 1, '127.0.0.1', resolve));
  try {
    const up = execa('node', [MAIN, 'up', ...given, '--proof', 'off'], {
      env: await javaEnvironment(),
      reject: false,
      all: true,
      stdin: 'ignore',
      timeout: patient(120_000),
    });
    up.stderr.on('data', (text: Buffer) => text.includes('Ctrl-C stops') && up.kill('SIGINT'));
    const { exitCode, all } = await up;
    assert.is(exitCode, 130, all);
    assert.match(all, `WSO2 Identity Server 7 gets the port offset ${OFFSET + 2}`);
    assert.match(all, `/publisher`);
    const said = all.split('\n').filter((line) => line.includes('has stopped'));
    assert.equal(
      said.map((line) => line.split(' has ')[0]),
      ['WSO2 API Manager', 'WSO2 Identity Server 7'],
    );
    assert.equal([serverPid(homes.is7), serverPid(homes.apim)], [undefined, undefined]);
    assert.match(
      await readFile(join(homes.is7, 'repository', 'conf', 'deployment.toml'), 'utf8'),
      `offset = ${OFFSET + 2}`,
    );
  } finally {
    await writeFile(script, real);
    other.close();
  }
});

test('a server that dies while starting is told at once, and the other is stopped', async () => {
  const script = join(homes.apim, 'bin', 'api-manager.sh');
  const real = await readFile(script, 'utf8');
  await writeFile(script, '#!/bin/sh\necho "[FATAL] no heap today"\nexit 3\n');
  const up = await km(['up', ...given], await javaEnvironment());
  await writeFile(script, real);
  assert.is(up.exitCode, 1, up.stdout + up.stderr);
  const said = up.stdout + up.stderr;
  assert.match(said, 'SERVER_ENDED');
  assert.match(said, 'WSO2 API Manager ended with exit code 3');
  assert.match(said, '[FATAL] no heap today');
  assert.match(up.stderr, 'WSO2 Identity Server 7 has stopped');
  assert.is(serverPid(homes.is7), undefined);
});

test('what cannot work is found before anything is written or started', async () => {
  const before = await snapshot(dir);
  const refuse = async (code: string, words: readonly string[], environment: Readonly<Record<string, string>>) => {
    const { exitCode, stderr } = await km(['up', ...words], environment);
    assert.is(exitCode, 78, stderr);
    assert.match(stderr, code);
    return stderr;
  };
  const java = await javaEnvironment();
  const old = await oldJdk();
  assert.match(await refuse('JAVA_UNSUPPORTED', given, { JAVA_HOME: old }), 'made for JDK 11 to 21');
  await refuse('JAVA_UNSUPPORTED', given, { ...java, KMB_APIM_JAVA_HOME: old });
  await refuse('JAVA_NOT_FOUND', given, { JAVA_HOME: '/nowhere' });
  await refuse('CONFIG_INVALID', given.slice(0, 2), java);
  assert.match(await refuse('CONFIG_INVALID', given, { ...java, KMB_IS7_OVERLAY: tmpdir() }), 'copies no overlay');
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(9443 + OFFSET, '127.0.0.1', resolve));
  await refuse('PORT_CLASH', given, { ...java, KMB_APIM_OFFSET: String(OFFSET) });
  busy.close();
  await rm(old, { recursive: true });
  assert.equal(await snapshot(dir), before);
});

function eventsOf({ stdout }: CliRun): readonly string[] {
  const lines = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return lines.filter(({ type }) => type === 'server').map(({ server, status }) => `${server} ${status}`);
}

/** Its path holds no blank, as the start scripts need it. */
async function oldJdk(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'km-jdk-'));
  await mkdir(join(home, 'bin'));
  await writeFile(join(home, 'bin', 'java'), '#!/bin/sh\necho \'java version "1.8.0_392"\' >&2\n');
  await chmod(join(home, 'bin', 'java'), 0o755);
  return home;
}

test.run();
