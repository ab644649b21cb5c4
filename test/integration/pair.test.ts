import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readServerToml, type ServerTomlValue, serverTomlJars } from '../../sandbox/server-toml.js';
import { startJvm } from '../../src/jvm/jvm.js';
import { Secret } from '../../src/secret.js';
import { readStore } from '../../src/trust/keystore/keystore.js';
import { km, withSandbox } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { freeOffset } from '../support/free-offset.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { setOffset } from '../support/set-offset.js';
import { withTempFolder } from '../support/temp-folder.js';

const jvm = startJvm(serverTomlJars());

const ME_RULE = {
  context: '(.*)/scim2/Me',
  secure: true,
  http_method: 'GET',
  cross_tenant: true,
  permissions: [],
  scopes: [],
};

interface Pair {
  readonly is7: string;
  readonly apim: string;
  readonly stores: Readonly<Record<'is7' | 'apim', { readonly truststore: string; readonly keystore: string }>>;
  readonly options: readonly string[];
}

const PAIRS: readonly Pair[] = [
  { is7: '7.0', apim: '4.3', stores: { is7: stores('jks'), apim: stores('jks') }, options: [] },
  { is7: '7.2', apim: '4.5', stores: { is7: stores('p12'), apim: stores('jks') }, options: [] },
  { is7: '7.3', apim: '4.7', stores: { is7: stores('p12'), apim: stores('jks') }, options: [] },
  { is7: '7.2', apim: '4.3', stores: { is7: stores('p12'), apim: stores('jks') }, options: ['--expired-certs'] },
];

function stores(extension: string) {
  return { truststore: `client-truststore.${extension}`, keystore: `wso2carbon.${extension}` };
}

for (const pair of PAIRS) {
  const title = `IS ${pair.is7} and API Manager ${pair.apim} ${pair.options.join(' ')}`.trim();
  test(`${title}: two homes become a working pair, and a second run changes nothing`, () =>
    withTempFolder(async (folder) => becomesWorkingPair(pair, folder, await freeOffset())));
}

async function becomesWorkingPair(pair: Pair, folder: string, offset: number): Promise<void> {
  const options = ['--is7-version', pair.is7, '--apim-version', pair.apim, ...pair.options];
  const sandbox = ['--dir', folder, ...options];
  await makeSandboxHomes(folder, options);
  const is7 = join(folder, `wso2is-${pair.is7}.0`);
  const apim = join(folder, `wso2am-${pair.apim}.0`);
  await setOffset(is7, String(offset));
  await setOffset(apim, String(offset));
  const before = { is7: await look(is7, pair.stores.is7), apim: await look(apim, pair.stores.apim) };
  const homes = ['--is7-home', is7, '--apim-home', apim];
  const run = async (exitCode: number, ...words: string[]) => {
    const done = await km([...words, ...homes]);
    assert.is(done.exitCode, exitCode, `${words.join(' ')}:\n${done.stdout}\n${done.stderr}`);
    return done;
  };

  const planned = await run(2, 'plan');
  assert.match(planned.stdout, `both servers would answer on localhost:${9443 + offset}`);
  await run(0, 'apply', '--phase', 'offline');
  const once = await snapshot(folder);
  await run(0, 'apply', '--phase', 'offline');
  assert.equal(await snapshot(folder), once, 'the second apply touched a file');

  const after = { is7: await look(is7, pair.stores.is7), apim: await look(apim, pair.stores.apim) };
  assert.equal(after.apim.keys, before.apim.keys);
  assert.equal(after.is7.keys, { ...before.is7.keys, ...recipeKeys(offset + 1) });
  assert.equal(after.apim.trusted, { ...before.apim.trusted, wso2is: before.is7.own });
  assert.equal(after.is7.trusted, { ...before.is7.trusted, wso2apim: before.apim.own });

  const said = await withSandbox(sandbox, async () => {
    await run(0, 'apply');
    const verified = await run(0, 'verify', '--json');
    await run(0, 'plan');
    assert.is(verified.stdout.includes('CERT_EXPIRED_PINNED'), pair.options.length > 0);
  });
  assert.match(said, /stand-ins/);
}

/** What the recipe adds to IS 7's deployment.toml, as the servers' own parser reads it. */
function recipeKeys(offset: number): Record<string, ServerTomlValue> {
  return {
    'oauth.global_rbac_scope_issuer.enable': true,
    'oauth.global_scope_validators.role_based_scope_issuer.enable': true,
    'resource.access_control': [ME_RULE],
    'server.legacy_mode': true,
    'server.offset': offset,
  };
}

function deploymentToml(home: string): string {
  return join(home, 'repository', 'conf', 'deployment.toml');
}

/** Keys as the server sees them, alias → SHA-256 of the truststore, and the SHA-256 of the server's own certificate. */
async function look(home: string, { truststore, keystore }: Pair['stores']['is7']) {
  const keys = Object.fromEntries(readServerToml(jvm, await readFile(deploymentToml(home), 'utf8')));
  const open = (name: string) =>
    readStore({ path: join(home, 'repository', 'resources', 'security', name), password: new Secret('wso2carbon') });
  const trusted = Object.fromEntries((await open(truststore)).entries.map(({ alias, sha256 }) => [alias, sha256]));
  const own = (await open(keystore)).entries.find(({ alias }) => alias === 'wso2carbon')?.sha256;
  return { keys, trusted, own };
}

test.run();
