import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BootstrapError } from '../../src/errors.js';
import type { StepReport } from '../../src/step/step-report.js';
import { createMetrics } from '../../src/watch/metrics.js';
import { renderPage } from '../../src/watch/page.js';
import { withStatusServer } from '../../src/watch/server.js';
import { afterLook, type WatchStatus } from '../../src/watch/status.js';
import { skipped } from '../database/skipped.js';
import { chromiumProgram, openBrowser } from './browser.js';
import { failed, freshStatus, lookOf, NOTHING_PENDING, pending } from './reports.js';
import { withAppliedHomes, withWatch } from './running.js';

const HOSTILE = `<script>alert(1)</script><img src=x onerror="alert(1)">'"&${'long'.repeat(60)}`;
const AT = new Date('2026-11-23T12:00:00Z');

const gauges = ['is7', 'apim'].map((server) => ({
  name: 'certificate_expiry_days',
  help: 'Days until a certificate expires',
  labels: { server, alias: 'wso2carbon' },
  value: 19.9,
}));
const notices = [{ code: 'CERT_EXPIRES_SOON' as const, message: 'it expires on 2026-12-13', hint: 'replace it' }];

/** Every state at once, with the worst texts a server can send. */
const REPORTS: readonly StepReport[] = [
  { ...pending('deployment-toml/is7', 'update', HOSTILE), notices },
  { ...NOTHING_PENDING, gauges },
  { ...pending('trust/is7', 'add', 'import CN=localhost as `wso2apim`'), status: 'applied' },
  {
    ...failed('health/is7', 'SERVER_UNREACHABLE'),
    error: { code: 'SERVER_UNREACHABLE', message: HOSTILE, hint: HOSTILE },
  },
  {
    ...NOTHING_PENDING,
    step: `key-manager/${HOSTILE}`,
    status: 'deferred',
    notices: [{ code: 'DEFERRED', message: 'waits', hint: 'see it' }],
  },
  failed('trust/apim-self', 'STORE_TRUNCATED'),
];

function worst(): WatchStatus {
  const server = {
    server: 'is7',
    title: 'WSO2 Identity Server 7',
    isRunning: true,
    start: 'x',
    restartNeededSince: AT,
  } as const;
  const before = afterLook(freshStatus({ reconcile: true }), lookOf(REPORTS, { servers: [server], startedAt: AT }));
  const failure = new BootstrapError({ code: 'CONFIG_INVALID', message: HOSTILE, hint: HOSTILE });
  return afterLook(before, lookOf([], { failure, servers: [server], cause: 'file change' }));
}

function healthy(): WatchStatus {
  const nextAt = new Date(Date.now() + 42_000);
  const phase = { doing: 'waiting', nextAt, overdueAt: nextAt } as const;
  return { ...afterLook(freshStatus(), lookOf([{ ...NOTHING_PENDING, gauges }])), phase };
}

test('every value is escaped, also in attributes', () => {
  const html = renderPage(worst(), AT);
  assert.not.match(html, /<script|<img|onerror="/);
  assert.match(html, '&#60;script&#62;alert(1)');
});

test('it loads nothing, asks for itself again, and says when it looked and looks next', () => {
  const html = renderPage(healthy(), new Date());
  assert.not.match(html, /src=|@import|url\(|http:\/\/(?!www\.w3\.org)/);
  assert.match(html, '<meta http-equiv="refresh" content="10">');
  assert.match(html, /Last look .*just now.*Next look .*in 4\d s/);
  assert.match(html, 'Everything is in sync');
});

const program = chromiumProgram();
if (program === undefined) skipped('the status page in a browser', 'chromium');
else inBrowser(program);

function inBrowser(executablePath: string): void {
  for (const [name, status] of Object.entries({ healthy: healthy(), worst: worst(), first: freshStatus() })) {
    test(`phones and desktops show all of it without a script and without scrolling sideways: ${name}`, async () => {
      for (const [width, colorScheme] of [
        [320, 'light'],
        [390, 'dark'],
        [1280, 'light'],
      ] as const) {
        await withPage(await openBrowser(executablePath), status, { width, colorScheme }, async (page) => {
          assert.equal(await page.evaluate(sidewaysOverflow), [], `${width} px`);
          assert.equal(await page.evaluate(lowContrasts), [], colorScheme);
        });
      }
    });
  }

  test('headings, tables and language tell a screen reader what is what', async () =>
    withPage(await openBrowser(executablePath), worst(), { width: 1280, colorScheme: 'light' }, async (page) => {
      assert.is(await page.locator('html').getAttribute('lang'), 'en');
      assert.is(await page.getByRole('heading', { level: 1 }).count(), 1);
      assert.ok((await page.getByRole('heading', { level: 2 }).count()) >= 3);
      const table = page.getByRole('table', { name: 'Steps' });
      assert.equal(await table.getByRole('columnheader').allTextContents(), ['Step', 'State']);
      assert.is(await table.getByRole('rowheader').count(), REPORTS.length);
      assert.ok(await table.getByRole('row', { name: 'trust/is7' }).getByText('mended').isVisible());
      assert.is(await page.getByRole('main').count(), 1);
      assert.match(await page.title(), /^Failed/);
    }));

  test('drift is on the page after a file was changed', () =>
    withAppliedHomes(({ is7, options }) =>
      withWatch(['--interval', '1h', '--only', 'deployment-toml/*', ...options], async ({ url, until }) => {
        await until(/look 1/);
        const browser = await openBrowser(executablePath);
        const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
        await page.goto(url);
        assert.is(await page.getByRole('heading', { level: 1 }).textContent(), 'Everything is in sync');
        const file = join(is7, 'repository', 'conf', 'deployment.toml');
        await writeFile(file, (await readFile(file, 'utf8')).replace(/^legacy_mode.*\n/m, ''));
        await until(/drift/);
        await page.reload();
        assert.is(await page.getByRole('heading', { level: 1 }).textContent(), 'Drift in 1 step');
        assert.ok(await page.getByText('set `[server] legacy_mode = true`').isVisible());
      }),
    ));
}

interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

async function withPage(
  browser: Browser,
  status: WatchStatus,
  { width, colorScheme }: Look,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const served = { status: () => status, metrics: createMetrics(status.version) };
  await withStatusServer({ host: '127.0.0.1', port: 0 }, served, async (url) => {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(url);
    assert.equal(complaints, [], 'the browser complained');
    await use(page);
    await context.close();
  });
}

/** Runs in the browser. */
const sidewaysOverflow = `(() => {
  const limit = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > limit + 0.5);
  return wide.map((element) => element.outerHTML.slice(0, 80));
})()`;

/** Runs in the browser: each piece of text whose contrast with what is behind it is below 4.5, by the formula of WCAG 2. */
const lowContrasts = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const texts = [...document.body.querySelectorAll('*')].filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim()));
  return texts.flatMap((element) => {
    const [a, b] = [luminance(parse(getComputedStyle(element).color)), luminance(groundOf(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast < 4.5 ? [contrast.toFixed(2) + ' ' + element.outerHTML.slice(0, 60)] : [];
  });
})()`;

test.run();
