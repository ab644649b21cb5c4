import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../../src/errors.js';
import { Secret } from '../../../src/secret.js';
import { readStore, type StoreFile } from '../../../src/trust/keystore/keystore.js';
import { trustStep } from '../../../src/trust/step.js';
import { converges } from '../../support/converges.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { selfSigned } from '../self-signed.js';
import { PASSWORD, storeBytes } from '../stores.js';

const KEYTOOL = { javaHome: process.env['JAVA_HOME'], path: process.env['PATH'] };

test('a JCEKS with a secret key is read and written through Java, and everything foreign survives', () =>
  withSecretKey(async (store, folder) => {
    const before = await readStore(store);
    assert.is(before.format, 'JCEKS');
    assert.equal([...before.contents.keys()].sort(), ['mine', 'some-ca', 'wso2carbon']);
    assert.equal(before.entries.map(({ alias, kind }) => `${alias} ${kind}`).sort(), [
      'some-ca trusted',
      'wso2carbon key',
    ]);

    const pemFile = join(folder, 'peer.pem');
    await writeFile(pemFile, selfSigned({ commonName: 'is7' }));
    await converges(
      trustStep({
        id: 'trust/apim',
        owner: 'API Manager',
        peer: 'Identity Server 7',
        truststore: () => store,
        certificate: () => ({ pemFile }),
        alias: 'wso2is',
        keytool: KEYTOOL,
      }),
      folder,
    );
    const after = await readStore(store);
    for (const [alias, content] of before.contents) assert.is(after.contents.get(alias), content, alias);
    assert.equal([...after.contents.keys()].sort(), ['mine', 'some-ca', 'wso2carbon', 'wso2is']);
    for (const [alias, made] of before.createdAtMs) assert.is(after.createdAtMs.get(alias), made, alias);
  }));

test('a wrong password is told as such also by Java', () =>
  withSecretKey(async (store) => {
    const error = await failureOf({ ...store, password: new Secret('nonsense') });
    assert.is(error.code, 'STORE_PASSWORD_WRONG');
    assert.not.match(error.message + error.hint, /nonsense/);
  }));

const FOREIGN: readonly (readonly [string, string])[] = [
  ['BCFKS', '3082010030820080300d'],
  ['BKS', '0000000200000014'],
];

for (const [format, hex] of FOREIGN) {
  test(`${format} is refused by its name where this Java has no such format`, () =>
    withTempFolder(async (folder) => {
      const path = join(folder, 'store.bin');
      await writeFile(path, Buffer.from(hex, 'hex'));
      const error = await failureOf({ path, password: PASSWORD, keytool: KEYTOOL });
      assert.is(error.code, 'STORE_FORMAT_UNSUPPORTED');
      assert.match(error.message, `is a ${format} keystore`);
      assert.match(error.message, `the Java of keytool has no ${format}`);
      assert.match(error.hint, 'JAVA_HOME');
    }));
}

test('a BCFKS is read where Java has its provider, which JAVA_TOOL_OPTIONS may bring', () =>
  withTempFolder(async (folder) => {
    const [path, javaHome] = [join(folder, 'store.bcfks'), join(folder, 'jdk')];
    await writeFile(path, Buffer.from('3082010030820080300d', 'hex'));
    await writeFile(join(folder, 'listing'), listing(selfSigned({ commonName: 'some-ca' })));
    await mkdir(join(javaHome, 'bin'), { recursive: true });
    const script = `#!/bin/sh\n[ "$JAVA_TOOL_OPTIONS" = "-Dprovider=1" ] && cat '${join(folder, 'listing')}'\n`;
    await writeFile(join(javaHome, 'bin', 'keytool'), script, { mode: 0o755 });
    const keytool = { javaHome, path: process.env['PATH'], javaToolOptions: '-Dprovider=1' };
    const { format, entries, createdAtMs } = await readStore({ path, password: PASSWORD, keytool });
    assert.is(format, 'BCFKS');
    assert.equal(
      entries.map(({ alias, kind, chain }) => [alias, kind, chain[0]?.subject]),
      [['some-ca', 'trusted', 'C=US\nCN=some-ca']],
    );
    assert.is(createdAtMs.get('some-ca'), Date.UTC(2026, 10, 23));
  }));

test('without any Java such a store is refused as well, and why is said', () =>
  withTempFolder(async (folder) => {
    const path = join(folder, 'store.bks');
    await writeFile(path, Buffer.from('0000000200000014', 'hex'));
    const error = await failureOf({ path, password: PASSWORD, keytool: { javaHome: undefined, path: '/nowhere' } });
    assert.is(error.code, 'STORE_FORMAT_UNSUPPORTED');
    assert.match(error.message, 'keytool is not on PATH');
  }));

function withSecretKey(use: (store: StoreFile, folder: string) => Promise<void>): Promise<void> {
  return withTempFolder(async (folder) => {
    const path = join(folder, 'client-truststore.jks');
    await writeFile(path, await storeBytes('jceks'));
    const secret = ['-genseckey', '-alias', 'mine', '-keyalg', 'AES', '-keysize', '128', '-storetype', 'JCEKS'];
    const passwords = ['-storepass:env', 'PASS', '-keypass:env', 'PASS'];
    await execa('keytool', [...secret, '-keystore', path, ...passwords], { env: { PASS: PASSWORD.reveal() } });
    assert.is((await readFile(path)).toString('hex', 0, 4), 'cececece');
    await use({ path, password: PASSWORD, keytool: KEYTOOL }, folder);
  });
}

function listing(pem: string): string {
  return `Keystore type: BCFKS

Your keystore contains 1 entry

Alias name: Some-CA
Creation date: Nov 23, 2026
Entry type: trustedCertEntry

${pem}

*******************************************
`;
}

async function failureOf(store: StoreFile): Promise<BootstrapError> {
  return readStore(store).then(
    () => assert.unreachable('it was read') as never,
    (error: BootstrapError) => error,
  );
}

test.run();
