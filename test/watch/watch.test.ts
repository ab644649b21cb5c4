import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { km } from '../support/cli.js';
import { patient } from '../support/patience.js';
import { withTempFolder } from '../support/temp-folder.js';
import { type Homes, withAppliedHomes, withWatch } from './running.js';

const FAST = ['--interval', '1s', '--only', 'deployment-toml/*'];

function deploymentToml(home: string): string {
  return join(home, 'repository', 'conf', 'deployment.toml');
}

async function edit(home: string, change: (text: string) => string): Promise<void> {
  const file = deploymentToml(home);
  await writeFile(file, change(await readFile(file, 'utf8')));
}

function withoutLegacyMode(text: string): string {
  return text.replace(/^legacy_mode.*\n/m, '');
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const reply = await fetch(url);
  return { status: reply.status, text: await reply.text() };
}

/** Says that a process lives there, as the start script of the server does. */
async function pretendToRun(home: string): Promise<void> {
  await writeFile(join(home, 'wso2carbon.pid'), `${process.pid}\n`);
}

test('drift is reported once when a file changes, long before the interval, and nothing is written', () =>
  withAppliedHomes(({ is7, options }) =>
    withWatch(['--interval', '1h', ...FAST.slice(2), ...options], async ({ url, said, until }) => {
      await until(/look 1: 2 in sync/);
      assert.is((await get(`${url}readyz`)).status, 200);
      await edit(is7, withoutLegacyMode);
      const edited = await readFile(deploymentToml(is7), 'utf8');
      await until(/drift +deployment-toml\/is7: set `\[server\] legacy_mode = true`/);
      assert.match((await get(`${url}metrics`)).text, 'km_bootstrap_step_drift{step="deployment-toml/is7"} 1');
      assert.is(await readFile(deploymentToml(is7), 'utf8'), edited);
      assert.is(said().match(/ drift /g)?.length, 1);
      assert.is((await get(`${url}readyz`)).status, 200);
    }),
  ));

test('with --reconcile it mends what is safe, says who must be restarted, and sees the restart', () =>
  withAppliedHomes(async ({ is7, options }) => {
    await pretendToRun(is7);
    await withWatch([...FAST, '--reconcile', ...options], async ({ url, until }) => {
      await until(/look 1/);
      await edit(is7, withoutLegacyMode);
      await until(/mended +deployment-toml\/is7/);
      await until(/restart +WSO2 Identity Server 7: it is running/);
      assert.match(await readFile(deploymentToml(is7), 'utf8'), 'legacy_mode = true');
      assert.match((await get(url)).text, 'Restart needed');
      await sleep(20);
      await pretendToRun(is7);
      await until(/restarted +WSO2 Identity Server 7/);
    });
  }));

test('what is not safe is left, with the reason, and so is deployment.toml that would name it', () =>
  withAppliedHomes(async ({ is7, folder, options }) => {
    const config = join(folder, 'km.toml');
    await writeFile(config, '[tls]\ngenerate = true\n');
    const before = await readFile(deploymentToml(is7), 'utf8');
    const words = ['--interval', '1s', '--only', 'deployment-toml/is7', '--only', 'tls/is7'];
    await withWatch([...words, '--reconcile', '--config', config, '--json', ...options], async ({ said, until }) => {
      await until(/"type":"look"/);
      const lines = said().trim().split('\n');
      const steps = lines.map((line) => JSON.parse(line) as Record<string, string>).filter(({ step }) => step);
      assert.equal(
        steps.map(({ step, state }) => [step, state]),
        [
          ['deployment-toml/is7', 'drift'],
          ['tls/is7', 'drift'],
        ],
      );
      assert.match(steps[0]?.['leftAlone'] ?? '', 'tls/is7');
      assert.match(steps[1]?.['leftAlone'] ?? '', 'does not trust yet');
      assert.is(await readFile(deploymentToml(is7), 'utf8'), before);
    });
    await withWatch([...FAST, '--reconcile', '--config', config, ...options], async ({ until }) => {
      await until(/drift +deployment-toml\/is7: .*left alone: it may name what tls\/is7/);
      assert.is(await readFile(deploymentToml(is7), 'utf8'), before);
    });
  }));

test('a home that vanishes is a failure that is reported, and forgotten when it is back', () =>
  withAppliedHomes(({ is7, options }) =>
    withWatch([...FAST, ...options], async ({ url, until }) => {
      await until(/look 1/);
      await rename(is7, `${is7}.away`);
      await until(/failed +HOME_NOT_FOUND/);
      assert.is((await get(`${url}readyz`)).status, 503);
      assert.is((await get(`${url}healthz`)).status, 200);
      await rename(`${is7}.away`, is7);
      await until(/look 1: .*\n(.*\n)*.*look \d+: 2 in sync/);
      assert.is((await get(`${url}readyz`)).status, 200);
    }),
  ));

test('a signal ends it within a second, also in the middle of a look, and no lock stays', () =>
  withAppliedHomes(async ({ is7, apim, options }) => {
    await withWatch([...FAST, ...options], async ({ until, stop }) => {
      await until(/look 1/);
      assertEnded(await stop('SIGINT'), 130);
    });
    await edit(is7, withoutLegacyMode);
    await withWatch(['--reconcile', ...options], async ({ stop }) => {
      await sleep(400);
      assertEnded(await stop('SIGTERM'), 143);
    });
    for (const home of [is7, apim]) assert.not.ok((await readdir(home)).includes('.km-bootstrap.lock'), home);
  }));

function assertEnded({ exitCode, tookMs }: { exitCode: number | undefined; tookMs: number }, expected: number): void {
  assert.is(exitCode, expected);
  assert.ok(tookMs < patient(5_000), `it took ${tookMs} ms`);
}

const WRONG: readonly [title: string, words: readonly string[], exitCode: number, pattern: RegExp][] = [
  ['an address of another machine', ['--listen', '192.0.2.1:9095'], 78, /LISTEN_REFUSED/],
  ['a step that is not there', ['--only', 'trust/x'], 64, /USAGE/],
  ['an interval that is none', ['--interval', 'often'], 78, /CONFIG_INVALID/],
];

test('a mounted secret that is not there, and a configuration file that is none, are reported, and it stays and finds them mended', () =>
  withAppliedHomes(async ({ options }) =>
    withTempFolder(async (folder) => {
      const [secret, settings] = [join(folder, 'password'), join(folder, 'km.toml')];
      await writeFile(settings, '[watch');
      const words = [...FAST, '--config', settings, ...options];
      await withWatch(
        words,
        async ({ url, until, stop }) => {
          await until(/CONFIG_FILE_INVALID/);
          assert.is((await get(`${url}healthz`)).status, 200);
          assert.is((await get(`${url}readyz`)).status, 503);
          await writeFile(settings, '');
          await until(/CONFIG_INVALID.*KMB_APIM_PASSWORD_FILE.*ENOENT/);
          const { status, text } = await get(`${url}readyz`);
          assert.is(status, 503);
          assert.match(text, 'cannot read');
          await writeFile(secret, 'admin');
          await until(/in sync/);
          assertEnded(await stop('SIGTERM'), 143);
        },
        { KMB_APIM_PASSWORD_FILE: secret },
      );
    }),
  ));

test('what is wrong at the start ends it with its code, and so does a port in use', () =>
  withAppliedHomes(async (homes: Homes) => {
    for (const [title, words, exitCode, pattern] of WRONG) {
      const run = await km(['watch', ...words, ...homes.options]);
      assert.is(run.exitCode, exitCode, `${title}: ${run.stderr}`);
      assert.match(run.stderr, pattern, title);
    }
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const run = await km(['watch', '--listen', `127.0.0.1:${port}`, ...homes.options]);
    holder.close();
    assert.is(run.exitCode, 1, run.stderr);
    assert.match(run.stderr, /LISTEN_IN_USE/);
  }));

test.run();
