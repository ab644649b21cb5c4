import forge from 'node-forge';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Secret } from '../../../src/secret.js';
import { decryptRc2Cbc } from '../../../src/trust/keystore/pkcs12-decrypt.js';
import { derivePkcs12Key, type Pkcs12Digest } from '../../../src/trust/keystore/pkcs12-key.js';

const SALT = Buffer.from('000102030405060708090a0b0c0d0e0f10111213', 'hex');

const REQUESTS: readonly (readonly [Pkcs12Digest, 1 | 2 | 3, number, number, string])[] = [
  ['sha1', 1, 1000, 5, 'wso2carbon'],
  ['sha1', 1, 1, 24, 'wso2carbon'],
  ['sha1', 2, 2, 8, ''],
  ['sha1', 3, 1000, 20, 'a password that is longer than one block of the digest'],
  ['sha256', 3, 100, 32, 'pässwörd'],
  ['sha256', 1, 3, 100, 'x'],
  ['sha512', 3, 10, 64, 'wso2carbon'],
  ['sha384', 3, 10, 48, 'wso2carbon'],
];

for (const [digest, purpose, iterations, lengthBytes, text] of REQUESTS) {
  test(`a key of ${lengthBytes} bytes by ${digest} and ${iterations} rounds is the one that node-forge derives`, () => {
    const password = new Secret(text);
    const key = derivePkcs12Key({ digest, password, salt: SALT, purpose, iterations, lengthBytes });
    assert.is(key.toString('hex'), forgeKey(digest, purpose, iterations, lengthBytes, text));
  });
}

test('a number of rounds that would take hours, or none, is refused', () => {
  for (const iterations of [0, 5_000_001, Number.NaN]) {
    const request = { digest: 'sha1', password: new Secret('x'), salt: SALT, purpose: 1, lengthBytes: 5 } as const;
    assert.throws(() => derivePkcs12Key({ ...request, iterations }), /iterations/);
  }
});

for (const bits of [40, 128]) {
  test(`RC2 with ${bits} bits gives back what node-forge encrypted`, () => {
    const clear = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
    const key = SALT.subarray(0, bits / 8);
    const iv = SALT.subarray(8, 16);
    const cipher = forge.rc2.createEncryptionCipher(key.toString('latin1'), bits);
    cipher.start(iv.toString('latin1'));
    cipher.update(forge.util.createBuffer(clear.toString('latin1')));
    const sealed = Buffer.from(cipher.output.getBytes(), 'latin1');
    assert.is(decryptRc2Cbc(key, bits, iv, sealed).toString('hex'), clear.toString('hex'));
  });
}

function forgeKey(digest: Pkcs12Digest, purpose: 1 | 2 | 3, iterations: number, length: number, text: string): string {
  const algorithm = forge.md[digest as 'sha1' | 'sha256' | 'sha384' | 'sha512'].create();
  const salt = forge.util.createBuffer(SALT.toString('latin1'));
  return forge.pkcs12.generateKey(text, salt, purpose, iterations, length, algorithm).toHex();
}

test.run();
