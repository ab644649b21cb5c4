import { lookup } from 'node:dns';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lookupIn } from '../../src/http/host-names.js';

const look = lookupIn({ 'is7.test': '127.0.0.9', 'apim.test': '::1' });

test('a name that was given is resolved without the system, in any case of its letters', async () => {
  assert.equal(await addressesOf('IS7.test'), [{ address: '127.0.0.9', family: 4 }]);
  assert.equal(await addressesOf('apim.test'), [{ address: '::1', family: 6 }]);
});

test('one address is given where one is asked for', () =>
  new Promise<void>((resolve) => {
    look('is7.test', {}, (error, address, family) => {
      assert.equal([error, address, family], [null, '127.0.0.9', 4]);
      resolve();
    });
  }));

test('any other name is left to the system', async () => {
  assert.equal(await addressesOf('localhost'), await promisify(lookup)('localhost', { all: true }));
});

function addressesOf(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    look(name, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });
}

test.run();
