/** The style sheet of the status page. Every pair of text and ground has a contrast of at least 4.5 in both schemes. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f8; --card: #ffffff; --line: #dfe3e8; --text: #1b2026; --muted: #57606c;
  --good: #1c6b43; --good-ground: #e3f3ea; --warn: #7d4e00; --warn-ground: #fcf1da;
  --bad: #a52a1f; --bad-ground: #fce8e6; --quiet: #4a5360; --quiet-ground: #eaedf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171b; --card: #1c2025; --line: #313740; --text: #e6e9ed; --muted: #a0a9b5;
    --good: #7fd8a8; --good-ground: #17352a; --warn: #f0c46c; --warn-ground: #3a2e12;
    --bad: #ff9d92; --bad-ground: #43201d; --quiet: #b6bfca; --quiet-ground: #2a3038;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 54rem; padding: 1.5rem 1rem 2rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere;
}
header { margin-bottom: 1.5rem; }
.brand { margin: 0; color: var(--muted); font-size: .875rem; letter-spacing: .02em; }
h1 { display: flex; align-items: baseline; gap: .6rem; margin: .15rem 0 .25rem; font-size: 1.6rem; line-height: 1.25; font-weight: 650; }
h2 { margin: 0 0 .25rem; font-size: 1.05rem; }
p { margin: .25rem 0; }
.muted { color: var(--muted); }
.dot { flex: none; width: .7em; height: .7em; border-radius: 50%; background: var(--quiet); }
.dot.in-sync { background: var(--good); }
.dot.drift { background: var(--warn); }
.dot.failed, .dot.unreachable { background: var(--bad); }
.notice {
  margin: 0 0 1rem; padding: .75rem 1rem; border: 1px solid var(--line); border-left: .25rem solid var(--warn);
  border-radius: .5rem; background: var(--card);
}
.notice.failed { border-left-color: var(--bad); }
table {
  width: 100%; margin: 0 0 1.5rem; border-collapse: separate; border-spacing: 0; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem;
}
caption { padding: 0 0 .4rem; color: var(--muted); font-size: .875rem; text-align: left; }
th, td { padding: .6rem 1rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
thead th { border-top: 0; color: var(--muted); font-size: .8125rem; }
td:last-child { white-space: nowrap; text-align: right; }
thead th:last-child { text-align: right; }
tbody th { width: 100%; font-weight: 600; }
.gauges tbody th { width: auto; font-weight: 400; }
.detail td { padding-top: 0; border-top: 0; text-align: left; white-space: normal; font-size: .9375rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
ul { margin: .25rem 0; padding-left: 1.1rem; }
.notes { padding: 0; list-style: none; font-size: .9375rem; }
.notes li { margin-bottom: .75rem; }
code { font: .875em/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.hint { color: var(--muted); }
.badge {
  display: inline-block; padding: .1rem .6rem; border-radius: 1rem; background: var(--quiet-ground); color: var(--quiet);
  font-size: .875rem; font-weight: 600;
}
.badge.in-sync, .badge.mended { background: var(--good-ground); color: var(--good); }
.badge.drift { background: var(--warn-ground); color: var(--warn); }
.badge.failed, .badge.unreachable { background: var(--bad-ground); color: var(--bad); }
td small { margin-right: .5rem; font-size: .8125rem; }
footer { margin-top: 1.5rem; font-size: .875rem; }
@media (max-width: 30rem) {
  body { padding: 1rem .75rem 1.5rem; }
  h1 { font-size: 1.35rem; }
  th, td { padding: .55rem .7rem; }
  td small { display: block; margin: 0 0 .15rem; }
}
`;
