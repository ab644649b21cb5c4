import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../src/errors.js';
import { type HealthTarget, healthStep } from '../../src/health/step.js';
import { createHttpClient } from '../../src/http/client.js';
import type { PlannedChange, Step } from '../../src/step/step.js';
import { makeCertificate } from '../support/certificates.js';

const localhost = await makeCertificate('localhost');
const elsewhere = await makeCertificate('is.example');
const { signal } = new AbortController();

interface Page {
  readonly status: number;
  readonly text?: string;
  readonly location?: string;
}

const DISCOVERY = '/oauth2/token/.well-known/openid-configuration';
const STARTUP = '/api/am/gateway/v2/server-startup-healthcheck';
const EXPECTED = 'https://is.example/oauth2/token';
const GOOD: Page = { status: 200, text: JSON.stringify({ issuer: EXPECTED }) };

const is7Cases: [title: string, page: Page, fault: RegExp | undefined][] = [
  ['a discovery document with the expected issuer is ready', GOOD, undefined],
  ['an HTML page is not ready', { status: 200, text: '<html>' }, /200 with HTML or XML/],
  ['an empty answer is not ready', { status: 200, text: '' }, /200 with nothing/],
  ['JSON without an issuer is not ready', { status: 200, text: '{}' }, /200 with something else/],
  ['JSON null is not ready', { status: 200, text: 'null' }, /200 with something else/],
];

for (const [title, page, fault] of is7Cases) {
  test(`health/is7: ${title}`, () =>
    withStep('is7', { [DISCOVERY]: page }, async (step, url) => {
      const [change] = step.plan(await step.inspect(signal));
      assert.is(change === undefined, fault === undefined);
      if (!fault || !change) return;
      assert.is(change.summary, `wait for WSO2 Identity Server 7 at ${url}`);
      assert.is(change.obstacle?.code, 'SERVER_NOT_READY');
      assert.match(change.obstacle?.message ?? '', fault);
    }));
}

const apimCases: [title: string, pages: Record<string, Page>, fault: RegExp | undefined][] = [
  ['200 from the startup check is ready', { [STARTUP]: { status: 200, text: '' } }, undefined],
  ['500 is still deploying', { [STARTUP]: { status: 500 } }, /healthcheck answered 500/],
  ['a login page with 200 is not ready', { [STARTUP]: { status: 200, text: '<html>' } }, /HTML/],
  [
    'a control-plane node (404, but a version) is ready',
    { '/services/Version': { status: 200, text: '<v/>' } },
    undefined,
  ],
  ['404 for both is not ready', {}, /404 where API Manager has its health check/],
];

for (const [title, pages, fault] of apimCases) {
  test(`health/apim: ${title}`, () =>
    withStep('apim', pages, async (step) => {
      const [change] = step.plan(await step.inspect(signal));
      assert.is(change === undefined, fault === undefined);
      if (fault) assert.match(change?.obstacle?.message ?? '', fault);
    }));
}

test('another issuer fails at once, because waiting does not heal it', () =>
  withStep('is7', { [DISCOVERY]: { status: 200, text: '{"issuer":"https://other/oauth2/token"}' } }, async (step) => {
    const error = await failure(step.inspect(signal));
    assert.is(error.code, 'ISSUER_MISMATCH');
    assert.match(error.message, /issues tokens as https:\/\/other\/oauth2\/token, but https:\/\/is\.example/);
    assert.is((await failure(step.apply({ action: 'update', summary: '' }, signal))).code, 'ISSUER_MISMATCH');
  }));

test('apply waits until the server is ready, and then the plan is empty', () => {
  const pages: Record<string, Page> = { [DISCOVERY]: { status: 503 } };
  return withStep('is7', pages, async (step) => {
    const [change] = step.plan(await step.inspect(signal));
    setTimeout(() => {
      pages[DISCOVERY] = GOOD;
    }, 200);
    await step.apply(change as PlannedChange, signal);
    assert.equal(step.plan(await step.inspect(signal)), []);
  });
});

test('at the deadline the last diagnosis is in the message', () =>
  withStep('apim', { [STARTUP]: { status: 500 } }, async (step, url) => {
    const error = await failure(step.apply({ action: 'update', summary: '' }, signal));
    assert.is(error.code, 'HEALTH_DEADLINE');
    assert.match(error.message, `WSO2 API Manager at ${url} is not ready after 1 s: ${url}${STARTUP} answered 500`);
  }));

test('stopped while it waits, apply throws the reason and says nothing more', () =>
  withStep('apim', { [STARTUP]: { status: 500 } }, async (step) => {
    const [stopped, told] = [new AbortController(), [] as string[]];
    const reason = new BootstrapError({ code: 'ABORTED', message: 'stopped', hint: 'Run it again.' });
    const say = (text: string) => {
      told.push(text);
      queueMicrotask(() => stopped.abort(reason));
    };
    const error = await failure(step.apply({ action: 'update', summary: '' }, stopped.signal, { say }));
    assert.is(error, reason);
    assert.is(told.length, 1);
    assert.is(await failure(step.inspect(AbortSignal.abort(reason))), reason);
  }));

test('a server that is not there is an obstacle, and apply says so at its deadline', async () => {
  const target = { server: 'apim', url: 'https://localhost:1' } as const;
  const http = createHttpClient({ trust: async () => ({ ca: [], pinnedSha256: [] }) });
  const step = healthStep({ server: 'apim', target: () => target, http, timeoutMs: () => 300 });
  const [change] = step.plan(await step.inspect(signal));
  assert.is(change?.obstacle?.code, 'CONNECTION_REFUSED');
  const error = await failure(step.apply(change as PlannedChange, signal));
  assert.is(error.code, 'HEALTH_DEADLINE');
  assert.match(error.message, /nothing listens on port 1/);
  await http.close();
});

test('a certificate for another host is an obstacle in the plan, and apply does not wait for it', () =>
  withStep(
    'is7',
    { [DISCOVERY]: GOOD },
    async (step) => {
      const [change] = step.plan(await step.inspect(signal));
      assert.is(change?.obstacle?.code, 'TLS_HOST_MISMATCH');
      assert.is((await failure(step.apply(change as PlannedChange, signal))).code, 'TLS_HOST_MISMATCH');
    },
    elsewhere,
  ));

async function withStep(
  server: 'is7' | 'apim',
  pages: Record<string, Page>,
  use: (step: Step<unknown, PlannedChange>, url: string) => Promise<void>,
  certificate = localhost,
): Promise<void> {
  const listener: RequestListener = (request, response) => {
    const { status, text = '', location } = pages[request.url ?? ''] ?? { status: 404 };
    response.writeHead(status, location ? { location } : {}).end(text);
  };
  const running = createServer({ key: certificate.key, cert: certificate.cert }, listener);
  await new Promise<void>((resolve) => running.listen(0, 'localhost', resolve));
  const url = `https://localhost:${(running.address() as AddressInfo).port}`;
  const http = createHttpClient({ trust: async () => ({ ca: [certificate.cert], pinnedSha256: [] }) });
  const target: HealthTarget = server === 'is7' ? { server, url, issuer: EXPECTED } : { server, url };
  try {
    const step = healthStep({ server, target: () => target, http, timeoutMs: () => 600 });
    await use(step as unknown as Step<unknown, PlannedChange>, url);
  } finally {
    await http.close();
    running.closeAllConnections();
    await new Promise((resolve) => running.close(resolve));
  }
}

async function failure(promise: Promise<unknown>): Promise<BootstrapError> {
  try {
    await promise;
  } catch (error) {
    return error as BootstrapError;
  }
  return assert.unreachable('it did not fail') as never;
}

test.run();
