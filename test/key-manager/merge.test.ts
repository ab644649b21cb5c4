import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mergeForUpdate } from '../../src/key-manager/merge.js';

const declared = { name: 'X', issuer: 'new', additionalProperties: { Username: 'u', Password: 'clear' } };
const masked = { name: 'X', issuer: 'new', additionalProperties: { Username: 'u', Password: '*****' } };
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

test('what nobody declared stays; what the server only gives, and null, is not sent back', () => {
  assert.equal(mergeForUpdate(declared, masked, actual, 'keep'), {
    name: 'X',
    issuer: 'new',
    description: 'by hand',
    additionalProperties: { Username: 'u', Password: '*****', other: '*****' },
  });
});

test('a secret is sent again when that is asked for', () => {
  assert.is(mergeForUpdate(declared, masked, actual, 'resend').additionalProperties['Password'], 'clear');
});

test('a secret that the server lost is sent, because it would store the mask', () => {
  assert.is(mergeForUpdate(declared, masked, { id: '1' }, 'keep').additionalProperties['Password'], 'clear');
});

test.run();
