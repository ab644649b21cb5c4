import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { normalizedName, thumbprintMapping } from '../../src/trust/client-certificate.js';
import { withTempFolder } from '../support/temp-folder.js';
import { PASSWORD, storeBytes } from './stores.js';

const NAMES: readonly (readonly [string, string])[] = [
  [
    'C=US\nST=CA\nL=Mountain View\nO=WSO2\nOU=WSO2\nCN=localhost',
    'C=US, CN=localhost, L=Mountain View, O=WSO2, OU=WSO2, ST=CA',
  ],
  ['CN=apim.test', 'CN=apim.test'],
  ['CN=apim\nOU=first\nOU=second\nDC=test', 'CN=apim, DC=test, OU=first, OU=second'],
];

for (const [name, normalized] of NAMES) {
  test(`an issuer is written with its attributes in alphabetical order: ${normalized}`, () => {
    assert.is(normalizedName(name), normalized);
  });
}

test('the mapping names issuer, thumbprint and user of the primary certificate', () =>
  withTempFolder(async (folder) => {
    const store = { path: join(folder, 'wso2carbon.jks'), password: PASSWORD };
    await writeFile(store.path, await storeBytes('jks'));
    const mapping = await thumbprintMapping({ store, alias: 'wso2carbon' }, 'admin');
    assert.match(mapping.cert_thumbprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(
      { ...mapping, cert_thumbprint: '' },
      { trusted_issuer: 'CN=wso2carbon, O=Test', cert_thumbprint: '', allowed_username: 'admin' },
    );
  }));

test.run();
