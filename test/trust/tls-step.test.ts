import { X509Certificate } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import { readPeerIdentity } from '../../src/trust/certificate.js';
import type { GeneratedIdentity, WantedIdentity } from '../../src/trust/tls-plan.js';
import { type TlsOptions, tlsStep } from '../../src/trust/tls-step.js';
import { converges, snapshot } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import { selfSigned, testKey } from './self-signed.js';

const PASSWORD = new Secret('wso2 carbon');
const GENERATED: GeneratedIdentity = {
  from: 'us',
  names: ['is7.test', 'identity', 'localhost', '127.0.0.1', '::1'],
  key: 'rsa2048',
  days: 825,
  renewBeforeMs: 30 * 86_400_000,
};

for (const key of ['rsa2048', 'ec256', 'ec384'] as const) {
  test(`a certificate is made once, covers every name, and Java opens it: ${key}`, () =>
    withTempFolder(async (folder) => {
      const { keystore, step } = stepIn(folder, { ...GENERATED, key });
      const [summary] = await converges(step(), folder);
      assert.match(
        summary ?? '',
        /^put a certificate for is7\.test, identity, localhost, 127\.0\.0\.1, ::1 \(.*825 days, signed by itself\)/,
      );
      const { certificate } = await readPeerIdentity(keystore);
      for (const name of ['is7.test', 'identity', 'localhost']) assert.is(certificate.checkHost(name), name);
      assert.is(certificate.checkIP('127.0.0.1'), '127.0.0.1');
      assert.ok(certificate.verify(certificate.publicKey));
      assert.equal(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
      assert.match(await listed(keystore.store.path), /wso2carbon.*PrivateKeyEntry/);
      assert.is((await stat(keystore.store.path)).mode & 0o777, 0o640);
      assert.equal(await readdir(folder), ['km-bootstrap-tls.p12']);
    }));
}

for (const [authorityKey, key] of [
  ['rsa', 'rsa2048'],
  ['rsa', 'ec256'],
  ['ec', 'rsa2048'],
  ['ec', 'ec384'],
  ['ed25519', 'rsa2048'],
] as const) {
  test(`an authority with an ${authorityKey} key signs a certificate with ${key}, and no certificate outlives it`, () =>
    withTempFolder(async (folder) => {
      const authority = await authorityIn(folder, authorityKey);
      const { keystore, step } = stepIn(folder, { ...GENERATED, key, authority });
      await converges(step(), folder);
      const { certificate, chain } = await readPeerIdentity(keystore);
      const issuer = new X509Certificate(await readFile(authority.certificate));
      assert.ok(certificate.verify(issuer.publicKey) && certificate.checkIssued(issuer));
      assert.is(chain.length, 2);
      assert.ok(new Date(certificate.validTo) <= new Date(issuer.validTo));
    }));
}

const RENEWALS: readonly (readonly [string, Partial<GeneratedIdentity>, number, RegExp | undefined])[] = [
  ['before the window it stays', {}, 794, undefined],
  ['inside the window it is renewed', {}, 796, /the one there expires on/],
  ['after its end it is renewed', {}, 830, /the one there has expired on/],
  ['a further name makes a new one', { names: ['is7.test', 'new.test'] }, 0, /does not cover new\.test$/],
  ['a further address makes a new one', { names: ['is7.test', '10.0.0.7'] }, 0, /does not cover 10\.0\.0\.7$/],
  ['fewer names do not', { names: ['is7.test'] }, 0, undefined],
  ['another kind of key makes a new one', { key: 'rsa3072' }, 0, /has the key RSA 2048$/],
];

for (const [title, differences, daysLater, summary] of RENEWALS) {
  test(title, () =>
    withTempFolder(async (folder) => {
      const { step } = stepIn(folder, GENERATED);
      await converges(step(), folder);
      const now = new Date(Date.now() + daysLater * 86_400_000);
      const later = stepIn(folder, { ...GENERATED, ...differences }).step({ now: () => now });
      if (summary) assert.match((await converges(later, folder)).join(), summary);
      else assert.equal(later.plan(await later.inspect(new AbortController().signal)), []);
    }),
  );
}

test('a certificate that cannot live longer is not made again and again', () =>
  withTempFolder(async (folder) => {
    const { step } = stepIn(folder, { ...GENERATED, days: 5 });
    await converges(step(), folder);
    const nextDays = stepIn(folder, { ...GENERATED, days: 5 }).step({ now: () => daysFromNow(2) });
    assert.match((await converges(nextDays, folder)).join(), /the one there expires on/);
  }));

test('an authority that has expired is in the way, and one that ends soon is not', () =>
  withTempFolder(async (folder) => {
    const authority = await authorityIn(folder, 'rsa');
    const { step } = stepIn(folder, { ...GENERATED, authority });
    await converges(step({ now: () => daysFromNow(80) }), folder);
    const late = step({ now: () => daysFromNow(91) });
    const [change] = late.plan(await late.inspect(new AbortController().signal));
    assert.is(change?.obstacle?.code, 'AUTHORITY_EXPIRED');
  }));

test('key, certificate and chain that are brought go in on change only', () =>
  withTempFolder(async (folder) => {
    const [certificate, key, chain] = ['tls.crt', 'tls.key', 'ca.crt'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const bring = (commonName: string) =>
      writeFile(certificate, selfSigned({ commonName, authority: { commonName: 'Our CA' } }));
    await bring('is7.test');
    await writeFile(key, testKey());
    await writeFile(chain, selfSigned({ commonName: 'Our CA' }));
    const { keystore, step } = stepIn(folder, {
      from: 'files',
      files: { certificate, key, chain, settings: 'tls.is7' },
      mustCover: [],
    });
    await converges(step(), folder);
    assert.equal((await readPeerIdentity(keystore)).chain.length, 2);
    await bring('is7.renewed.test');
    assert.match(
      (await converges(step(), folder)).join(),
      /put the certificate of .*tls\.crt into .*: it holds CN=is7\.test/,
    );
    assert.match(await listed(keystore.store.path), /wso2carbon.*PrivateKeyEntry/);
  }));

const BAD_FILES: readonly (readonly [string, string, string])[] = [
  ['another key', testKey(1024), 'KEY_MISMATCH'],
  ['no key', 'hello', 'KEY_UNREADABLE'],
  [
    'an encrypted key',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n',
    'KEY_UNREADABLE',
  ],
];

for (const [title, pem, code] of BAD_FILES) {
  test(`${title} beside a brought certificate is refused before anything is written`, () =>
    withTempFolder(async (folder) => {
      const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), settings: 'tls.is7' };
      await writeFile(files.certificate, selfSigned({ commonName: 'is7.test' }));
      await writeFile(files.key, pem);
      const error = await failureOf(
        stepIn(folder, { from: 'files', files, mustCover: [] }).step().inspect(new AbortController().signal),
      );
      assert.is(error.code, code);
    }));
}

/** Names of a brought certificate, the name that is set, and whether it does. */
const COVERED: readonly (readonly [dnsNames: readonly string[], name: string, isCovered: boolean])[] = [
  [['is7', 'localhost'], 'is7', true],
  [['*.example.com'], 'is7.example.com', true],
  [['*.example.com'], 'a.is7.example.com', false],
  [['other', 'localhost'], 'is7', false],
  // A common name alone counts for nobody who checks names.
  [[], 'is7', false],
];

for (const [dnsNames, name, isCovered] of COVERED) {
  test(`a brought certificate for ${dnsNames.join(', ') || 'no name but its common name'} ${isCovered ? 'is taken' : 'is refused'} where the host name is set to ${name}`, () =>
    withTempFolder(async (folder) => {
      const files = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key'), settings: 'tls.is7' };
      await writeFile(files.certificate, selfSigned({ commonName: 'is7', dnsNames }));
      await writeFile(files.key, testKey());
      const step = stepIn(folder, { from: 'files', files, mustCover: [name] }).step();
      if (isCovered) {
        await converges(step, folder);
        return;
      }
      const error = await failureOf(step.inspect(new AbortController().signal));
      assert.is(error.code, 'CERTIFICATE_HOST_MISMATCH');
      assert.match(error.message, new RegExp(`does not cover ${name}, the host name`));
      assert.equal((await readdir(folder)).sort(), ['tls.crt', 'tls.key']);
    }));
}

test('a keystore of ours that does not open any more is made anew', () =>
  withTempFolder(async (folder) => {
    const { keystore, step } = stepIn(folder, GENERATED);
    await converges(step(), folder);
    const bytes = await readFile(keystore.store.path);
    for (const damaged of [Buffer.alloc(0), bytes.subarray(0, 500), Buffer.from('text')]) {
      await writeFile(keystore.store.path, damaged);
      await converges(step(), folder);
      await readPeerIdentity(keystore);
    }
  }));

test('the key is never readable by everybody', () =>
  withTempFolder(async (folder) => {
    const { keystore, step } = stepIn(folder, GENERATED);
    assert.is(thrownBy(() => step({ files: { mode: 0o644 } })).code, 'KEY_EXPOSED');
    await converges(step({ files: { mode: 0o600, group: 10_001 } }), folder);
    await chmod(keystore.store.path, 0o644);
    const before = await readFile(keystore.store.path);
    assert.match((await converges(step(), folder)).join(), /^close the TLS keystore/);
    assert.is((await stat(keystore.store.path)).mode & 0o777, 0o640);
    assert.equal(await readFile(keystore.store.path), before);
  }));

test('stopped in the middle, there is no keystore and no key lies about', () =>
  withTempFolder(async (folder) => {
    const { step } = stepIn(folder, { ...GENERATED, key: 'ec256' });
    const stop = new AbortController();
    const change = step().plan(await step().inspect(stop.signal))[0];
    assert.ok(change);
    const applied = step().apply(change as never, stop.signal);
    stop.abort(new Error('stopped by the test'));
    await applied.then(
      () => assert.unreachable('it was not stopped'),
      (error: Error) => assert.is(error.message, 'stopped by the test'),
    );
    assert.equal(await snapshot(folder), {});
  }));

function daysFromNow(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}

function stepIn(folder: string, wanted: WantedIdentity) {
  const store = { path: join(folder, 'km-bootstrap-tls.p12'), password: PASSWORD };
  const keystore = { store, alias: 'wso2carbon', keyPassword: PASSWORD };
  const options: TlsOptions = {
    id: 'tls/is7',
    server: 'Identity Server 7',
    readBy: 'is7',
    keystore: () => keystore,
    wanted: () => wanted,
  };
  return { keystore, step: (differences: Partial<TlsOptions> = {}) => tlsStep({ ...options, ...differences }) };
}

/** A CA made by openssl, which is a program of its own. */
async function authorityIn(folder: string, algorithm: 'rsa' | 'ec' | 'ed25519') {
  const [certificate, key] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  const newKey = {
    rsa: ['rsa:2048'],
    ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'],
    ed25519: ['ed25519'],
  }[algorithm];
  const subject = ['-subj', '/O=Test/CN=Our CA', '-days', '90'];
  await execa('openssl', [
    'req',
    '-x509',
    '-nodes',
    '-newkey',
    ...newKey,
    ...subject,
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  return { certificate, key, settings: 'tls.ca_certificate and tls.ca_key' };
}

async function listed(path: string): Promise<string> {
  const env = { PASS: PASSWORD.reveal(), LC_ALL: 'C.UTF-8' };
  return (await execa('keytool', ['-list', '-keystore', path, '-storepass:env', 'PASS'], { env })).stdout;
}

function thrownBy(act: () => unknown): BootstrapError {
  try {
    act();
  } catch (error) {
    return error as BootstrapError;
  }
  return assert.unreachable('nothing was thrown') as never;
}

async function failureOf(promise: Promise<unknown>): Promise<BootstrapError> {
  return promise.then(
    () => assert.unreachable('nothing was thrown') as never,
    (thrown: BootstrapError) => thrown,
  );
}

test.run();
