import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/secret.js';
import { readPeerIdentity } from '../../src/trust/certificate.js';
import { readStore } from '../../src/trust/keystore/keystore.js';
import { km, withSandbox } from '../support/cli.js';
import { snapshot } from '../support/converges.js';
import { freeOffset } from '../support/free-offset.js';
import { makeSandboxHomes } from '../support/sandbox-homes.js';
import { withTempFolder } from '../support/temp-folder.js';
import { selfSigned, testKey } from '../trust/self-signed.js';

type Id = 'is7' | 'apim';

const OFFSET = await freeOffset();
const PORT = { is7: 9443 + OFFSET + 1, apim: 9443 + OFFSET };
const RESOLVE = ['--resolve', 'is7=127.0.0.1', '--resolve', 'apim=127.0.0.1'];
const AUTHORITY = { commonName: 'Our CA' };
const PASSWORD = new Secret('wso2carbon');

interface Pods {
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
    await makeSandboxHomes(folder);
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
    await use({ folder, home, stores, secret, shared: { ...about('is7'), ...about('apim') }, own });
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

test('each pod with its own home and the other’s PEM does all of its server and nothing of the other, follows a renewed Secret, and both work together', () =>
  withPods(async (pods) => {
    const { home, stores, secret, shared, own } = pods;
    await refusesWithoutPeer(pods);
    for (const id of ['is7', 'apim'] as const)
      assert.equal([...stepsOf(await prepare(pods, id))].sort(), [...STEPS[id]].sort());
    const old = await fingerprintOf(secret.is7);

    for (const id of ['is7', 'apim'] as const) await writeFile(join(secret[id], 'tls.crt'), certificateFor(id));
    for (const id of ['is7', 'apim'] as const) {
      await prepare(pods, id);
      await holdsItsOwn(stores[id], secret[id]);
    }
    const once = await snapshot(home.is7);
    assert.is((await km(['apply', '--phase', 'offline'], { ...shared, ...own('is7') })).exitCode, 0);
    assert.equal(await snapshot(home.is7), once);
    const inApim = await fingerprintsIn(join(stores.apim, 'client-truststore.jks'));
    assert.ok(inApim.includes(old) && inApim.includes(await fingerprintOf(secret.is7)));
    assert.ok(
      (await fingerprintsIn(join(stores.is7, 'client-truststore.p12'))).includes(await fingerprintOf(secret.apim)),
    );

    await withSandbox(['--dir', pods.folder, ...RESOLVE], () => registersWithoutHomes(pods));
  }));

async function refusesWithoutPeer({ home, shared, own }: Pods): Promise<void> {
  const { KMB_IS7_CERTIFICATE: _, ...incomplete } = shared;
  const before = await snapshot(home.apim);
  const { exitCode, stdout, stderr } = await km(['apply', '--phase', 'offline'], { ...incomplete, ...own('apim') });
  assert.is(exitCode, 78, stdout + stderr);
  assert.match(stderr, 'is7.certificate');
  assert.equal(await snapshot(home.apim), before);
}

/** The other's home is nowhere in this pod. */
async function prepare({ folder, home, shared, own }: Pods, id: Id): Promise<string> {
  const peer = id === 'is7' ? 'apim' : 'is7';
  await rename(home[peer], join(folder, 'elsewhere'));
  const { exitCode, stdout, stderr } = await km(['apply', '--phase', 'offline', '--json'], { ...shared, ...own(id) });
  await rename(join(folder, 'elsewhere'), home[peer]);
  assert.is(exitCode, 0, stdout + stderr);
  return stdout;
}

/** Names, certificates and accounts are all that the Job is told. */
async function registersWithoutHomes({ shared }: Pods): Promise<void> {
  const accounts = ['IS7', 'APIM'].flatMap((id) => [`KMB_${id}_USERNAME`, `KMB_${id}_PASSWORD`]);
  const job = { ...shared, ...Object.fromEntries(accounts.map((name) => [name, 'admin'])) };
  for (const command of ['apply', 'verify']) {
    const { exitCode, stdout, stderr } = await km([command, '--phase', 'online', '--json', ...RESOLVE], job);
    assert.is(exitCode, 0, stdout + stderr);
    assert.equal(stepsOf(stdout), ['health/is7', 'health/apim', 'key-manager/WSO2-IS-7']);
  }
}

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

async function fingerprintsIn(path: string): Promise<readonly string[]> {
  const { entries } = await readStore({ path, password: PASSWORD });
  return entries.map(({ sha256 }) => sha256);
}

function stepsOf(stdout: string): readonly string[] {
  const lines = stdout.split('\n').map((line) => JSON.parse(line) as { type: string; step: string });
  return lines.filter(({ type }) => type === 'step').map(({ step }) => step);
}

test.run();
