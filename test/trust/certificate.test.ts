import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { Secret } from '../../src/secret.js';
import { readPeerCertificate, readPeerIdentity } from '../../src/trust/certificate.js';
import { withTempFolder } from '../support/temp-folder.js';
import { ecPem, PASSWORD, rsaPem, storeBytes, twoKeysBytes } from './stores.js';

const ALIASES: readonly (readonly [string, 'jks' | 'two keys', string | undefined, 'rsa' | 'ec'])[] = [
  ['the only key is taken', 'jks', undefined, 'rsa'],
  ['of several keys `wso2carbon` is taken', 'two keys', undefined, 'rsa'],
  ['the alias decides', 'two keys', 'newkey', 'ec'],
  ['the case of the alias does not matter', 'two keys', 'NewKey', 'ec'],
];

for (const [title, which, alias, expected] of ALIASES) {
  test(`from a keystore: ${title}`, () =>
    withTempFolder(async (folder) => {
      const store = { path: join(folder, 'keystore.jks'), password: PASSWORD };
      await writeFile(store.path, which === 'jks' ? await storeBytes('jks') : await twoKeysBytes());
      const certificate = await readPeerCertificate(alias ? { store, alias } : { store });
      const pem = expected === 'rsa' ? await rsaPem() : await ecPem();
      assert.is(certificate.fingerprint256, new X509Certificate(pem).fingerprint256);
    }));
}

test('an alias without a private key is an error that lists the keys', () =>
  withTempFolder(async (folder) => {
    const store = { path: join(folder, 'keystore.jks'), password: PASSWORD };
    await writeFile(store.path, await storeBytes('jks'));
    for (const [alias, code] of [
      ['wso2carbn', 'STORE_ALIAS_MISSING'],
      ['some-ca', 'KEY_MISSING'],
    ] as const) {
      const error = await readPeerCertificate({ store, alias }).catch((thrown: BootstrapError) => thrown);
      assert.is((error as BootstrapError).code, code);
      assert.match((error as BootstrapError).message, /private keys are: `wso2carbon`$/);
    }
  }));

for (const encoding of ['jks', 'pkcs12', 'legacy', 'bare'] as const) {
  test(`the private key opens with its password and with no other: ${encoding}`, () =>
    withTempFolder(async (folder) => {
      const store = { path: join(folder, 'keystore.jks'), password: PASSWORD };
      await writeFile(store.path, await storeBytes(encoding));
      const { certificate } = await readPeerIdentity({ store, keyPassword: PASSWORD });
      assert.is(certificate.fingerprint256, new X509Certificate(await rsaPem()).fingerprint256);
      const wrong = readPeerIdentity({ store, keyPassword: new Secret('nonsense') });
      const error = await wrong.catch((thrown: BootstrapError) => thrown);
      assert.is((error as BootstrapError).code, 'KEY_PASSWORD_WRONG');
    }));
}

test('from a PEM file, past the private key and before the chain', () =>
  withTempFolder(async (folder) => {
    const pemFile = join(folder, 'tls.pem');
    const key = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----';
    await writeFile(pemFile, ['made today', key, await rsaPem(), await ecPem()].join('\n'));
    const certificate = await readPeerCertificate({ pemFile });
    assert.is(certificate.fingerprint256, new X509Certificate(await rsaPem()).fingerprint256);
  }));

test('a file without a certificate, and no file, are told apart', () =>
  withTempFolder(async (folder) => {
    const pemFile = join(folder, 'tls.pem');
    const missing = await readPeerCertificate({ pemFile }).catch((thrown: BootstrapError) => thrown);
    assert.is((missing as BootstrapError).code, 'FILE_UNREADABLE');
    await writeFile(pemFile, 'not a certificate');
    const wrong = await readPeerCertificate({ pemFile }).catch((thrown: BootstrapError) => thrown);
    assert.is((wrong as BootstrapError).code, 'CERTIFICATE_UNREADABLE');
  }));

test.run();
