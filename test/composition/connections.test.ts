import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Server } from '../../src/composition/config.js';
import { createConnections } from '../../src/composition/connections.js';
import type { BootstrapError } from '../../src/errors.js';
import type { Notice, Step } from '../../src/step/step.js';
import { makeCertificate, type TestCertificate } from '../support/certificates.js';
import { withTempFolder } from '../support/temp-folder.js';

const STEP: Step = { id: 'health/is7', inspect: async () => undefined, plan: () => [], apply: async () => undefined };

test('a server that presents what its keystore holds has nothing said of it', async () => {
  const own = await makeCertificate('localhost');
  assert.equal(await noticesOf(own, own), []);
});

test('an expired certificate that is the one in the keystore is accepted with a notice', async () => {
  const own = await makeCertificate('localhost', 'expired');
  assert.equal(
    (await noticesOf(own, own)).map(({ code }) => code),
    ['CERT_EXPIRED_PINNED'],
  );
});

test('a server that presents another certificate, which is trusted otherwise, is told apart', async () => {
  const [own, presented] = [await makeCertificate('localhost'), await makeCertificate('localhost')];
  const [notice, ...more] = await noticesOf(own, presented, presented);
  assert.equal([notice?.code, more], ['CERT_PRESENTED_DIFFERS', []]);
  assert.ok(notice?.message.includes(presented.fingerprint) && notice.message.includes(own.fingerprint.slice(0, 11)));
});

test('one that presents another certificate, which nobody trusts, is refused with what its keystore holds', async () => {
  const [own, presented] = [await makeCertificate('localhost'), await makeCertificate('localhost')];
  const error = await noticesOf(own, presented).then(
    () => assert.unreachable('nothing was thrown') as never,
    (thrown: BootstrapError) => thrown,
  );
  assert.is(error.code, 'TLS_UNTRUSTED');
  assert.ok(
    error.message.includes(`its keystore holds CN=localhost (DNS:localhost, SHA-256 ${own.fingerprint.slice(0, 11)}`),
  );
  assert.match(error.hint, /^Restart WSO2 Identity Server 7/);
});

/** Sends one request to a server whose keystore holds `own` and which presents `presented`, and gives what is said of it. */
function noticesOf(
  own: TestCertificate,
  presented: TestCertificate,
  further?: TestCertificate,
): Promise<readonly Notice[]> {
  return withTempFolder(async (folder) => {
    const [pemFile, caFile] = [join(folder, 'own.pem'), join(folder, 'further.pem')];
    await writeFile(pemFile, own.cert);
    if (further) await writeFile(caFile, further.cert);
    const server = createServer(presented, (_request, response) => response.end('here')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const is7 = { title: 'WSO2 Identity Server 7', hasCertificate: true, certificate: () => ({ pemFile }) } as Server;
    const connections = createConnections({ caFile: further && caFile, proxy: {}, hosts: { 'is7.test': '127.0.0.1' } });
    try {
      const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
      await connections.to(is7).send({ method: 'GET', url, signal: new AbortController().signal });
      return connections.withNotices(is7, STEP).notices?.(undefined) ?? [];
    } finally {
      await connections.close();
      server.close();
    }
  });
}

test.run();
