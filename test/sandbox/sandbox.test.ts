import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/config/secret.js';
import type { BootstrapError } from '../../src/errors.js';
import { basicAuth, createHttpClient, type HttpReply, type HttpRequest } from '../../src/http/client.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { openIdentityDatabase } from '../../src/sandbox/identity-database.js';
import { loadHome } from '../../src/sandbox/loaded-home.js';
import { runSandbox, type SandboxOptions, sandboxJars } from '../../src/sandbox/sandbox.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';

const FIRST_PORT = 9443;
const IS7 = 'wso2is-7.0.0';
const APIM = 'wso2am-4.3.0';

test('homes are made and nothing is served when no server is to be served; a second run leaves them alone', () =>
  withTempFolder(async (dir) => {
    const options = { ...(await optionsFor(dir)), serve: [] };
    const first = await linesOf(options);
    assert.match(first[0] ?? '', 'stand-ins');
    assert.equal(first.slice(1), [`made ${join(dir, IS7)}`, `made ${join(dir, APIM)}`]);
    assert.equal((await readdir(dir)).sort(), [APIM, IS7]);
    const before = await snapshot(dir);
    const second = await linesOf(options);
    assert.equal(second.slice(1), [
      `found ${join(dir, IS7)}, used as it is`,
      `found ${join(dir, APIM)}, used as it is`,
    ]);
    assert.equal(await snapshot(dir), before);
  }));

test('both servers answer over their own certificates, hold the database, stop cleanly, and keep their state over a restart', () =>
  withTempFolder(async (dir) => {
    const options = await optionsFor(dir);
    const lines = await served(options, async (urls) => {
      const discovery = await request(dir, {
        method: 'GET',
        url: `${urls.is7}/oauth2/token/.well-known/openid-configuration`,
      });
      assert.is(JSON.parse(discovery.text).issuer, `${urls.is7}/oauth2/token`);
      assert.match((await request(dir, { method: 'GET', url: `${urls.apim}/services/Version` })).text, '4.3.0');
      assert.is((await register(dir, urls.is7)).status, 201);
      assert.throws(
        () => openDatabase(dir),
        (error: BootstrapError) => error.code === 'DATABASE_IN_USE',
      );
      const pid = await readFile(join(dir, IS7, 'wso2carbon.pid'));
      assert.is(pid.toString('latin1'), `${process.pid}\n`.padEnd(100, '\0'));
    });
    assert.is(lines.at(-2), 'press Ctrl-C to stop');
    assert.is(lines.at(-1), 'stopped');
    assert.ok(existsSync(join(dir, APIM, 'wso2carbon.pid')), 'a real server leaves its pid file behind');
    openDatabase(dir).close();
    await served(options, async (urls) => {
      assert.is((await register(dir, urls.is7)).status, 400, 'the client name is taken since the first run');
    });
  }));

test('one server alone needs only its own home', () =>
  withTempFolder(async (dir) => {
    const lines = await served({ ...(await optionsFor(dir)), serve: ['is7'] }, async () => {});
    assert.is(lines.filter((line) => line.includes('listens on')).length, 1);
    assert.equal(await readdir(dir), [IS7]);
  }));

test('two servers on one port are refused in words', () =>
  withTempFolder(async (dir) => {
    const options = await optionsFor(dir);
    const error = await refusal({ ...options, apimOffset: options.is7Offset ?? 0 });
    assert.is(error.code, 'PORT_CLASH');
    assert.match(error.hint, '--is7-offset');
  }));

test('a port that is taken is named, and what had started is closed again', () =>
  withTempFolder(async (dir) => {
    const other = createServer().listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => other.once('listening', resolve));
      const { port } = other.address() as AddressInfo;
      const error = await refusal({ ...(await optionsFor(dir)), apimOffset: port - FIRST_PORT });
      assert.is(error.code, 'SANDBOX_FAILED');
      assert.match(error.message, String(port));
      openDatabase(dir).close();
    } finally {
      other.close();
    }
  }));

test('a stop before anything was made leaves nothing', () =>
  withTempFolder(async (dir) => {
    await runSandbox(await optionsFor(dir), { signal: AbortSignal.abort(), say: () => {} });
    assert.equal(await readdir(dir), []);
  }));

async function optionsFor(dir: string): Promise<SandboxOptions> {
  const [is7Offset, apimOffset] = [await freeOffset(), await freeOffset()];
  return {
    dir,
    is7Version: '7.0',
    apimVersion: '4.3',
    is7Offset,
    apimOffset,
    serve: ['is7', 'apim'],
    certificates: 'valid',
  };
}

async function freeOffset(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port - FIRST_PORT;
}

async function linesOf(options: SandboxOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  await runSandbox(options, { signal: new AbortController().signal, say: (line) => lines.push(line) });
  return lines;
}

/** Runs the sandbox until `use` has ended; gives what it said. */
async function served(
  options: SandboxOptions,
  use: (urls: { readonly is7: string; readonly apim: string }) => Promise<void>,
): Promise<readonly string[]> {
  const stop = new AbortController();
  const lines: string[] = [];
  let use_: Promise<void> | undefined;
  const url = (title: string) =>
    lines
      .find((line) => line.startsWith(`${title} `))
      ?.split(' ')
      .at(-1) ?? '';
  await runSandbox(options, {
    signal: stop.signal,
    say(line) {
      lines.push(line);
      if (!line.startsWith('press')) return;
      use_ = use({ is7: url('Identity Server'), apim: url('API Manager') }).finally(() => stop.abort());
    },
  });
  await use_;
  return lines;
}

async function refusal(options: SandboxOptions): Promise<BootstrapError> {
  try {
    await linesOf(options);
  } catch (error) {
    return error as BootstrapError;
  }
  throw new Error('it was not refused');
}

/** Trusts the certificates in the two homes and nothing else. */
async function request(dir: string, content: Omit<HttpRequest, 'signal'>): Promise<HttpReply> {
  const jvm = startJvm(sandboxJars());
  const client = createHttpClient({
    async trust() {
      const homes = [
        await loadHome(jvm, { server: 'is7', folder: join(dir, IS7) }),
        await loadHome(jvm, { server: 'apim', folder: join(dir, APIM) }),
      ];
      return { ca: homes.map((home) => home.tls.cert), pinnedSha256: [] };
    },
  });
  try {
    return await client.send({ ...content, signal: new AbortController().signal });
  } finally {
    await client.close();
  }
}

function register(dir: string, is7: string): Promise<HttpReply> {
  return request(dir, {
    method: 'POST',
    url: `${is7}/api/identity/oauth2/dcr/v1.1/register`,
    headers: { authorization: basicAuth('admin', new Secret('admin')), 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'sandbox-test', grant_types: ['client_credentials'] }),
  });
}

function openDatabase(dir: string) {
  const file = join(dir, IS7, 'repository', 'database', 'WSO2IDENTITY_DB');
  return openIdentityDatabase(startJvm(sandboxJars()), file, {
    username: 'wso2carbon',
    password: new Secret('wso2carbon'),
  });
}

test.run();
