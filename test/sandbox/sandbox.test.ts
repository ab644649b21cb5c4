import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadHome } from '../../sandbox/loaded-home.js';
import { runSandbox, type SandboxOptions, sandboxJars } from '../../sandbox/sandbox.js';
import { basicAuth, createHttpClient, type HttpReply, type HttpRequest } from '../../src/http/client.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { javaLibrary } from '../../src/jvm/libraries.js';
import { Secret } from '../../src/secret.js';
import { snapshot } from '../support/converges.js';
import { freeOffset } from '../support/free-offset.js';
import { setOffset } from '../support/set-offset.js';
import { withTempFolder } from '../support/temp-folder.js';
import { refusal } from './refusal.js';

const FIRST_PORT = 9443;
const GATEWAY_PORT = 8243;
const IS7 = 'wso2is-7.0.0';
const APIM = 'wso2am-4.3.0';

/** The homes of several tests; whichever runs first makes them. */
const shared = await mkdtemp(join(tmpdir(), 'km bootstrap-'));
test.after(() => rm(shared, { recursive: true }));

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

test('both servers answer over their own certificates and leave pid files of the real size', async () => {
  await served(await optionsFor(shared), async (urls) => {
    const url = `${urls.is7}/oauth2/token/.well-known/openid-configuration`;
    const discovery = await request(shared, { method: 'GET', url });
    assert.is(JSON.parse(discovery.text).issuer, `${urls.is7}/oauth2/token`);
    assert.match((await request(shared, { method: 'GET', url: `${urls.apim}/services/Version` })).text, '4.3.0');
  });
  const pid = await readFile(join(shared, APIM, 'wso2carbon.pid'));
  assert.is(pid.toString('latin1'), `${process.pid}\n`.padEnd(100, '\0'));
});

test('the database is held until the sandbox stops, and what was registered survives a restart', async () => {
  const options = await optionsFor(shared);
  const lines = await served(options, async (urls) => {
    assert.is((await register(shared, urls.is7)).status, 201);
    assert.ok(await isDatabaseHeld(shared));
  });
  assert.equal(lines.slice(-2), ['press Ctrl-C to stop', 'stopped']);
  assert.not(await isDatabaseHeld(shared));
  await served(options, async (urls) => {
    assert.is((await register(shared, urls.is7)).status, 400, 'the client name is taken since the first run');
  });
});

test('one server alone needs only its own home', () =>
  withTempFolder(async (dir) => {
    const lines = await served({ ...(await optionsFor(dir)), serve: ['is7'] }, async () => {});
    assert.is(lines.filter((line) => line.includes('listens on')).length, 1);
    assert.equal(await readdir(dir), [IS7]);
  }));

test('two servers on one port are refused in words', async () => {
  const options = await optionsFor(shared);
  const error = await refusal(linesOf({ ...options, apimOffset: options.is7Offset ?? 0 }));
  assert.is(error.code, 'PORT_CLASH');
  assert.match(error.hint, '--is7-offset');
});

test('a port that is taken is named, and what had started is closed again', async () => {
  const other = await listenOn(0);
  try {
    const { port } = other.address() as AddressInfo;
    const error = await refusal(linesOf({ ...(await optionsFor(shared)), apimOffset: port - FIRST_PORT }));
    assert.is(error.code, 'SANDBOX_FAILED');
    assert.match(error.message, String(port));
    assert.not(await isDatabaseHeld(shared));
  } finally {
    other.close();
  }
});

test('taken ports that nobody asked for are passed over, which is said; one server alone stays where it is', async () => {
  const { is7Offset: _, apimOffset: __, ...options } = await optionsFor(shared);
  const offset = await freeOffset();
  await setOffset(join(shared, IS7), offset + 1);
  await setOffset(join(shared, APIM), offset);
  const others = await Promise.all([FIRST_PORT, GATEWAY_PORT + 2].map((port) => listenOn(port + offset)));
  try {
    const lines = await served(options, async (urls) => {
      assert.equal(urls, { is7: urlAt(offset + 1), apim: urlAt(offset + 3) });
    });
    const said = lines.filter((line) => /taken|KMB_/.test(line));
    assert.equal(said, [
      `a port of API Manager, from ${FIRST_PORT + offset} on, is taken: it gets the next that are free`,
      `tell km-bootstrap so: KMB_APIM_OFFSET=${offset + 3}`,
    ]);
    assert.is((await refusal(linesOf({ ...options, serve: ['apim'] }))).code, 'SANDBOX_FAILED');
  } finally {
    for (const other of others) other.close();
  }
});

test('a stop before anything was made leaves nothing', () =>
  withTempFolder(async (dir) => {
    await runSandbox(await optionsFor(dir), { signal: AbortSignal.abort(), say: () => {} });
    assert.equal(await readdir(dir), []);
  }));

async function optionsFor(dir: string): Promise<SandboxOptions> {
  const apimOffset = await freeOffset();
  const is7Offset = apimOffset + 1;
  return {
    dir,
    is7Version: '7.0',
    apimVersion: '4.3',
    is7Offset,
    apimOffset,
    serve: ['is7', 'apim'],
    certificates: 'valid',
    tenants: [],
  };
}

async function listenOn(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return server;
}

function urlAt(offset: number): string {
  return `https://localhost:${FIRST_PORT + offset}`;
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
  let inUse: Promise<void> | undefined;
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
      inUse = use({ is7: url('Identity Server'), apim: url('API Manager') }).finally(() => stop.abort());
    },
  });
  await inUse;
  return lines;
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

/** Asked in a process of its own: the one that holds a database may open it again. */
async function isDatabaseHeld(dir: string): Promise<boolean> {
  const url = `jdbc:h2:${join(dir, IS7, 'repository', 'database', 'WSO2IDENTITY_DB')};IFEXISTS=TRUE;TRACE_LEVEL_FILE=0`;
  const shell = ['-cp', javaLibrary('h2-2.2.224.jar'), 'org.h2.tools.Shell', '-url', url];
  const account = ['-user', 'wso2carbon', '-password', 'wso2carbon', '-sql', 'SELECT 1'];
  const { exitCode, all } = await execa('java', [...shell, ...account], { reject: false, all: true });
  assert.ok(exitCode === 0 || all.includes('90020'), all);
  return exitCode !== 0;
}

test.run();
