import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { createHttpClient, type HttpReply, type Trust } from '../../src/http/client.js';
import { certify } from '../support/authority.js';
import { makeCertificate, type TestCertificate } from '../support/certificates.js';

const valid = await makeCertificate('localhost');
const other = await makeCertificate('localhost');
const foreignName = await makeCertificate('is.example');
const expired = await makeCertificate('localhost', 'expired');

test('a certificate that is in the trust is accepted, and the reply comes back whole', async () => {
  const reply = await get(valid, { ca: [valid.cert], pinnedSha256: [] });
  assert.is(reply.status, 200);
  assert.is(reply.text, 'GET /x');
  assert.is(reply.headers['x-answer'], '42');
});

test('a certificate that is not in the trust is refused', async () => {
  await refused(get(valid, { ca: [other.cert], pinnedSha256: [valid.fingerprint] }), 'TLS_UNTRUSTED');
});

test('a certificate for another host name is refused although it is in the trust', async () => {
  await refused(
    get(foreignName, { ca: [foreignName.cert], pinnedSha256: [foreignName.fingerprint] }),
    'TLS_HOST_MISMATCH',
  );
});

test('a server that has another certificate than its own is accepted with the others of the trust, and refused without', async () => {
  const trust = { ca: [other.cert, valid.cert], own: other.cert, pinnedSha256: [other.fingerprint] };
  assert.is((await get(valid, trust)).status, 200);
  assert.is((await get(other, trust)).status, 200);
  await refused(get(valid, { ...trust, ca: [other.cert] }), 'TLS_UNTRUSTED');
  await refused(get(foreignName, { ...trust, own: foreignName.cert }), 'TLS_HOST_MISMATCH');
});

for (const role of ['server', 'authority', 'version 1'] as const) {
  test(`a server’s own certificate (${role}) is believed for itself, and for none that it signed`, async () => {
    const own = certify({ name: 'localhost', role });
    const signed = certify({ name: 'localhost', issuer: own });
    const trust = { ca: [], own: own.cert, pinnedSha256: [own.fingerprint] };
    assert.is((await get(own, trust)).status, 200);
    await refused(get(signed, trust), 'TLS_UNTRUSTED');
  });

  test(`a further certificate (${role}) has signed others only when it is an authority`, async () => {
    const further = certify({ name: 'localhost', role });
    const signed = certify({ name: 'localhost', issuer: further });
    const trust = { ca: [other.cert, further.cert], own: valid.cert, pinnedSha256: [valid.fingerprint] };
    assert.is((await get(further, trust)).status, 200);
    if (role === 'authority') assert.is((await get(signed, trust)).status, 200);
    else await refused(get(signed, trust), 'TLS_UNTRUSTED');
  });
}

test('an expired certificate is believed only as itself: one that it signed, or that has its name, is not', async () => {
  const own = certify({ name: 'localhost', role: 'version 1', validity: 'expired' });
  const trust = { ca: [], own: own.cert, pinnedSha256: [own.fingerprint] };
  assert.is((await get(own, trust)).status, 200);
  await refused(get(certify({ name: 'localhost', issuer: own, validity: 'expired' }), trust), 'TLS_EXPIRED');
  await refused(get(certify({ name: 'localhost', issuer: own }), trust), 'TLS_EXPIRED');
  await refused(get(certify({ name: 'localhost', validity: 'expired' }), trust), 'TLS_EXPIRED');
});

test('an expired certificate is refused when it is not pinned', async () => {
  await refused(get(expired, { ca: [expired.cert], pinnedSha256: [] }), 'TLS_EXPIRED');
});

test('an expired certificate is refused when another one is pinned', async () => {
  await refused(get(expired, { ca: [expired.cert, valid.cert], pinnedSha256: [valid.fingerprint] }), 'TLS_EXPIRED');
});

test('an expired certificate that is pinned is accepted, and that is told', async () => {
  const told: string[] = [];
  for (const own of [{}, { own: expired.cert }]) {
    const trust = { ca: [expired.cert], ...own, pinnedSha256: [expired.fingerprint] };
    assert.is((await get(expired, trust, (host) => told.push(host))).status, 200);
  }
  assert.equal(told, ['localhost', 'localhost']);
});

test('an expired certificate that is pinned is refused for another host', async () => {
  const elsewhere = await makeCertificate('is.example', 'expired');
  await refused(get(elsewhere, { ca: [elsewhere.cert], pinnedSha256: [elsewhere.fingerprint] }), 'TLS_HOST_MISMATCH');
});

test('a port where nothing listens, an unknown name and silence each say so', async () => {
  await refused(send('https://localhost:1/', noTrust), 'CONNECTION_REFUSED', /nothing listens on port 1/);
  await refused(
    send('https://no-such-host.invalid/', noTrust),
    'HOST_NOT_FOUND',
    /no-such-host\.invalid cannot be resolved/,
  );
  const silent = withServer(
    valid,
    () => {},
    (url) => send(url, { ca: [valid.cert], pinnedSha256: [] }, undefined, 300),
  );
  await refused(silent, 'CONNECTION_TIMEOUT', /no complete answer within 0\.3 s/);
});

test('an aborted request throws the reason of its signal', async () => {
  const client = createHttpClient({ trust: async () => noTrust });
  const reason = new Error('stopped');
  try {
    await client.send({ method: 'GET', url: 'https://localhost:1/', signal: AbortSignal.abort(reason) });
    assert.unreachable();
  } catch (error) {
    assert.is(error, reason);
  } finally {
    await client.close();
  }
});

const noTrust: Trust = { ca: [], pinnedSha256: [] };

function get(server: TestCertificate, trust: Trust, onExpiredPinned?: (host: string) => void): Promise<HttpReply> {
  const answer: RequestListener = (request, response) => {
    response.setHeader('X-Answer', '42').end(`${request.method} ${request.url}`);
  };
  return withServer(server, answer, (url) => send(`${url}/x`, trust, onExpiredPinned));
}

async function send(
  url: string,
  trust: Trust,
  onExpiredPinned?: (host: string) => void,
  timeoutMs = 5_000,
): Promise<HttpReply> {
  const client = createHttpClient({ trust: async () => trust, ...(onExpiredPinned ? { onExpiredPinned } : {}) });
  try {
    return await client.send({ method: 'GET', url, timeoutMs, signal: new AbortController().signal });
  } finally {
    await client.close();
  }
}

async function withServer<T>(
  certificate: TestCertificate,
  answer: RequestListener,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer({ key: certificate.key, cert: certificate.cert }, answer);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  try {
    return await use(`https://localhost:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function refused(attempt: Promise<unknown>, code: string, message = /./): Promise<void> {
  try {
    await attempt;
  } catch (error) {
    assert.is((error as BootstrapError).code, code);
    assert.match((error as BootstrapError).message, message);
    return;
  }
  assert.unreachable(`expected ${code}`);
}

test('the trace names method, address and status, and no query, header or body', async () => {
  const seen: string[] = [];
  const server = createServer({ key: valid.key, cert: valid.cert }, (_, response) => response.end('s3cret'));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const url = `https://localhost:${(server.address() as AddressInfo).port}/x`;
  const client = createHttpClient({
    trust: async () => ({ ca: [valid.cert], pinnedSha256: [] }),
    onExchange: (exchange) => seen.push(JSON.stringify(exchange)),
  });
  const { signal } = new AbortController();
  const headers = { authorization: 'Basic s3cret' };
  await client.send({ method: 'POST', url: `${url}?token=s3cret`, headers, body: 's3cret', signal });
  await client.send({ method: 'GET', url: 'https://localhost:1/y?s3cret', signal }).catch(() => undefined);
  await client.close();
  server.closeAllConnections();
  server.close();
  const [first = '', second = ''] = seen;
  assert.match(first, `{"method":"POST","url":"${url}","status":200,"durationMs":`);
  assert.match(second, '{"method":"GET","url":"https://localhost:1/y","durationMs":');
  for (const line of seen) assert.not.match(line, 's3cret');
});

test.run();
