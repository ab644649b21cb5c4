import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listen } from '../../../sandbox/http/listen.js';
import { json } from '../../../sandbox/http/reply.js';
import { userByCertificate } from '../../../sandbox/is7/client-certificate.js';
import { createHttpClient } from '../../../src/http/client.js';
import { withTempFolder } from '../../support/temp-folder.js';
import { until } from '../../support/until.js';
import { loadedHome, selfSigned } from './stand-in.js';

const OWN = selfSigned();
const CLIENT = selfSigned(undefined, 'client');
const EXPIRED = selfSigned(new Date(Date.now() - 86_400_000), 'client');
const OTHER = selfSigned(undefined, 'other');

const certificate = new X509Certificate(CLIENT.cert);
const MAPPING = {
  trusted_issuer: 'CN=client',
  cert_thumbprint: certificate.fingerprint256,
  allowed_username: 'admin',
};
const TABLE = 'client_certificate_based_authentication';

const CASES: readonly (readonly [string, string, Record<string, unknown>, string | undefined])[] = [
  ['7.1 takes any trusted certificate', '7.1', {}, 'admin'],
  ['7.3 takes none by default', '7.3', {}, undefined],
  ['7.3 takes none that is not mapped', '7.3', { enable: true, user_thumbprint_mapping: [] }, undefined],
  ['7.3 takes none when it is turned off', '7.3', { enable: false, user_thumbprint_mapping: [MAPPING] }, undefined],
  ['7.3 takes one that is mapped to the user', '7.3', { enable: true, user_thumbprint_mapping: [MAPPING] }, 'admin'],
  ...(['trusted_issuer', 'cert_thumbprint', 'allowed_username'] as const).map(
    (key) =>
      [
        `7.3 takes none with another ${key}`,
        '7.3',
        { enable: true, user_thumbprint_mapping: [{ ...MAPPING, [key]: 'another' }] },
        undefined,
      ] as const,
  ),
];

for (const [title, version, settings, user] of CASES) {
  test(title, () =>
    withTempFolder(async (folder) => {
      const toml = new Map(Object.entries(settings).map(([key, value]) => [`${TABLE}.${key}`, value]));
      const home = { ...loadedHome('is7', version, folder, OWN), toml };
      const request = { method: 'GET', path: '/', query: new URLSearchParams(), body: Buffer.alloc(0) };
      const headers = { 'wso2-identity-user': 'admin' };
      assert.is(userByCertificate(home, { ...request, headers, clientCertificate: certificate }), user);
      assert.is(userByCertificate(home, { ...request, headers }), undefined);
      assert.is(userByCertificate(home, { ...request, headers: {}, clientCertificate: certificate }), undefined);
      if (user !== undefined) assert.match(await logIn(folder), certificate.fingerprint256);
    }),
  );
}

const PRESENTED: readonly (readonly [string, typeof CLIENT | undefined, string | undefined])[] = [
  ['no certificate is as well as before', undefined, undefined],
  ['a trusted one is known', CLIENT, 'CN=client'],
  ['an expired one that is itself trusted is known, as to Java', EXPIRED, 'CN=client'],
  ['one that nobody vouches for counts as none', OTHER, undefined],
];

for (const [title, identity, subject] of PRESENTED) {
  test(`a server asks for a certificate: ${title}`, async () => {
    const tls = { ...OWN, clientAuthorities: [CLIENT.cert, EXPIRED.cert] };
    const server = await listen(
      { host: 'localhost', port: 0, tls, failure: json(500, {}) },
      () => (request) => json(200, { subject: request.clientCertificate?.subject }),
    );
    const client = createHttpClient({
      trust: async () => ({ ca: [OWN.cert], pinnedSha256: [] }),
      ...(identity && { identity: async () => identity }),
    });
    try {
      const { signal } = new AbortController();
      const { text } = await client.send({ method: 'GET', url: `${server.url}/`, signal });
      assert.is(JSON.parse(text).subject, subject);
    } finally {
      await client.close();
      await server.close();
    }
  });
}

/** Written a moment later. */
async function logIn(folder: string): Promise<string> {
  const file = join(folder, 'repository', 'logs', 'wso2carbon.log');
  return until(`${file} holds something`, () => readFile(file, 'utf8').catch(() => ''));
}

test.run();
