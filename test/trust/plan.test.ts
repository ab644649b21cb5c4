import { X509Certificate } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Store, StoreEntry } from '../../src/trust/keystore.js';
import { noticeExpiry, planTrust, type TrustState } from '../../src/trust/plan.js';
import { describeCertificate } from '../../src/trust/x509.js';
import { selfSigned } from './self-signed.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const NAMES = { owner: 'API Manager', peer: 'Identity Server', alias: 'wso2is' };
const PEER = certificate('localhost');
const OTHER = certificate('other');

const PLANS: readonly (readonly [string, readonly StoreEntry[], RegExp | undefined, string | undefined])[] = [
  [
    'an empty store gets one import',
    [],
    /^import CN=localhost \(.*\) into the API Manager truststore as `wso2is`$/,
    undefined,
  ],
  ['other certificates do not matter', [trusted('wso2carbon', OTHER)], /^import CN=localhost/, undefined],
  ['under our alias it is in sync', [trusted('wso2is', PEER)], undefined, undefined],
  ['under a foreign alias it is in sync', [trusted('by-hand', PEER)], undefined, undefined],
  ['under two aliases it is in sync', [trusted('by-hand', PEER), trusted('wso2is', PEER)], undefined, undefined],
  [
    'another certificate under our alias is replaced',
    [trusted('wso2is', OTHER)],
    /^replace CN=other .* by CN=localhost/,
    undefined,
  ],
  [
    'a private key under our alias is in the way',
    [{ ...trusted('wso2is', OTHER), kind: 'key' }],
    /^replace/,
    'STORE_ALIAS_TAKEN',
  ],
];

for (const [title, entries, summary, obstacle] of PLANS) {
  test(title, () => {
    const changes = planTrust(stateOf(entries, PEER), NAMES);
    assert.is(changes.length, summary ? 1 : 0);
    if (summary) assert.match(changes[0]?.summary ?? '', summary);
    assert.is(changes[0]?.obstacle?.code, obstacle);
  });
}

const NOTICES: readonly (readonly [string, number, readonly string[]])[] = [
  ['a certificate that is valid for long is not mentioned', 31, []],
  ['one that expires within 30 days is', 29, ['CERT_EXPIRES_SOON']],
  ['an expired one is', -1, ['CERT_EXPIRED']],
];

for (const [title, daysLeft, codes] of NOTICES) {
  test(title, () => {
    const notAfter = new Date('2030-06-15T12:00:00Z');
    const now = new Date(notAfter.getTime() - daysLeft * DAY_MS);
    const state = stateOf([], certificate('localhost', notAfter));
    const notices = noticeExpiry(state, NAMES, { now, warnBeforeMs: 30 * DAY_MS });
    assert.equal(
      notices.map(({ code }) => code),
      codes,
    );
    if (codes.length > 0) assert.match(notices[0]?.message ?? '', /of Identity Server, CN=localhost .* on 2030-06-15$/);
  });
}

test('a certificate is described by its common name, host names, fingerprint and last day', () => {
  const dnsNames = ['is7', 'is7.test', 'localhost', 'a.test', 'b.test'];
  const made = new X509Certificate(selfSigned({ commonName: 'is7', dnsNames, notAfter: new Date('2031-01-07') }));
  assert.is(
    describeCertificate(made),
    `CN=is7 (DNS:is7, DNS:is7.test, DNS:localhost, 2 more names, SHA-256 ${made.fingerprint256.slice(0, 11)}…, expires 2031-01-07)`,
  );
});

test('a subject cannot draw on the terminal', () => {
  const described = describeCertificate(certificate('evil\u001b[2J\nname'));
  assert.is(stripVTControlCharacters(described), described);
  assert.not.match(described, /\n/);
});

function certificate(commonName: string, notAfter = new Date('2090-01-01')): X509Certificate {
  return new X509Certificate(selfSigned({ commonName, notAfter }));
}

function trusted(alias: string, held: X509Certificate): StoreEntry {
  return { alias, kind: 'trusted', certificate: held, sha256: held.fingerprint256, chain: [held] };
}

function stateOf(entries: readonly StoreEntry[], peer: X509Certificate): TrustState {
  const contents = new Map(entries.map(({ alias, kind, sha256 }) => [alias, `${kind} ${sha256}`]));
  const truststore: Store = { format: 'JKS', entries, contents };
  return { truststore, truststorePath: '/home/client-truststore.jks', certificate: peer };
}

test.run();
