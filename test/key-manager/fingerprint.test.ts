import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createFingerprints } from '../../src/key-manager/fingerprint.js';
import { Secret } from '../../src/secret.js';

const secret = new Secret('s3cret');

test('a fingerprint knows its secret in another run, and shows nothing of it', () => {
  const fingerprint = createFingerprints().make(secret);
  assert.match(fingerprint, /^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  assert.not.match(fingerprint, Buffer.from('s3cret').toString('base64url'));
  const other = createFingerprints();
  assert.is(other.compare(fingerprint, new Secret('s3cret')), 'same');
  assert.is(other.compare(fingerprint, new Secret('s3cret ')), 'differs');
});

test('each run has a salt of its own', () => {
  assert.is.not(createFingerprints().make(secret), createFingerprints().make(secret));
});

test('a hundred Key Managers with one account cost one', () => {
  const fingerprints = createFingerprints();
  const before = process.cpuUsage();
  const fingerprint = fingerprints.make(secret);
  const one = process.cpuUsage(before);
  for (let times = 0; times < 100; times++) fingerprints.compare(fingerprint, new Secret('s3cret'));
  const all = process.cpuUsage(before);
  assert.ok(all.user < 20 * one.user, `100 took ${all.user} µs of the processor, one ${one.user} µs`);
});

for (const unknown of [undefined, null, 1, '', 's3cret', 'scrypt$1$8$1$AAAAAAAAAAAAAAAAAAAAAA$x', {}]) {
  test(`what is no fingerprint tells nothing: ${JSON.stringify(unknown)}`, () => {
    assert.is(createFingerprints().compare(unknown, secret), 'unknown');
  });
}

test.run();
