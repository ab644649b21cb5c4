import { X509Certificate } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHome } from '../../sandbox/home/create-home.js';
import type { Server } from '../../sandbox/home/releases.js';
import { type HomeToLoad, type LoadedHome, loadHome } from '../../sandbox/loaded-home.js';
import { sandboxJars } from '../../sandbox/sandbox.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { withTempFolder } from '../support/temp-folder.js';
import { refusal } from './refusal.js';

const jvm = startJvm(sandboxJars());
const folder = await mkdtemp(join(tmpdir(), 'km bootstrap-'));
const made = new Map<Server, Promise<unknown>>();
test.after(() => rm(folder, { recursive: true }));

/** Loads a copy of a home in whose deployment.toml `[from, to]` was replaced. */
async function load(
  server: Server,
  [from, to]: readonly [string, string],
  more: Partial<HomeToLoad> = {},
): Promise<LoadedHome> {
  const home = join(folder, server);
  const version = server === 'is7' ? '7.0' : '4.5';
  if (!made.has(server)) made.set(server, createHome({ server, version, folder: home, certificates: 'valid', jvm }));
  await made.get(server);
  return withTempFolder(async (copy) => {
    await cp(home, copy, { recursive: true });
    const toml = join(copy, 'repository', 'conf', 'deployment.toml');
    const text = await readFile(toml, 'utf8');
    assert.ok(text.includes(from), `${from} is not in deployment.toml`);
    await writeFile(toml, text.replace(from, to));
    return await loadHome(jvm, { server, folder: copy, ...more });
  });
}

const AS_IT_IS = ['[server]', '[server]'] as const;

test('a new home of IS 7 is loaded with its ports, account, certificate and trust', async () => {
  const home = await load('is7', AS_IT_IS);
  assert.is(home.version, '7.0');
  assert.is(home.host, 'localhost');
  assert.equal([home.httpsPort, home.httpPort], [9443, 9763]);
  assert.equal([home.admin.username, home.admin.password.reveal()], ['admin', 'admin']);
  assert.match(new X509Certificate(home.tls.cert).subject, 'CN=localhost');
  assert.match(home.tls.key, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.equal(home.signing, home.tls);
  assert.ok(home.trusted.includes(home.tls.cert));
  assert.is(home.toml.get('server.base_path'), 'https://localhost:${carbon.management.port}');
});

test('API Manager has no [truststore] and no primary keystore in its deployment.toml, and finds both', async () => {
  const home = await load('apim', AS_IT_IS);
  assert.is(home.version, '4.5');
  assert.ok(home.trusted.includes(home.tls.cert));
  assert.equal(home.signing, home.tls);
});

for (const [title, offset, more, port] of [
  ['an integer', 'offset = 3', {}, 9446],
  ['a quoted string', 'offset = "3"', {}, 9446],
  ['-DportOffset, which replaces it', 'offset = 3', { portOffset: 5 }, 9448],
  ['-DportOffset 0', 'offset = 3', { portOffset: 0 }, 9443],
  ['a variable', 'offset = "$env{OFFSET}"', { environment: { OFFSET: '7' } }, 9450],
] as const) {
  test(`the offset comes from ${title}`, async () => {
    assert.is((await load('is7', ['[server]', `[server]\n${offset}`], more)).httpsPort, port);
  });
}

test('a reference to a default of the real server only is left alone', async () => {
  const home = await load('is7', ['node_ip = "127.0.0.1"', 'node_ip = "$ref{transport.https.port}"']);
  assert.is(home.toml.get('server.node_ip'), '$ref{transport.https.port}');
});

for (const [title, server, change, code, message] of [
  [
    'a table after its sub-table',
    'apim',
    ['[oauth.grant_type', '[oauth.a]\nb = 1\n[oauth]\nc = 1\n[oauth.grant_type'],
    'TOML_INVALID',
    'StackOverflowError',
  ],
  ['a table given twice', 'is7', ['[truststore]', '[server]\na = 1\n[truststore]'], 'TOML_INVALID', 'server'],
  ['a variable that is not set', 'is7', ['"localhost"', '"$env{NO_HOST}"'], 'SANDBOX_FAILED', 'NO_HOST'],
  ['an offset that is no number', 'is7', ['[server]', '[server]\noffset = "one"'], 'SANDBOX_FAILED', '"one"'],
  ['an offset beyond the last port', 'is7', ['[server]', '[server]\noffset = 60000'], 'SANDBOX_FAILED', '60000'],
  ['a store that is not there', 'is7', ['client-truststore.jks', 'none.jks'], 'SANDBOX_FAILED', 'none.jks'],
  [
    'a store with another password',
    'is7',
    ['password="wso2carbon"', 'password="not-it"'],
    'SANDBOX_FAILED',
    'password was incorrect',
  ],
  ['an alias that is not there', 'apim', ['alias =  "wso2carbon"', 'alias =  "none"'], 'SANDBOX_FAILED', 'alias none'],
] as const) {
  test(`a home with ${title} does not start`, async () => {
    const error = await refusal(load(server, change));
    assert.is(error.code, code);
    assert.match(error.message, message);
    assert.not.match(error.message, /not-it|\n\tat /);
  });
}

test.run();
