// The figures of scripts/bench for people: tables in docs/performance.md and a row of ratios in README.md, each between two marks, and a
// chart in docs/bench.svg.
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

const MARKS = ['<!-- figures of scripts/bench -->', '<!-- end of figures -->'] as const;

/** Ours against something else, seconds. */
export interface Comparison {
  readonly kind: 'comparison';
  readonly what: string;
  readonly ours: number;
  readonly theirs: number;
  /** Of the two, and the most that it may be. */
  readonly ratio: number;
  readonly most: number;
  /** Against scripts/naive.sh. */
  readonly isScript: boolean;
}

/** Something counted or measured that has a limit. */
export interface Amount {
  readonly kind: 'amount';
  readonly what: string;
  readonly figure: number;
  readonly most: number;
  readonly unit: 'ms' | 'MB' | '';
}

/** What a part of the work takes, seconds. */
export interface Part {
  readonly kind: 'part';
  readonly what: string;
  readonly seconds: number;
}

export type Figure = Comparison | Amount | Part;

/** @param root the folder of README.md and docs/ */
export async function writeReport(figures: readonly Figure[], root: string): Promise<void> {
  const compared = figures.filter((figure) => figure.kind === 'comparison');
  await writeBetweenMarks(join(root, 'docs', 'performance.md'), [
    `Measured on ${await machine()}.`,
    '',
    ...tableOf(figures),
  ]);
  await writeBetweenMarks(join(root, 'README.md'), ratiosOf(compared.filter(({ isScript }) => isScript)));
  await writeFile(join(root, 'docs', 'bench.svg'), chartOf(compared));
}

async function writeBetweenMarks(page: string, lines: readonly string[]): Promise<void> {
  const text = await readFile(page, 'utf8');
  const [before, after] = [text.split(MARKS[0])[0], text.split(MARKS[1])[1]];
  if (after === undefined) throw new Error(`${page} has no place for the figures: ${MARKS.join(' … ')}`);
  await writeFile(page, [before + MARKS[0], ...lines, MARKS[1] + after].join('\n'));
}

function ratiosOf(figures: readonly Comparison[]): readonly string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['the time of the script', ...figures.map(({ what }) => what)]),
    row(['---', ...figures.map(() => '---')]),
    row(['takes km-bootstrap', ...figures.map(({ ratio }) => `**${ratio.toFixed(2)}**`)]),
  ];
}

function tableOf(figures: readonly Figure[]): readonly string[] {
  const compared = figures.filter((figure) => figure.kind === 'comparison');
  const counted = figures.filter((figure) => figure.kind === 'amount');
  const parts = figures.filter((figure) => figure.kind === 'part');
  return [
    '| what | km-bootstrap | against | ratio | at most |',
    '|---|---|---|---|---|',
    ...compared.map(
      ({ what, ours, theirs, ratio, most }) =>
        `| ${what} | ${milliseconds(ours)} | ${milliseconds(theirs)} | **${ratio.toFixed(2)}** | ${most} |`,
    ),
    '',
    '| what | figure | at most |',
    '|---|---|---|',
    ...counted.map(
      ({ what, figure, most, unit }) => `| ${what} | ${`${Math.round(figure)} ${unit}`.trim()} | ${most} |`,
    ),
    '',
    '| part | time |',
    '|---|---|',
    ...parts.map(({ what, seconds }) => `| ${what} | ${milliseconds(seconds)} |`),
  ];
}

/** In general words: no name of the machine. */
async function machine(): Promise<string> {
  const [cpu] = cpus();
  const { stderr } = await execa('java', ['-version']);
  const java = /version "([^"]+)"/.exec(stderr)?.[1];
  const parts = [
    `${cpu?.model.trim()}, ${cpus().length} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    await systemName(),
    `Node ${process.versions.node}`,
    `JDK ${java}`,
  ];
  return parts.join(', ');
}

async function systemName(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  return /^PRETTY_NAME="(.+)"$/m.exec(release)?.[1] ?? process.platform;
}

const ROW = 64;
const LEFT = 24;
const WIDTH = 720;
const BAR = 470;

/** A pair of bars for each comparison: ours, and what it is compared with. */
function chartOf(figures: readonly Comparison[]): string {
  const slowest = Math.max(...figures.map(({ theirs }) => theirs));
  const rows = figures.map((figure, index) => rowOf(figure, 56 + index * ROW, BAR / slowest));
  const height = 56 + figures.length * ROW + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="km-bootstrap against a script, seconds">
<style>
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .quiet { fill: #59636e }
  .ours { fill: #1a7f37 }
  .theirs { fill: #afb8c1 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .ours { fill: #3fb950 }
    .theirs { fill: #656c76 }
  }
</style>
<text class="title" x="${LEFT}" y="26">km-bootstrap (green) against what it is compared with (grey), milliseconds</text>
${rows.join('\n')}
</svg>
`;
}

function rowOf({ what, ours, theirs, ratio, most }: Comparison, y: number, pixelsPerSecond: number): string {
  const bar = (kind: string, seconds: number, top: number) =>
    `<rect class="${kind}" x="${LEFT}" y="${top}" width="${Math.max(1, seconds * pixelsPerSecond).toFixed(1)}" height="14" rx="2"/>` +
    `<text x="${(LEFT + 8 + seconds * pixelsPerSecond).toFixed(1)}" y="${top + 12}">${milliseconds(seconds)}</text>`;
  return [
    `<text x="${LEFT}" y="${y}">${escapeXml(what.replaceAll('`', ''))} <tspan class="quiet">ratio ${ratio.toFixed(2)}, at most ${most}</tspan></text>`,
    bar('ours', ours, y + 8),
    bar('theirs', theirs, y + 24),
  ].join('\n');
}

function milliseconds(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
