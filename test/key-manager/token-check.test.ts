import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkTimes,
  checkWithCertificate,
  checkWithKeySet,
  type ParsedToken,
  parseToken,
  scopesIn,
} from '../../src/key-manager/token-check.js';
import { Secret } from '../../src/secret.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });

function token(header: object, claims: object, privateKey: KeyObject): Secret {
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return new Secret(`${signed}.${signature.toString('base64url')}`);
}

function jwk(key: KeyObject, kid: string) {
  return { ...key.export({ format: 'jwk' }), kid };
}

const KEYS = [
  jwk(rsa.publicKey, 'rsa'),
  jwk(ec.publicKey, 'ec'),
  jwk(other.publicKey, 'other'),
  { kid: 'odd' },
  jwk(short.publicKey, 'short'),
  { ...jwk(rsa.publicKey, 'enc'), use: 'enc' },
  { ...jwk(rsa.publicKey, 'ps'), alg: 'PS256' },
  { kty: 'oct', k: 'AAAA', kid: 'oct' },
];
const none = { alg: 'none', kid: 'rsa' };

const signatures: [title: string, signed: Secret, verdict: string][] = [
  ['RS256', token({ alg: 'RS256', kid: 'rsa' }, {}, rsa.privateKey), 'good'],
  ['ES256', token({ alg: 'ES256', kid: 'ec' }, {}, ec.privateKey), 'good'],
  ['without a kid, any key of the set', token({ alg: 'RS256' }, {}, rsa.privateKey), 'good'],
  ['signed with another key', token({ alg: 'RS256', kid: 'other' }, {}, rsa.privateKey), 'wrong'],
  ['a key that the set does not have', token({ alg: 'RS256', kid: 'new' }, {}, rsa.privateKey), 'key-missing'],
  ['a key that is none', token({ alg: 'RS256', kid: 'odd' }, {}, rsa.privateKey), 'wrong'],
  ['no algorithm at all', token(none, {}, rsa.privateKey), 'algorithm-refused'],
  ['HS256 with the public key', token({ alg: 'HS256', kid: 'rsa' }, {}, rsa.privateKey), 'algorithm-refused'],
  ...[
    '',
    'NONE',
    'HS512',
    'RS1',
    'rs256',
    'EdDSA',
    'ES256K',
    'dir',
    'toString',
    '__proto__',
    'constructor',
    1,
    null,
    ['RS256'],
    {},
  ].map((alg): [string, Secret, string] => [
    `alg ${JSON.stringify(alg)}`,
    token({ alg, kid: 'rsa' }, {}, rsa.privateKey),
    'algorithm-refused',
  ]),
  ['an algorithm of another kind of key', token({ alg: 'ES256', kid: 'rsa' }, {}, rsa.privateKey), 'algorithm-refused'],
  ['an algorithm of another curve', token({ alg: 'ES384', kid: 'ec' }, {}, ec.privateKey), 'algorithm-refused'],
  ['RS256 with a key of a curve', token({ alg: 'RS256', kid: 'ec' }, {}, ec.privateKey), 'algorithm-refused'],
  [
    'a key too short to prove anything',
    token({ alg: 'RS256', kid: 'short' }, {}, short.privateKey),
    'algorithm-refused',
  ],
  ['a key for encryption', token({ alg: 'RS256', kid: 'enc' }, {}, rsa.privateKey), 'wrong'],
  ['a key for another algorithm', token({ alg: 'RS256', kid: 'ps' }, {}, rsa.privateKey), 'wrong'],
  [
    'an extension that must be understood',
    token({ alg: 'RS256', kid: 'rsa', crit: ['b64'] }, {}, rsa.privateKey),
    'algorithm-refused',
  ],
  ['a shared secret in the key set', token({ alg: 'HS256', kid: 'oct' }, {}, rsa.privateKey), 'wrong'],
];

test('HS256 that is signed with the public key as the secret fails', () => {
  const signed = [{ alg: 'HS256', kid: 'rsa' }, { sub: 'admin' }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  for (const secret of [
    rsa.publicKey.export({ type: 'spki', format: 'pem' }),
    rsa.publicKey.export({ type: 'spki', format: 'der' }),
  ]) {
    const forged = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    assert.is(checkWithKeySet(parseToken(new Secret(forged)) as ParsedToken, KEYS), 'algorithm-refused');
  }
});

test('a certificate that is none, or of another key, is not good, and nothing is thrown', () => {
  const signed = parseToken(token({ alg: 'RS256' }, {}, rsa.privateKey)) as ParsedToken;
  for (const pem of ['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
    assert.is(checkWithCertificate(signed, pem), 'wrong');
});

test('a key set of 50,000 keys of one name costs no more than a few', () => {
  const many = Array.from({ length: 50_000 }, () => jwk(other.publicKey, 'rsa'));
  assert.is(
    checkWithKeySet(parseToken(token({ alg: 'RS256', kid: 'rsa' }, {}, rsa.privateKey)) as ParsedToken, many),
    'wrong',
  );
});

for (const [title, signed, verdict] of signatures) {
  test(`signature: ${title}`, () => assert.is(checkWithKeySet(parseToken(signed) as ParsedToken, KEYS), verdict));
}

test('a changed claim breaks the signature', () => {
  const [header, , signature] = token({ alg: 'RS256', kid: 'rsa' }, { a: 1 }, rsa.privateKey).reveal().split('.');
  const forged = `${header}.${Buffer.from('{"a":2}').toString('base64url')}.${signature}`;
  assert.is(checkWithKeySet(parseToken(new Secret(forged)) as ParsedToken, KEYS), 'wrong');
});

for (const opaque of ['', 'abc', 'a.b', 'a.b.c', '..', 'e30.e30', 'e30.e30.x.y', 'W10.W10.x']) {
  test(`no JWT: ${JSON.stringify(opaque)}`, () => assert.is(parseToken(new Secret(opaque)), undefined));
}

const NOW = 1_800_000_000;
const times: [claims: object, verdict: string][] = [
  [{ iat: NOW, nbf: NOW, exp: NOW + 3600 }, 'valid'],
  [{ iat: NOW + 4, exp: NOW + 3600 }, 'valid'],
  [{ iat: NOW + 6, exp: NOW + 3600 }, 'not-yet-valid'],
  [{ nbf: NOW + 60 }, 'not-yet-valid'],
  [{ iat: NOW - 3600, exp: NOW }, 'expired'],
  [{}, 'valid'],
];

for (const [claims, verdict] of times) {
  test(`times ${JSON.stringify(claims)}: ${verdict}`, () => {
    const parsed = parseToken(token({}, claims, rsa.privateKey)) as ParsedToken;
    assert.is(checkTimes(parsed, NOW * 1000), verdict);
  });
}

test('scopes are text or a list', () => {
  assert.equal(scopesIn({ scope: 'a b' }, 'scope'), ['a', 'b']);
  assert.equal(scopesIn({ scp: ['a', 'b'] }, 'scp'), ['a', 'b']);
  assert.equal(scopesIn({}, 'scope'), []);
});

test.run();
