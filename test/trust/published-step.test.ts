import { createPrivateKey, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../src/secret.js';
import { encodePkcs12 } from '../../src/trust/keystore/encode-pkcs12.js';
import { publishedStep } from '../../src/trust/published-step.js';
import { assertRejects } from '../support/assert-rejects.js';
import { converges } from '../support/converges.js';
import { withTempFolder } from '../support/temp-folder.js';
import { selfSigned, testKey } from './self-signed.js';

const PASSWORD = new Secret('wso2carbon');

test('the certificate lies in a PEM file that everybody may read, and follows the keystore', () =>
  withTempFolder(async (folder) => {
    const { step, file, present } = serverIn(folder);
    const first = await present('first');
    assert.match((await converges(step, folder)).join(), /^write the certificate of IS 7 as PEM to .*tls\.pem$/);
    assert.is(new X509Certificate(await readFile(file)).fingerprint256, first);
    assert.is((await stat(file)).mode & 0o777, 0o644);

    const second = await present('second');
    await converges(step, folder);
    assert.is(new X509Certificate(await readFile(file)).fingerprint256, second);
    assert.is.not(first, second);
    assert.equal((await readdir(join(folder, 'security'))).sort(), ['tls.p12', 'tls.pem']);
  }));

test('what somebody else wrote into it is replaced, and a mode of theirs stays', () =>
  withTempFolder(async (folder) => {
    const { step, file, present } = serverIn(folder);
    await present('is7');
    await writeFile(file, 'not a certificate\n');
    await chmod(file, 0o604);
    await converges(step, folder);
    assert.match(await readFile(file, 'utf8'), /^-----BEGIN CERTIFICATE-----\n/);
    assert.is((await stat(file)).mode & 0o777, 0o604);
  }));

test('a folder in its place is said', () =>
  withTempFolder(async (folder) => {
    const { step, file, present } = serverIn(folder);
    await present('is7');
    await mkdir(file);
    await assertRejects(step.inspect(new AbortController().signal), /cannot read .*tls\.pem/);
  }));

function serverIn(folder: string) {
  const security = join(folder, 'security');
  const [path, file] = [join(security, 'tls.p12'), join(security, 'tls.pem')];
  const keystore = () => ({ store: { path, password: PASSWORD, declaredType: 'PKCS12' }, alias: 'wso2carbon' });
  return {
    file,
    step: publishedStep({ id: 'tls/is7-pem', server: 'IS 7', keystore, file: () => file }),
    /** A new certificate in the keystore. */
    async present(commonName: string): Promise<string> {
      const certificate = new X509Certificate(selfSigned({ commonName }));
      await mkdir(security, { recursive: true });
      const identity = { key: createPrivateKey(testKey()), chain: [certificate] } as const;
      await writeFile(path, encodePkcs12('wso2carbon', identity, PASSWORD));
      return certificate.fingerprint256;
    },
  };
}

test.run();
