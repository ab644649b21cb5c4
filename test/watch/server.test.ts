import { once } from 'node:events';
import { type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { BootstrapError } from '../../src/errors.js';
import { createMetrics } from '../../src/watch/metrics.js';
import { withStatusServer } from '../../src/watch/server.js';
import { afterLook, type WatchStatus } from '../../src/watch/status.js';
import { patient } from '../support/patience.js';
import { until } from '../support/until.js';
import { failed, freshStatus, lookOf, NOTHING_PENDING, pending } from './reports.js';

const ANY_PORT = { host: '127.0.0.1', port: 0 };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

async function ask(url: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { agent: false, ...options }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers as Record<string, string>, text }),
      );
    });
    asking.on('error', reject).end();
  });
}

async function withServer<T>(status: WatchStatus, use: (url: string) => Promise<T>): Promise<T> {
  const metrics = createMetrics(status.version);
  metrics.note(status);
  return withStatusServer(ANY_PORT, { status: () => status, metrics }, use);
}

test('it is alive before the first look, and ready after it', async () => {
  await withServer(freshStatus(), async (url) => {
    assert.is((await ask(`${url}healthz`)).status, 200);
    assert.is((await ask(`${url}readyz`)).status, 503);
  });
  await withServer(afterLook(freshStatus(), lookOf([pending('trust/apim')])), async (url) => {
    assert.is((await ask(`${url}readyz`)).status, 200);
  });
});

test('a look that hangs makes it unhealthy, and a server that is down not ready', async () => {
  const overdueAt = new Date(Date.now() - 1);
  await withServer(freshStatus({ phase: { doing: 'looking', overdueAt } }), async (url) => {
    const { status, text } = await ask(`${url}healthz`);
    assert.is(status, 503);
    assert.match(text, 'overdue: looking');
  });
  await withServer(afterLook(freshStatus(), lookOf([failed('health/is7', 'SERVER_UNREACHABLE')])), async (url) => {
    const { status, text } = await ask(`${url}readyz`);
    assert.is(status, 503);
    assert.match(text, 'health/is7: SERVER_UNREACHABLE');
  });
});

test('metrics tell drift, what was mended, durations, days to expiry and who must restart', async () => {
  const gauges = ['is7', 'apim'].map((server, index) => ({
    name: 'certificate_expiry_days',
    help: 'Days',
    labels: { server, alias: 'wso2carbon' },
    value: 20.5 - index * 30,
  }));
  const reports = [
    { ...NOTHING_PENDING, gauges },
    pending('trust/is7'),
    { ...pending('deployment-toml/is7'), status: 'applied' } as const,
    failed('health/is7', 'SERVER_UNREACHABLE', [{ action: 'update', summary: 'wait' }]),
  ];
  const servers = [
    { server: 'is7', title: 'IS 7', isRunning: true, start: 'x', restartNeededSince: new Date() },
  ] as const;
  await withServer(afterLook(freshStatus(), lookOf(reports, { servers, durationMs: 300 })), async (url) => {
    const { text, headers } = await ask(`${url}metrics`);
    assert.match(headers['content-type'] ?? '', /^text\/plain; version=0\.0\.4/);
    const lines = text.split('\n');
    for (const line of [
      'km_bootstrap_build_info{version="1.2.3"} 1',
      'km_bootstrap_step_drift{step="trust/is7"} 1',
      'km_bootstrap_step_drift{step="trust/apim"} 0',
      'km_bootstrap_step_drift{step="health/is7"} 0',
      'km_bootstrap_step_state{step="health/is7",state="unreachable"} 1',
      'km_bootstrap_mended_total{step="deployment-toml/is7"} 1',
      'km_bootstrap_restart_needed{server="is7"} 1',
      'km_bootstrap_looks_total{result="unreachable"} 1',
      'km_bootstrap_last_look_success 0',
      'km_bootstrap_look_duration_seconds_bucket{le="0.5"} 1',
      'km_bootstrap_look_duration_seconds_sum 0.3',
      'km_bootstrap_certificate_expiry_days{server="is7",alias="wso2carbon"} 20.5',
      'km_bootstrap_certificate_expiry_days{server="apim",alias="wso2carbon"} -9.5',
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });
});

test('what is not measured any more is not told any more', async () => {
  const metrics = createMetrics('1.2.3');
  const gauges = [{ name: 'a_days', help: 'Days', labels: { server: 'is7' }, value: 3 }];
  const before = afterLook(freshStatus(), lookOf([{ ...NOTHING_PENDING, gauges }]));
  metrics.note(before);
  metrics.note(afterLook(before, lookOf([failed('trust/apim', 'STORE_TRUNCATED')])));
  assert.not.match(await metrics.text(), 'a_days{');
});

test('it takes GET and HEAD for what it has, and nothing else', () =>
  withServer(freshStatus(), async (url) => {
    const got = await ask(url);
    const head = await ask(url, { method: 'HEAD' });
    assert.equal([head.status, head.text], [200, '']);
    assert.is(head.headers['content-type'], got.headers['content-type']);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask(`${url}metrics`, { method });
      assert.equal([status, headers['allow']], [405, 'GET, HEAD'], method);
    }
    for (const path of ['favicon.ico', '../etc/passwd', '%2e%2e/x', 'metrics/', 'healthz%00']) {
      assert.is((await ask(url + path)).status, 404, path);
    }
    assert.is((await ask(`${url}healthz?verbose`)).status, 200);
  }));

test('every answer forbids scripts, frames and caching, also the refusals', () =>
  withServer(freshStatus(), async (url) => {
    for (const path of ['', 'healthz', 'readyz', 'metrics', 'nothing']) {
      const { headers } = await ask(url + path);
      assert.match(headers['content-security-policy'] ?? '', /default-src 'none'.*frame-ancestors 'none'/);
      assert.not.match(headers['content-security-policy'] ?? '', /unsafe|script-src/);
      assert.is(headers['x-content-type-options'], 'nosniff');
      assert.is(headers['referrer-policy'], 'no-referrer');
      assert.is(headers['cache-control'], 'no-store');
    }
  }));

test('a probe is answered beside 200 idle and 200 busy connections', () =>
  withServer(freshStatus(), async (url) => {
    const { hostname, port } = new URL(url);
    const idle = Array.from({ length: 200 }, () => connect(Number(port), hostname).on('error', () => undefined));
    let isOver = false;
    let asked = 0;
    const busy = Array.from({ length: 200 }, async () => {
      while (!isOver) {
        await ask(`${url}healthz`).then(
          () => (asked += 1),
          () => sleep(10),
        );
      }
    });
    try {
      while (asked < 200) await sleep(20);
      for (let probe = 0; probe < 10; probe += 1) {
        const { status } = await ask(`${url}healthz`, { signal: AbortSignal.timeout(patient(20_000)) });
        assert.is(status, 200);
      }
    } finally {
      isOver = true;
      await Promise.all(busy);
      for (const socket of idle) socket.destroy();
    }
  }));

test('a connection that says nothing, or half a request, is closed', () =>
  withServer(freshStatus(), async (url) => {
    const { hostname, port } = new URL(url);
    const silent = connect(Number(port), hostname);
    const slow = connect(Number(port), hostname);
    slow.write('GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    await Promise.all([silent, slow].map((socket) => once(socket.resume(), 'close')));
  }));

/** After this a connection that said nothing is closed for that reason. */
const SILENT_MS = 2_000;

test('the oldest connections of an address make room for its newest, and others are left alone', () =>
  withServer(freshStatus(), async (url) => {
    const { port } = new URL(url);
    const connectFrom = async (localAddress: string) => {
      const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress }).on('error', () => undefined);
      await once(socket, 'connect');
      return socket.resume();
    };
    await until('512 connections in less time than a silent one is given', async () => {
      const started = performance.now();
      const other = await connectFrom('127.0.0.2');
      const first = await connectFrom('127.0.0.3');
      const sockets = [first, ...(await Promise.all(Array.from({ length: 500 }, () => connectFrom('127.0.0.3'))))];
      while (!first.closed) sockets.push(await connectFrom('127.0.0.3').finally(() => sleep(1)));
      const isFastEnough = performance.now() - started < SILENT_MS;
      if (isFastEnough) {
        assert.ok(sockets.length > 512, `${sockets.length}`);
        assert.not(other.destroyed);
      }
      for (const socket of [other, ...sockets]) socket.destroy();
      return isFastEnough;
    });
  }));

test('a host name that a stranger could have point here is refused, until it is set', async () => {
  const metrics = createMetrics('1');
  const statusFor = async (url: string, host: string) => (await ask(`${url}readyz`, { headers: { host } })).status;
  await withStatusServer(
    ANY_PORT,
    { status: freshStatus, metrics, allowedHosts: ['Apim.Example.com'] },
    async (url) => {
      for (const host of ['127.0.0.1:9095', '[::1]:9095', 'localhost', 'watch:9095', 'watch.wso2.svc.cluster.local'])
        assert.is(await statusFor(url, host), 503, host);
      assert.is(await statusFor(url, 'apim.example.com:443'), 503);
      for (const host of [
        'evil.example',
        'localhost.evil.example:9095',
        '127.0.0.1.evil.example',
        'a@b.c',
        'x.svc.evil',
      ])
        assert.is(await statusFor(url, host), 421, host);
    },
  );
});

test('a port in use and an address of another machine have a code each', async () => {
  const codeOf = (address: { host: string; port: number }) =>
    withStatusServer(address, { status: freshStatus, metrics: createMetrics('1') }, async () => 'served').catch(
      (error: BootstrapError) => error.code,
    );
  await withServer(freshStatus(), async (url) => {
    const { hostname, port } = new URL(url);
    assert.is(await codeOf({ host: hostname, port: Number(port) }), 'LISTEN_IN_USE');
  });
  assert.is(await codeOf({ host: '192.0.2.1', port: 0 }), 'LISTEN_REFUSED');
  assert.is(await codeOf({ host: 'no-such-host.invalid', port: 0 }), 'LISTEN_REFUSED');
  assert.is(await codeOf(ANY_PORT), 'served');
});

test('a connection that stays open does not keep it from ending', async () => {
  const ended = withServer(freshStatus(), async (url) => {
    await fetch(`${url}healthz`, { headers: { connection: 'keep-alive' } });
  });
  // By itself Node's server keeps an idle connection for five seconds.
  assert.is(await Promise.race([ended.then(() => 'ended'), sleep(patient(2_000), 'it waits')]), 'ended');
});

test.run();
