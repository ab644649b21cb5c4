import { X509Certificate } from 'node:crypto';
import { stripVTControlCharacters } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Store, StoreEntry } from '../../src/trust/keystore/keystore.js';
import { planTrust, type TrustPlanState } from '../../src/trust/plan.js';
import { describeCertificate } from '../../src/trust/x509.js';
import { selfSigned } from './self-signed.js';

const OPTIONS = { owner: 'API Manager', alias: 'wso2is', now: new Date('2026-01-01') };
const PEER = certificate('localhost');
const OTHER = certificate('other');
const SUPERSEDED = `wso2is-${OTHER.fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()}`;

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
    const changes = planTrust(stateOf(entries, PEER), OPTIONS);
    assert.is(changes.length, summary ? 1 : 0);
    if (summary) assert.match(changes[0]?.summary ?? '', summary);
    assert.is(changes[0]?.obstacle?.code, obstacle);
  });
}

test('what our alias held stays trusted under an alias of its own while it is valid', () => {
  const [change] = planTrust(stateOf([trusted('wso2is', OTHER)], PEER), OPTIONS);
  assert.equal(change?.edits, [
    { does: 'rename', alias: 'wso2is', to: SUPERSEDED },
    { does: 'import', alias: 'wso2is', certificate: PEER },
  ]);
  assert.match(change?.summary ?? '', `it stays trusted as \`${SUPERSEDED}\` until 2090-01-01`);
});

test('what our alias held is gone when it had expired, or is kept already', () => {
  const expired = certificate('old', new Date('2020-02-01'));
  for (const entries of [[trusted('wso2is', expired)], [trusted('wso2is', OTHER), trusted(SUPERSEDED, OTHER)]]) {
    const [change, ...more] = planTrust(stateOf(entries, PEER), OPTIONS);
    assert.equal(change?.edits[0], { does: 'delete', alias: 'wso2is' });
    assert.equal(more, []);
  }
});

test('a superseded certificate is removed once it has expired, and no other alias is', () => {
  const expired = certificate('old', new Date('2020-02-01'));
  const alias = `wso2is-${expired.fingerprint256.replaceAll(':', '').slice(0, 8).toLowerCase()}`;
  const entries = [
    trusted('wso2is', PEER),
    trusted(alias, expired),
    trusted('wso2is-mine', expired),
    trusted(SUPERSEDED, OTHER),
  ];
  const changes = planTrust(stateOf(entries, PEER), OPTIONS);
  assert.equal(
    changes.map(({ action, edits }) => [action, edits]),
    [['remove', [{ does: 'delete', alias }]]],
  );
  assert.equal(planTrust(stateOf([trusted(alias, expired)], expired), OPTIONS), [], 'the peer presents it again');
});

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
  return {
    alias,
    kind: 'trusted',
    sha256: held.fingerprint256,
    chain: [held],
    sealedKey: Buffer.alloc(0),
  };
}

function stateOf(entries: readonly StoreEntry[], peer: X509Certificate): TrustPlanState {
  const contents = new Map(entries.map(({ alias, kind, sha256 }) => [alias, `${kind} ${sha256}`]));
  const truststore: Store = {
    format: 'JKS',
    entries,
    contents,
    createdAtMs: new Map(),
    protection: 'SHA-1 digest',
    hasMac: true,
  };
  return { truststore, truststorePath: '/home/client-truststore.jks', certificate: peer };
}

test.run();
