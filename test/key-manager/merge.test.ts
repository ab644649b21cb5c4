import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeForUpdate } from '../../src/key-manager/compare.js';

const declared = { name: 'X', issuer: 'new', additionalProperties: { Username: 'u', Password: 'clear' } };
const actual = {
  id: '1',
  name: 'X',
  issuer: 'old',
  description: 'by hand',
  alias: null,
  global: false,
  endpoints: [{ name: 'token_endpoint', value: 'stale' }],
  additionalProperties: { Username: 'old', Password: '*****', other: '*****' },
};

test('what nobody declared stays, also a masked secret; what the server only gives, and null, is not sent back', () => {
  assert.equal(mergeForUpdate(declared, actual), {
    name: 'X',
    issuer: 'new',
    description: 'by hand',
    additionalProperties: { Username: 'u', Password: 'clear', other: '*****' },
  });
});

test('a server that shows no connector settings is sent those that are declared', () => {
  assert.equal(mergeForUpdate(declared, { id: '1' }), declared);
});

test.run();
