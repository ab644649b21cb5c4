import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/config/secret.js';
import { readPeerIdentity } from '../../src/trust/certificate.js';
import { readStore } from '../../src/trust/keystore.js';
import { km, withSandbox } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import { selfSigned, testKey } from '../trust/self-signed.js';

type Id = 'is7' | 'apim';

const OFFSET = 12_000 + ((process.pid * 8) % 20_000);
const PORT = { is7: 9443 + OFFSET + 1, apim: 9443 + OFFSET };
const RESOLVE = ['--resolve', 'is7=127.0.0.1', '--resolve', 'apim=127.0.0.1'];
const AUTHORITY = { commonName: 'Our CA' };
const PASSWORD = new Secret('wso2carbon');

interface Pods {
  readonly sandbox: readonly string[];
  readonly folder: string;
  readonly home: Readonly<Record<Id, string>>;
  readonly stores: Readonly<Record<Id, string>>;
  /** Secrets as cert-manager writes them, mounted. */
  readonly secret: Readonly<Record<Id, string>>;
  /** What every pod is told by km-bootstrap.toml. */
  readonly shared: Readonly<Record<string, string>>;
  /** What one pod is told besides, about its own home. */
  own(id: Id): Readonly<Record<string, string>>;
}

/** Two homes that never meet: each pod has its own, its own Secret, and the other's certificate. */
function withPods(use: (pods: Pods) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const sandbox = ['--dir', folder, '--is7-version', '7.2', '--apim-version', '4.5'];
    assert.is((await km(['sandbox', ...sandbox, '--create-only'])).exitCode, 0);
    const home = { is7: join(folder, 'wso2is-7.2.0'), apim: join(folder, 'wso2am-4.5.0') };
    const stores = { is7: storesOf(home.is7), apim: storesOf(home.apim) };
    const secret = { is7: join(folder, 'is7-tls'), apim: join(folder, 'apim-tls') };
    for (const id of ['is7', 'apim'] as const) await mountSecret(secret[id], id);
    const about = (id: Id) => ({
      [`KMB_${id.toUpperCase()}_URL`]: `https://${id}:${PORT[id]}`,
      [`KMB_${id.toUpperCase()}_HOSTNAME`]: id,
      [`KMB_${id.toUpperCase()}_OFFSET`]: String(PORT[id] - 9443),
      [`KMB_${id.toUpperCase()}_CERTIFICATE`]: join(secret[id], 'tls.crt'),
    });
    const own = (id: Id) => ({
      [`KMB_${id.toUpperCase()}_HOME`]: home[id],
      [`KMB_TLS_${id.toUpperCase()}_CERTIFICATE`]: join(secret[id], 'tls.crt'),
      [`KMB_TLS_${id.toUpperCase()}_KEY`]: join(secret[id], 'tls.key'),
      [`KMB_TLS_${id.toUpperCase()}_CHAIN`]: join(secret[id], 'ca.crt'),
    });
    await use({ sandbox, folder, home, stores, secret, shared: { ...about('is7'), ...about('apim') }, own });
  });
}

/** tls.crt, tls.key and ca.crt, as cert-manager writes them. */
async function mountSecret(folder: string, name: string): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'tls.crt'), certificateFor(name));
  await writeFile(join(folder, 'tls.key'), testKey(), { mode: 0o440 });
  await writeFile(join(folder, 'ca.crt'), selfSigned(AUTHORITY));
}

/** A new one at each call, for the Service's name, by an authority that nobody knows. */
function certificateFor(name: string): string {
  return selfSigned({ commonName: name, dnsNames: [name, 'localhost'], authority: AUTHORITY });
}

function storesOf(home: string): string {
  return join(home, 'repository', 'resources', 'security');
}

const STEPS: Readonly<Record<Id, readonly string[]>> = {
  is7: ['deployment-toml/is7', 'tls/is7', 'tls/is7-pem', 'trust/is7', 'trust/is7-self', 'database/consumer-key'],
  apim: ['deployment-toml/apim', 'tls/apim', 'tls/apim-pem', 'trust/apim', 'trust/apim-self'],
};

test('each pod with its own home and the other’s PEM does all of its server and nothing of the other; together they work', () =>
  withPods(async ({ sandbox, folder, home, stores, secret, shared, own }) => {
    for (const id of ['is7', 'apim'] as const) {
      // The other's home is nowhere in this pod.
      const peer = id === 'is7' ? 'apim' : 'is7';
      await rename(home[peer], join(folder, 'elsewhere'));
      const run = await km(['apply', '--phase', 'offline', '--json'], { ...shared, ...own(id) });
      assert.is(run.exitCode, 0, run.stdout + run.stderr);
      const once = await snapshot(home[id]);
      assert.is((await km(['apply', '--phase', 'offline'], { ...shared, ...own(id) })).exitCode, 0);
      assert.equal(await snapshot(home[id]), once);
      await rename(join(folder, 'elsewhere'), home[peer]);
      assert.equal([...stepsOf(run.stdout)].sort(), [...STEPS[id]].sort());
      await holdsItsOwn(stores[id], secret[id]);
    }
    assert.is(await aliasOf(secret.apim, join(stores.is7, 'client-truststore.p12')), 'wso2apim');
    assert.is(await aliasOf(secret.is7, join(stores.apim, 'client-truststore.jks')), 'wso2is');

    await withSandbox([...sandbox, ...RESOLVE], async () => {
      // The Job has neither home: names, certificates and accounts are all it is told.
      const account = {
        KMB_IS7_USERNAME: 'admin',
        KMB_IS7_PASSWORD: 'admin',
        KMB_APIM_USERNAME: 'admin',
        KMB_APIM_PASSWORD: 'admin',
      };
      const job = { ...shared, ...account };
      for (const words of [
        ['apply', '--phase', 'online', '--json'],
        ['verify', '--phase', 'online'],
      ]) {
        const run = await km([...words, ...RESOLVE], job);
        assert.is(run.exitCode, 0, run.stdout + run.stderr);
        if (words.includes('--json'))
          assert.equal(stepsOf(run.stdout), ['health/is7', 'health/apim', 'key-manager/WSO2-IS-7']);
      }
    });
  }));

test('a Secret that was renewed is presented by its server, and trusted beside the old one by the other; without any, the setting is named', () =>
  withPods(async ({ home, secret, stores, shared, own }) => {
    const { KMB_IS7_CERTIFICATE: _, ...incomplete } = shared;
    const before = await snapshot(home.apim);
    const refused = await km(['apply', '--phase', 'offline'], { ...incomplete, ...own('apim') });
    assert.is(refused.exitCode, 78, refused.stdout + refused.stderr);
    assert.match(refused.stderr, 'is7.certificate');
    assert.equal(await snapshot(home.apim), before);

    const prepare = () => km(['apply', '--phase', 'offline'], { ...shared, ...own('apim') });
    assert.is((await prepare()).exitCode, 0);
    const old = await fingerprintOf(secret.is7);
    for (const id of ['is7', 'apim'] as const) await writeFile(join(secret[id], 'tls.crt'), certificateFor(id));
    assert.is((await prepare()).exitCode, 0);
    await holdsItsOwn(stores.apim, secret.apim);
    const { entries } = await readStore({ path: join(stores.apim, 'client-truststore.jks'), password: PASSWORD });
    const trusted = entries.map(({ sha256 }) => sha256);
    assert.ok(trusted.includes(old) && trusted.includes(await fingerprintOf(secret.is7)));
  }));

/** Keystore and PEM file hold the certificate of the Secret; the private key is in the keystore alone. */
async function holdsItsOwn(stores: string, secret: string): Promise<void> {
  const store = { path: join(stores, 'km-bootstrap-tls.p12'), password: PASSWORD };
  const { certificate } = await readPeerIdentity({ store, keyPassword: PASSWORD });
  assert.is(certificate.fingerprint256, await fingerprintOf(secret));
  const published = await readFile(join(stores, 'km-bootstrap-tls.pem'), 'utf8');
  assert.ok(published.startsWith(certificate.toString()));
  assert.not.match(published, 'PRIVATE KEY');
}

async function fingerprintOf(secret: string): Promise<string> {
  return (await readPeerIdentity({ pemFile: join(secret, 'tls.crt') })).certificate.fingerprint256;
}

async function aliasOf(secret: string, path: string): Promise<string | undefined> {
  const wanted = await fingerprintOf(secret);
  const { entries } = await readStore({ path, password: PASSWORD });
  return entries.find(({ sha256 }) => sha256 === wanted)?.alias;
}

function stepsOf(stdout: string): readonly string[] {
  const lines = stdout.split('\n').map((line) => JSON.parse(line) as { type: string; step: string });
  return lines.filter(({ type }) => type === 'step').map(({ step }) => step);
}

test.run();
