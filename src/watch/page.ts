import { createHash } from 'node:crypto';
import type { Gauge } from '../step/step.js';
import { wordOf } from './news.js';
import { STYLE } from './page-style.js';
import { type Overall, overallOf, type WatchedStep, type WatchStatus } from './status.js';

const REFRESH_S = 10;

/** No script, no other resource, no frame; the one style sheet is known by its hash. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The status page: one HTML document that needs no script and loads nothing. */
export function renderPage(status: WatchStatus, now: Date): string {
  const overall = overallOf(status);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="refresh" content="${REFRESH_S}">
<meta name="robots" content="noindex">
<title>${escapeHtml(TITLE[overall])} – km-bootstrap</title>
<link rel="icon" href="${icon(overall)}">
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="brand">km-bootstrap watch</p>
<h1><span class="dot ${overall}" aria-hidden="true"></span>${escapeHtml(headline(status, overall))}</h1>
<p class="muted">${lookSentence(status, now)}</p>
</header>
<main>
${restarts(status, now)}${failure(status)}${stepsTable(status, now)}${measurements(status)}${notes(status)}</main>
<footer>
<p class="muted">${escapeHtml(footerSentence(status))}</p>
</footer>
</body>
</html>
`;
}

const TITLE: Readonly<Record<Overall, string>> = {
  starting: 'First look',
  failed: 'Failed',
  unreachable: 'Unreachable',
  drift: 'Drift',
  waiting: 'Waiting',
  'in-sync': 'In sync',
};

function headline({ steps }: WatchStatus, overall: Overall): string {
  const count = steps.filter(({ state }) => state === overall).length;
  const inSteps = `${count} ${count === 1 ? 'step' : 'steps'}`;
  switch (overall) {
    case 'starting':
      return 'The first look is under way';
    case 'failed':
      return count > 0 ? `${inSteps} failed` : 'The last look failed';
    case 'unreachable':
      return 'A server or database cannot be reached';
    case 'drift':
      return `Drift in ${inSteps}`;
    case 'waiting':
      return `${inSteps} could not be looked at`;
    case 'in-sync':
      return 'Everything is in sync';
  }
}

function lookSentence({ last, phase }: WatchStatus, now: Date): string {
  const next = phase.nextAt
    ? `Next look ${time(phase.nextAt, untilText(phase.nextAt, now))}, or when a file changes.`
    : 'Looking now.';
  if (!last) return next;
  const why = last.cause === 'file change' ? ', after a file had changed' : '';
  return `Last look ${time(last.startedAt, agoText(last.startedAt, now))}${why}, in ${durationText(last.durationMs)}. ${next}`;
}

function footerSentence({ version, intervalMs, reconcile, looks }: WatchStatus): string {
  const mends = reconcile ? 'Mends what is safe; never restarts a server.' : 'Reports only; changes nothing.';
  return `km-bootstrap ${version}. Looks every ${durationText(intervalMs)}; ${looks} ${looks === 1 ? 'look' : 'looks'} so far. ${mends}`;
}

function restarts({ servers }: WatchStatus, now: Date): string {
  const items = servers.flatMap(({ title, restartNeededSince: since }) => {
    if (!since) return [];
    const when = time(since, agoText(since, now));
    return [`<li><strong>${escapeHtml(title)}</strong> is running, and its files were corrected ${when}.</li>`];
  });
  if (items.length === 0) return '';
  return `<section class="notice" aria-labelledby="restart"><h2 id="restart">Restart needed</h2><ul>${items.join('')}</ul></section>\n`;
}

function failure({ last }: WatchStatus): string {
  if (!last?.failure) return '';
  const { code, message, hint } = last.failure;
  return `<section class="notice failed" aria-labelledby="failure"><h2 id="failure">The last look failed</h2>${remark(code, message, hint)}<p class="muted">Below is what the look before it found.</p></section>\n`;
}

function stepsTable({ steps }: WatchStatus, now: Date): string {
  if (steps.length === 0) return '<p>Nothing has been looked at yet.</p>\n';
  const rows = steps.map((step) => stepRow(step, now)).join('\n');
  return `<table>
<caption>Steps, in the order in which they are kept true</caption>
<thead><tr><th scope="col">Step</th><th scope="col">State</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
`;
}

/** A second row says what is wrong, in the full width; what is merely worth knowing stands below the table. */
function stepRow(step: WatchedStep, now: Date): string {
  const { report, state, since } = step;
  const age = time(since, forText(since, now));
  const head = `<tr><th scope="row">${breakable(report.step)}</th><td><small class="muted">${age}</small> <span class="badge ${state}">${wordOf(state)}</span></td></tr>`;
  const detail = detailOf(step);
  return detail === '' ? head : `${head}\n<tr class="detail"><td colspan="2">${detail}</td></tr>`;
}

function detailOf({ report, state, leftAlone }: WatchedStep): string {
  const { changes, notices, error } = report;
  const isShown = state === 'drift' || state === 'mended';
  return [
    isShown ? list(changes.map(({ summary }) => escapeHtml(summary))) : '',
    error ? remark(error.code, error.message, error.hint) : '',
    ...(state === 'waiting' ? notices.map(({ message }) => `<p>${escapeHtml(message)}</p>`) : []),
    leftAlone !== undefined && leftAlone !== error?.message ? `<p>Left alone: ${escapeHtml(leftAlone)}.</p>` : '',
  ].join('');
}

function notes({ steps }: WatchStatus): string {
  const items = steps
    .filter(({ state }) => state !== 'waiting')
    .flatMap(({ report: { step, notices } }) =>
      notices.map(
        ({ code, message, hint }) => `<li><strong>${breakable(step)}</strong>${remark(code, message, hint)}</li>`,
      ),
    );
  if (items.length === 0) return '';
  return `<section aria-labelledby="notes"><h2 id="notes">Worth knowing</h2><ul class="notes">${items.join('')}</ul></section>\n`;
}

function measurements({ steps }: WatchStatus): string {
  const gauges = steps.flatMap(({ report }) => report.gauges ?? []);
  const names = [...new Set(gauges.map(({ name }) => name))];
  return names.map((name) => gaugeTable(gauges.filter((gauge) => gauge.name === name))).join('');
}

function gaugeTable(gauges: readonly Gauge[]): string {
  const [{ name, help, labels } = { name: '', help: '', labels: {} }] = gauges;
  const unit = capital(name.split('_').at(-1) ?? '');
  const heads = Object.keys(labels).map((label) => `<th scope="col">${escapeHtml(capital(label))}</th>`);
  const rows = gauges.map(({ labels: own, value }) => {
    const [first = '', ...rest] = Object.values(own);
    const cells = rest.map((label) => `<td>${breakable(label)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}<td class="number">${Math.floor(value)}</td></tr>`;
  });
  return `<table class="gauges">
<caption>${escapeHtml(help)}</caption>
<thead><tr>${heads.join('')}<th scope="col" class="number">${escapeHtml(unit)}</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
`;
}

function remark(code: string, message: string, hint: string): string {
  return `<p><code>${escapeHtml(code)}</code> ${escapeHtml(message)}<br><span class="hint">→ ${escapeHtml(hint)}</span></p>`;
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`;
}

function time(moment: Date, text: string): string {
  const iso = moment.toISOString();
  return `<time datetime="${iso}" title="${iso}">${escapeHtml(text)}</time>`;
}

function agoText(moment: Date, now: Date): string {
  const ms = now.getTime() - moment.getTime();
  return ms < 1_000 ? 'just now' : `${durationText(ms)} ago`;
}

function untilText(moment: Date, now: Date): string {
  return `in ${durationText(Math.max(1_000, moment.getTime() - now.getTime()))}`;
}

function forText(moment: Date, now: Date): string {
  return `for ${durationText(Math.max(1_000, now.getTime() - moment.getTime()))}`;
}

function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? ['s', 1_000];
  return `${Math.round(ms / size)} ${unit}`;
}

const UNITS: readonly (readonly [string, number])[] = [
  ['days', 2 * 86_400_000],
  ['h', 2 * 3_600_000],
  ['min', 2 * 60_000],
  ['s', 1_000],
];

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A step's id may break after its slashes only, on a narrow screen. */
function breakable(id: string): string {
  return escapeHtml(id).replaceAll('/', '/<wbr>');
}

function icon(overall: Overall): string {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${ICON_COLOR[overall]}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const ICON_COLOR: Readonly<Record<Overall, string>> = {
  starting: '#68707c',
  waiting: '#68707c',
  failed: '#c0392b',
  unreachable: '#c0392b',
  drift: '#b7791f',
  'in-sync': '#2f855a',
};

/** For text and for attribute values in double quotes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
