import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/config/secret.js';
import { BootstrapError } from '../../src/errors.js';
import { readStore, type StoreFile } from '../../src/trust/keystore.js';
import { withTempFolder } from '../support/temp-folder.js';
import { type Encoding, ecPem, PASSWORD, rsaPem, storeBytes } from './stores.js';

const ENCODINGS: readonly (readonly [Encoding, string, 'JKS' | 'PKCS12'])[] = [
  ['jks', 'JKS', 'JKS'],
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
      assert.is(error.code, 'STORE_UNREADABLE', `cut at ${share}: ${error.message}`);
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

const NOT_STORES: readonly (readonly [string, Buffer, RegExp])[] = [
  ['an empty file', Buffer.alloc(0), /an empty file/],
  ['a JCEKS store', Buffer.from('cecececeffff', 'hex'), /JCEKS/],
  ['a BCFKS store', Buffer.from('3082010030820080300d', 'hex'), /BCFKS/],
  ['a BKS store', Buffer.from('0000000200000014', 'hex'), /BKS/],
  ['a PEM file', Buffer.from('-----BEGIN CERTIFICATE-----\n'), /a PEM file/],
  ['a text', Buffer.from('hello, world'), /starts with the bytes 68656c6c/],
  ['PKCS#12 magic before rubbish', Buffer.from('300602010304010a', 'hex'), /as a PKCS12 keystore/],
  ['JKS magic alone', Buffer.from('feedfeed', 'hex'), /as a JKS keystore/],
  ['JKS of another version', Buffer.concat([Buffer.from('feedfeed00000001', 'hex'), Buffer.alloc(40)]), /version 1/],
];

for (const [title, bytes, message] of NOT_STORES) {
  test(`${title} is refused by name`, async () => {
    const error = await failureOf(reading(bytes, PASSWORD));
    assert.is(error.code, 'STORE_UNREADABLE');
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
    assert.is((await failureOf(readStore({ path, password: PASSWORD }))).code, 'FILE_UNREADABLE');
    await mkdir(path);
    const error = await failureOf(readStore({ path, password: PASSWORD }));
    assert.is(error.code, 'FILE_UNREADABLE');
    assert.ok(error.message.includes(path));
  }));

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
