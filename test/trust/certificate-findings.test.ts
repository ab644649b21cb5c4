import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CertificateRole, findCertificateFaults } from '../../src/trust/certificate-findings.js';
import { selfSigned } from './self-signed.js';

const NAMED = { commonName: 'apim', dnsNames: ['apim.test'] };

const CASES: readonly (readonly [string, readonly CertificateRole[], string, readonly string[]])[] = [
  ['a server needs a name that covers its host', ['server'], selfSigned({ commonName: 'apim' }), ['CERT_NO_SAN']],
  ['a client has no host name', ['client'], selfSigned({ commonName: 'apim' }), []],
  ['without usages both are allowed', ['server', 'client'], selfSigned(NAMED), []],
  [
    'for servers alone it is of no use to a client',
    ['server', 'client'],
    selfSigned({ ...NAMED, usages: ['serverAuth'] }),
    ['CERT_USAGE_WRONG'],
  ],
  ['for servers alone it is well for a server', ['server'], selfSigned({ ...NAMED, usages: ['serverAuth'] }), []],
  ['for clients alone it is well for a client', ['client'], selfSigned({ ...NAMED, usages: ['clientAuth'] }), []],
  [
    'that of a client expires, too',
    ['client'],
    selfSigned({ ...NAMED, notAfter: new Date('2025-01-01') }),
    ['CERT_EXPIRED'],
  ],
];

for (const [title, roles, pem, codes] of CASES) {
  test(title, () => {
    const certificate = new X509Certificate(pem);
    const context = {
      peer: 'WSO2 API Manager',
      owner: 'WSO2 Identity Server 7',
      hosts: ['apim.test'],
      now: new Date('2026-11-23'),
      warnBeforeMs: 30 * 86_400_000,
      roles,
    };
    const found = findCertificateFaults({ certificate, chain: [certificate] }, context);
    assert.equal(
      found.map(({ code }) => code),
      codes,
    );
  });
}

test.run();
