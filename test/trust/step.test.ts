import { existsSync } from 'node:fs';
import { chmod, mkdir, open, readdir, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import type { KeytoolOptions } from '../../src/jvm/keytool.js';
import type { Step } from '../../src/step/step.js';
import { readStore, type StoreFile } from '../../src/trust/keystore/keystore.js';
import type { TrustChange } from '../../src/trust/plan.js';
import { type TrustState, trustStep } from '../../src/trust/step.js';
import { converges, snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import { until } from '../support/until.js';
import { truststoreBytes } from './healthy-pair.js';
import { selfSigned } from './self-signed.js';
import { PASSWORD, storeBytes } from './stores.js';

const KEYTOOL: KeytoolOptions = { javaHome: process.env['JAVA_HOME'], path: process.env['PATH'] };

for (const encoding of ['jks', 'pkcs12', 'legacy', 'bare'] as const) {
  test(`the peer's certificate is imported, and everything else stays: ${encoding} in a .jks`, () =>
    withTempFolder(async (folder) => {
      const home = await homeIn(folder, await storeBytes(encoding));
      await chmod(home.truststore.path, 0o604);
      const before = await readStore(home.truststore);
      const summaries = await converges(home.step(), folder);
      const after = await readStore(home.truststore);
      assert.match(summaries.join(), /^import CN=is7 .* into the API Manager truststore as `wso2is`$/);
      assert.equal([after.format, after.protection], [before.format, before.protection]);
      assert.equal(addedTo(before.contents, after.contents), ['wso2is']);
      for (const [alias, date] of before.createdAtMs) assert.is(after.createdAtMs.get(alias), date, alias);
      assert.is((await stat(home.truststore.path)).mode & 0o777, 0o604);
      assert.equal((await readdir(home.folder)).sort(), ['client-truststore.jks', 'peer.pem']);
    }));
}

for (const encoding of ['jks', 'pkcs12', 'bare'] as const) {
  test(`a renewed certificate takes the place of the old one, which stays trusted until it expires: ${encoding}`, () =>
    withTempFolder(async (folder) => {
      const home = await homeIn(folder, await storeBytes(encoding));
      await writeFile(home.pemFile, selfSigned({ commonName: 'is7', notAfter: new Date('2090-01-01') }));
      await converges(home.step(), folder);
      const before = await readStore(home.truststore);
      await writeFile(home.pemFile, selfSigned({ commonName: 'renewed', notAfter: new Date('2095-01-01') }));
      const summaries = await converges(home.step(), folder);
      assert.match(summaries.join(), /^replace CN=is7 .* under `wso2is` .* by CN=renewed/);
      const after = await readStore(home.truststore);
      const [superseded = ''] = addedTo(before.contents, after.contents, 'wso2is');
      assert.match(superseded, /^wso2is-[0-9a-f]{8}$/);
      assert.is(after.contents.get(superseded), before.contents.get('wso2is'));
      const later = await converges(home.step(KEYTOOL, undefined, new Date('2091-01-01')), folder);
      assert.match(later.join(), /^remove the superseded CN=is7/);
      assert.equal([...(await readStore(home.truststore)).contents.keys()].sort(), ['some-ca', 'wso2carbon', 'wso2is']);
    }));
}

test('with an overlay the home stays as it is, and the overlay gets the whole store, readable for the server', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, truststoreBytes({ 'some-ca': selfSigned({ commonName: 'CA' }) }));
    const before = await snapshot(home.folder);
    const overlayPath = join(folder, 'overlay', 'repository', 'resources', 'security', 'client-truststore.jks');
    const step = () => home.step(KEYTOOL, home.truststore.path, new Date(), overlayPath);
    await converges(step(), join(folder, 'overlay'));
    assert.equal(await snapshot(home.folder), before);
    assert.equal([...(await readStore({ ...home.truststore, path: overlayPath })).contents.keys()].sort(), [
      'some-ca',
      'wso2is',
    ]);
    assert.is((await stat(overlayPath)).mode & 0o777, 0o644);
    await writeFile(home.pemFile, selfSigned({ commonName: 'renewed' }));
    await converges(step(), join(folder, 'overlay'));
    assert.equal(await readdir(join(folder, 'overlay', 'repository', 'resources', 'security')), [
      'client-truststore.jks',
    ]);
  }));

test('a link to a truststore stays a link', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, await storeBytes('jks'));
    await rename(home.truststore.path, join(folder, 'real.jks'));
    await symlink(join(folder, 'real.jks'), home.truststore.path);
    await converges(home.step(), folder);
    assert.ok((await readStore({ ...home.truststore, path: join(folder, 'real.jks') })).contents.has('wso2is'));
    assert.equal((await readdir(home.folder)).sort(), ['client-truststore.jks', 'peer.pem']);
  }));

test('an expired certificate is imported with a notice', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, await storeBytes('jks'));
    await writeFile(home.pemFile, selfSigned({ commonName: 'old', notAfter: new Date('2025-01-07') }));
    const state = await home.step().inspect(new AbortController().signal);
    assert.is(home.step().plan(state).length, 1);
    assert.equal(
      home
        .step()
        .notices?.(state)
        .map(({ code }) => code),
      ['CERT_EXPIRED', 'CERT_NO_SAN', 'STORE_HOLDS_KEY'],
    );
  }));

test('the days until the certificate expires are told, and both files are named for who follows them', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, truststoreBytes({ 'some-ca': selfSigned({ commonName: 'CA' }) }));
    await writeFile(home.pemFile, selfSigned({ commonName: 'is7', notAfter: new Date('2030-01-11') }));
    const { signal } = new AbortController();
    const step = home.step(KEYTOOL, home.truststore.path, new Date('2030-01-01'));
    assert.equal(step.files?.(), [home.truststore.path, home.pemFile]);
    const [gauge] = step.gauges?.(await step.inspect(signal)) ?? [];
    assert.equal([gauge?.name, gauge?.labels], ['certificate_expiry_days', { server: 'is7', alias: 'pem' }]);
    assert.is(Math.round(gauge?.value ?? 0), 10);
  }));

test('a truststore that is not there, or does not open, is told before anything is planned', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, Buffer.from('rubbish'));
    assert.is((await failureOf(home.step().inspect(new AbortController().signal))).code, 'STORE_UNREADABLE');
    await rename(home.truststore.path, join(folder, 'elsewhere'));
    const error = await failureOf(home.step().inspect(new AbortController().signal));
    assert.is(error.code, 'STORE_MISSING');
    assert.ok(error.message.includes(home.truststore.path));
  }));

const BAD_KEYTOOLS: readonly (readonly [string, string, RegExp])[] = [
  ['does nothing and says that all is well', 'exit 0', /other content under wso2is/],
  ['breaks the store', 'while [ "$1" != -keystore ]; do shift; done; echo x > "$2"', /is no keystore/],
  ['fails', 'echo "keytool error: java.io.IOException: no luck" ; exit 1', /no luck$/],
];

for (const [title, script, message] of BAD_KEYTOOLS) {
  test(`a keytool that ${title} leaves the store as it was, and no copy`, () =>
    withTempFolder(async (folder) => {
      const home = await homeIn(folder, await storeBytes('jks'));
      const step = home.step(await fakeKeytool(folder, script.replace('$FOLDER', home.folder)));
      const before = await snapshot(home.folder);
      const error = await failureOf(applyOnce(step, new AbortController().signal));
      assert.match(error.message, message);
      assert.equal(await snapshot(home.folder), before);
    }));
}

test('stopped in the middle, the store is as it was and no copy stays', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, await storeBytes('jks'));
    const step = home.step(await fakeKeytool(folder, `touch '${join(folder, 'begun')}'; exec sleep 30`));
    const before = await snapshot(home.folder);
    const stop = new AbortController();
    const outcome = applyOnce(step, stop.signal).catch((thrown: unknown) => thrown);
    await until('keytool has begun', () => existsSync(join(folder, 'begun')));
    stop.abort(new Error('stopped by the test'));
    assert.is(((await outcome) as Error).message, 'stopped by the test');
    assert.equal(await snapshot(home.folder), before);
  }));

test('a store that cannot be written is a clear error, and the store is as it was', () =>
  withTempFolder(async (folder) => {
    const home = await homeIn(folder, await storeBytes('jks'));
    const before = await snapshot(home.folder);
    const file = await open(home.truststore.path);
    // Nobody can make a file in this folder, not even root, as which CI may run.
    const step = home.step(KEYTOOL, `/proc/self/fd/${file.fd}`);
    const error = await failureOf(applyOnce(step, new AbortController().signal)).finally(() => file.close());
    assert.is(error.code, 'FILE_OUTSIDE');
    assert.equal(await snapshot(home.folder), before);
  }));

interface Home {
  readonly folder: string;
  readonly truststore: StoreFile;
  readonly pemFile: string;
  step(keytool?: KeytoolOptions, path?: string, now?: Date, overlayPath?: string): Step<TrustState, TrustChange>;
}

async function homeIn(parent: string, truststoreBytes: Buffer): Promise<Home> {
  const folder = join(parent, 'sécurité');
  await mkdir(folder);
  const truststore = { path: join(folder, 'client-truststore.jks'), password: PASSWORD };
  const pemFile = join(folder, 'peer.pem');
  await writeFile(truststore.path, truststoreBytes);
  await writeFile(pemFile, selfSigned({ commonName: 'is7', dnsNames: ['is7'] }));
  return {
    folder,
    truststore,
    pemFile,
    step: (keytool = KEYTOOL, path = truststore.path, now = new Date(), overlayPath?: string) =>
      trustStep({
        id: 'trust/apim',
        owner: 'API Manager',
        peer: 'Identity Server 7',
        readBy: 'apim',
        truststore: () => ({ path, password: PASSWORD, ...(overlayPath && { overlayPath }) }),
        certificate: () => ({ pemFile }),
        alias: 'wso2is',
        keytool,
        // The home, of which the stores' folder is a part.
        files: () => ({ within: [parent] }),
        hosts: () => ['is7'],
        now: () => now,
      }),
  };
}

async function applyOnce(step: Step<TrustState, TrustChange>, signal: AbortSignal): Promise<void> {
  const [change] = step.plan(await step.inspect(signal));
  assert.ok(change);
  await step.apply(change as TrustChange, signal);
}

async function fakeKeytool(folder: string, script: string): Promise<KeytoolOptions> {
  const bin = join(folder, 'jdk', 'bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'keytool'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { javaHome: join(folder, 'jdk'), path: process.env['PATH'] };
}

/** The aliases that are new; that those of before still hold the same is asserted here, but for `replaced`. */
function addedTo(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  replaced?: string,
): readonly string[] {
  for (const [alias, content] of before) if (alias !== replaced) assert.is(after.get(alias), content, alias);
  return [...after.keys()].filter((alias) => !before.has(alias));
}

async function failureOf(promise: Promise<unknown>): Promise<BootstrapError> {
  return promise.then(
    () => assert.unreachable('nothing was thrown') as never,
    (thrown: BootstrapError) => thrown,
  );
}

test.run();
