import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../../src/errors.js';
import { Secret } from '../../../src/secret.js';
import { readStore, type Store, type StoreFile } from '../../../src/trust/keystore/keystore.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { type Encoding, ecPem, PASSWORD, rsaPem, storeBytes } from '../stores.js';

const ENCODINGS: readonly (readonly [Encoding, string, Store['format']])[] = [
  ['jks', 'JKS', 'JKS'],
  ['jceks', 'JCEKS', 'JCEKS'],
  ['pkcs12', 'PKCS#12 with AES and a SHA-256 MAC', 'PKCS12'],
  ['legacy', 'PKCS#12 with RC2 and a SHA-1 MAC', 'PKCS12'],
  ['bare', 'PKCS#12 without MAC and encryption', 'PKCS12'],
  ['sealed', 'PKCS#12 without MAC, encrypted', 'PKCS12'],
];

for (const [encoding, title, format] of ENCODINGS) {
  test(`${title}: keys and EC and RSA certificates are read, whatever the file's name`, async () => {
    const store = await reading(await storeBytes(encoding), PASSWORD);
    const shape = store.entries.map(({ alias, kind, sha256, chain }) => [alias, kind, sha256, chain.length]).sort();
    assert.is(store.format, format);
    assert.equal(shape, [
      ['some-ca', 'trusted', new X509Certificate(await ecPem()).fingerprint256, 1],
      ['wso2carbon', 'key', new X509Certificate(await rsaPem()).fingerprint256, 1],
    ]);
    assert.equal([...store.contents.keys()].sort(), ['some-ca', 'wso2carbon']);
  });

  if (encoding === 'bare') continue;
  test(`${title}: a wrong password is told, with the file and the setting, and not shown`, async () => {
    const error = await failureOf(reading(await storeBytes(encoding), new Secret('nonsense'), '[truststore] password'));
    assert.is(error.code, 'STORE_PASSWORD_WRONG');
    assert.match(error.message, /store\.bin/);
    assert.match(error.hint, /\[truststore\] password/);
    assert.not.match(error.message + error.hint, /nonsense/);
  });
}

for (const encoding of ['jks', 'pkcs12', 'legacy', 'bare'] as const) {
  test(`a store that is cut short is damaged, not badly unlocked: ${encoding}`, async () => {
    const bytes = await storeBytes(encoding);
    for (const share of [0.02, 0.3, 0.9, 0.999]) {
      const error = await failureOf(reading(bytes.subarray(0, Math.floor(bytes.length * share)), PASSWORD));
      assert.is(error.code, 'STORE_TRUNCATED', `cut at ${share}: ${error.message}`);
    }
  });
}

test('a JKS with one byte changed is refused', async () => {
  const bytes = Buffer.from(await storeBytes('jks'));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 60) ^ 1, bytes.length - 60);
  const error = await failureOf(reading(bytes, PASSWORD));
  assert.is(error.code, 'STORE_PASSWORD_WRONG');
  assert.match(error.hint, /damaged/);
});

test('a key entry changes its content when its key does, and only then', async () => {
  const encodings = ['jks', 'jks', 'legacy'] as const;
  const [one, again, other] = await Promise.all(
    encodings.map(async (encoding) => reading(await storeBytes(encoding), PASSWORD)),
  );
  assert.equal(again?.contents, one?.contents);
  assert.is.not(other?.contents.get('wso2carbon'), one?.contents.get('wso2carbon'));
  assert.is(other?.contents.get('some-ca'), one?.contents.get('some-ca'));
});

const NOT_STORES: readonly (readonly [string, Buffer, string, RegExp])[] = [
  ['an empty file', Buffer.alloc(0), 'STORE_EMPTY', /an empty file/],
  ['a BCFKS store', Buffer.from('3082010030820080300d', 'hex'), 'STORE_FORMAT_UNSUPPORTED', /BCFKS/],
  ['a BKS store', Buffer.from('0000000200000014', 'hex'), 'STORE_FORMAT_UNSUPPORTED', /BKS/],
  ['a PEM file', Buffer.from('-----BEGIN CERTIFICATE-----\n'), 'STORE_UNREADABLE', /a PEM file/],
  ['a text', Buffer.from('hello, world'), 'STORE_UNREADABLE', /starts with the bytes 68656c6c/],
  ['PKCS#12 magic before rubbish', Buffer.from('300602010304010a', 'hex'), 'STORE_UNREADABLE', /as a PKCS12 keystore/],
  ['JKS magic alone', Buffer.from('feedfeed', 'hex'), 'STORE_TRUNCATED', /JKS/],
  ['JKS of another version', jksHead('feedfeed00000001'), 'STORE_UNREADABLE', /version 1/],
  [
    'JCEKS with a secret key',
    jceksWithSecretKey(),
    'STORE_FORMAT_UNSUPPORTED',
    /JCEKS.*only Java.*mine is a secret key.*no Java to ask/,
  ],
];

for (const [title, bytes, code, message] of NOT_STORES) {
  test(`${title} is refused by name`, async () => {
    const error = await failureOf(reading(bytes, PASSWORD));
    assert.is(error.code, code);
    assert.match(error.message, message);
  });
}

test('a single DER certificate is refused by name', async () => {
  const { raw } = new X509Certificate(await rsaPem());
  assert.match((await failureOf(reading(raw, PASSWORD))).message, /a single certificate/);
});

test('a file that is missing, or is a folder, is told by its path', () =>
  withTempFolder(async (folder) => {
    const path = join(folder, 'store.jks');
    assert.is((await failureOf(readStore({ path, password: PASSWORD }))).code, 'STORE_MISSING');
    await mkdir(path);
    const error = await failureOf(readStore({ path, password: PASSWORD }));
    assert.is(error.code, 'STORE_IS_FOLDER');
    assert.ok(error.message.includes(path));
  }));

test('whether a store has a MAC is known, and a store without one is no wrong password', async () => {
  const stores = await Promise.all((['jks', 'pkcs12', 'legacy', 'bare'] as const).map(storeBytes));
  const read = await Promise.all(stores.map((bytes) => reading(bytes, PASSWORD)));
  assert.equal(
    read.map(({ hasMac }) => hasMac),
    [true, true, true, false],
  );
  assert.not.ok((await reading(stores[3] as Buffer, new Secret('whatever'))).hasMac);
});

function jksHead(hex: string): Buffer {
  return Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(40)]);
}

/** Magic, version 2, one entry of kind 3 under `mine`. */
function jceksWithSecretKey(): Buffer {
  return Buffer.concat([
    Buffer.from('cececece000000020000000100000003', 'hex'),
    Buffer.from('\0\x04mine'),
    Buffer.alloc(40),
  ]);
}

function reading(bytes: Buffer, password: Secret, passwordSetting?: string): ReturnType<typeof readStore> {
  return withTempFolder(async (folder) => {
    const path = join(folder, 'store.bin');
    await writeFile(path, bytes);
    const store: StoreFile = { path, password, ...(passwordSetting ? { passwordSetting } : {}) };
    return readStore(store);
  });
}

async function failureOf(promise: Promise<unknown>): Promise<BootstrapError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, BootstrapError);
  return error as BootstrapError;
}

test.run();
