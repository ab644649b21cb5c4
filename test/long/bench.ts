// What scripts/bench runs, once everything is there. Every figure is the median of the rounds; in each round every command runs once,
// so that a machine whose speed drifts is the same to all of them.
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { argv, chalk, echo } from 'zx';
import { packageRoot } from '../../src/io/package-root.js';
import { QUICK_START } from '../../src/jvm/class-archive.js';
import { measureHealth, SELF_SIGNED } from './bench-health.js';
import { type Comparison, type Figure, writeReport } from './bench-report.js';

const ROOT = packageRoot();
const CLI = join(ROOT, 'dist', 'main.js');
const ENTRYPOINT = join(ROOT, 'dist', 'container', 'entrypoint.js');
const NAIVE = join(ROOT, 'scripts', 'naive.sh');
const ROUNDS = Number(argv['rounds'] ?? 10);
const OFFSET = Number(argv['offset'] ?? 0);
const URLS = { is7: `https://localhost:${9444 + OFFSET}`, apim: `https://localhost:${9443 + OFFSET}` };
const REPORT_MEMORY =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS+"\\n"))';
const SECTIONS = { start, offline, parts, register, health, 'key-managers': keyManagers };

const work = await mkdtemp(join(tmpdir(), 'km-bench-'));
const [pack, homes] = [join(work, 'pack'), join(work, 'homes')];
let is7 = '';
let apim = '';
const figures: Figure[] = [];

try {
  await makeHomes();
  for (const [name, section] of Object.entries(SECTIONS)) {
    // A thousand Key Managers take minutes and compare with nothing: only when they are asked for.
    if (argv['only'] ? argv['only'] === name : name !== 'key-managers') await section();
  }
} finally {
  await rm(work, { recursive: true, force: true });
}

for (const figure of figures) echo(`${mark(figure)} ${sentence(figure)}`);
if (!argv['only'] && ROUNDS === 10) await writeReport(figures, ROOT);
process.exit(figures.every(holds) ? 0 : 1);

/** `--version` against a Node that does nothing, and how soon the image's entrypoint says something. */
async function start(): Promise<void> {
  const times = await race([
    { name: 'ours', command: ['node', CLI, '--version'] },
    { name: 'theirs', command: ['node', '-e', '0'] },
  ]);
  compare('`--version`, against `node -e 0`', times, 1.5, 'something else');
  const delays: number[] = [];
  for (let round = 0; round < ROUNDS; round++)
    delays.push(await firstLineOf([ENTRYPOINT, 'prepare', '--is7-home', work]));
  figures.push({
    kind: 'amount',
    what: 'the image’s entrypoint, to its first line',
    figure: median(delays),
    most: 250,
    unit: 'ms',
  });
}

async function firstLineOf(words: readonly string[]): Promise<number> {
  const started = performance.now();
  const child = execa('node', words, { reject: false });
  const delay = await new Promise<number>((resolve) => {
    child.stderr.once('data', () => resolve(performance.now() - started));
  });
  await child;
  return delay;
}

async function offline(): Promise<void> {
  const apply = ['node', CLI, 'apply', '--phase', 'offline', ...homeOptions()];
  const naive = [NAIVE, 'offline', is7, apim];
  const first = await race([
    { name: 'ours', command: apply, prepare: asPacked },
    { name: 'theirs', command: naive, prepare: asPacked },
  ]);
  await asPacked();
  await execa('node', apply.slice(1));
  const again = await race([
    { name: 'ours', command: apply },
    { name: 'theirs', command: naive },
    { name: 'plan', command: ['node', CLI, 'plan', '--phase', 'offline', ...homeOptions()] },
  ]);
  compare('first `apply`, offline', first, 0.5);
  compare('`apply` again, in sync', again, 0.35);
  // No dearer, but for what a clock can tell on a machine that does other things, too.
  compare('`plan`, against `apply` in sync', { ours: again.plan, theirs: again.ours }, 1.05, 'something else');
  await asPacked();
  const { stderr } = await execa('node', ['--import', REPORT_MEMORY, ...apply.slice(1)]);
  figures.push({
    kind: 'amount',
    what: 'peak memory of a first `apply`, the JVM included',
    figure: Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / 1024,
    most: 160,
    unit: 'MB',
  });
}

/** What a run in sync is made of, and what the two writes of a first one cost beyond us. */
async function parts(): Promise<void> {
  await asPacked();
  await execa('node', [CLI, 'apply', '--phase', 'offline', ...homeOptions()]);
  const pem = join(work, 'other.pem');
  await execa('openssl', [...SELF_SIGNED, '-keyout', join(work, 'other-key.pem'), '-out', pem]);
  const only = (steps: string) => ['node', CLI, 'apply', '--only', steps, ...homeOptions()];
  const importInto = (store: string) => ({
    prepare: () => cp(store, join(work, 'store'), { force: true }),
    command: [
      ...[
        'keytool',
        ...QUICK_START.map((flag) => `-J${flag}`),
        '-importcert',
        '-noprompt',
        '-alias',
        'other',
        '-file',
        pem,
      ],
      ...['-keystore', join(work, 'store'), '-storepass', 'wso2carbon'],
    ],
  });
  const times = await race([
    { name: 'Node that does nothing', command: ['node', '-e', '0'] },
    { name: 'only `deployment-toml/*`: Node, our code, both files', command: only('deployment-toml/*') },
    { name: 'only `trust/*`: the same, and four stores', command: only('trust/*') },
    { name: 'only `database/consumer-key`: the same, JVM and H2', command: only('database/consumer-key') },
    { name: 'all of it, in sync', command: ['node', CLI, 'apply', '--phase', 'offline', ...homeOptions()] },
    { name: 'one `keytool -importcert` into IS 7’s truststore', ...importInto(truststoreOf(is7, 'p12')) },
    { name: 'one `keytool -importcert` into API Manager’s', ...importInto(truststoreOf(apim, 'jks')) },
  ]);
  for (const [what, seconds] of Object.entries(times)) figures.push({ kind: 'part', what, seconds });
}

function truststoreOf(home: string, ending: string): string {
  return join(home, 'repository', 'resources', 'security', `client-truststore.${ending}`);
}

/** Against a sandbox that is ready, with homes that are applied. */
async function register(): Promise<void> {
  await asPacked();
  await execa('node', [CLI, 'apply', '--phase', 'offline', ...homeOptions()]);
  const apply = ['node', CLI, 'apply', '--phase', 'online', ...homeOptions(), ...urlOptions()];
  const naive = ['env', `IS7_URL=${URLS.is7}`, `APIM_URL=${URLS.apim}`, NAIVE, 'register', is7, apim];
  await withSandbox(async () => {
    const first = await race([
      { name: 'ours', command: apply, prepare: forgetKeyManager },
      { name: 'theirs', command: naive, prepare: forgetKeyManager },
    ]);
    await forgetKeyManager();
    const traces = [
      { what: 'requests to register', most: 10, lines: await trace(apply) },
      { what: 'requests in sync', most: 8, lines: await trace(apply) },
    ];
    const again = await race([
      { name: 'ours', command: apply },
      { name: 'theirs', command: naive },
    ]);
    compare('register, both servers ready', first, 0.5);
    compare('register again, in sync', again, 0.5);
    for (const { what, most, lines } of traces) {
      echo(chalk.dim(lines.join('\n')));
      const twice = `${what}, asked twice for one answer`;
      figures.push({ kind: 'amount', what, figure: lines.length, most, unit: '' });
      figures.push({ kind: 'amount', what: twice, figure: repeated(lines), most: 0, unit: '' });
    }
  });
}

async function health(): Promise<void> {
  for (const [what, lateMs] of await measureHealth({ cli: CLI, folder: work, runs: ROUNDS })) {
    figures.push({ kind: 'amount', what: `goes on after ${what}`, figure: lateMs, most: 100, unit: 'ms' });
  }
}

async function keyManagers(): Promise<void> {
  const file = fileURLToPath(new URL('bench-key-managers.js', import.meta.url));
  await execa('node', [file, ...process.argv.slice(2)], { stdio: 'inherit' });
}

async function makeHomes(): Promise<void> {
  await mkdir(pack);
  await execa('node', [CLI, 'sandbox', '--create-only', '--dir', pack]);
  const names = await readdir(pack);
  is7 = join(homes, names.find((name) => name.startsWith('wso2is')) ?? '');
  apim = join(homes, names.find((name) => name.startsWith('wso2am')) ?? '');
}

function homeOptions(): readonly string[] {
  return ['--is7-home', is7, '--apim-home', apim];
}

function urlOptions(): readonly string[] {
  return ['--is7-url', URLS.is7, '--apim-url', URLS.apim];
}

async function asPacked(): Promise<void> {
  await rm(homes, { recursive: true, force: true });
  await cp(pack, homes, { recursive: true, preserveTimestamps: true });
}

interface Runner<Name extends string> {
  readonly name: Name;
  readonly command: readonly string[];
  readonly prepare?: () => Promise<void>;
}

/** Seconds of each command by its name, the median of the rounds, after one round that does not count. */
async function race<const Name extends string>(runners: readonly Runner<Name>[]): Promise<Record<Name, number>> {
  const seconds = new Map<Name, number[]>(runners.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, command, prepare = async () => {} } of runners) {
      await prepare();
      const taken = await timeOnce(command);
      if (round > 0) seconds.get(name)?.push(taken);
    }
  }
  return Object.fromEntries([...seconds].map(([name, taken]) => [name, median(taken)])) as Record<Name, number>;
}

async function timeOnce(command: readonly string[]): Promise<number> {
  const file = join(work, 'times.json');
  const quoted = command.map((word) => `'${word}'`).join(' ');
  await execa('hyperfine', ['--shell=none', '--style=none', '--runs=1', '--export-json', file, quoted]);
  const { results } = JSON.parse(await readFile(file, 'utf8'));
  return results[0].times[0];
}

async function withSandbox(use: () => Promise<void>): Promise<void> {
  const offsets = ['--apim-offset', String(OFFSET), '--is7-offset', String(OFFSET + 1)];
  const server = execa('node', [CLI, 'sandbox', '--dir', homes, ...offsets], {
    reject: false,
    stdin: 'ignore',
    all: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.stdout.on('data', (text: Buffer) => text.includes('press Ctrl-C') && resolve());
      server.then(({ all }) => reject(new Error(`the sandbox ended: ${all}`)));
    });
    await use();
  } finally {
    server.kill('SIGINT');
    await server;
  }
}

/** Outside what is timed. */
async function forgetKeyManager(): Promise<void> {
  const pem = join(work, 'apim.pem');
  const store = join(apim, 'repository', 'resources', 'security', 'wso2carbon.jks');
  if (!existsSync(pem))
    await execa('keytool', [
      '-exportcert',
      '-rfc',
      '-alias',
      'wso2carbon',
      '-keystore',
      store,
      '-storepass',
      'wso2carbon',
      '-file',
      pem,
    ]);
  const curl = (...words: readonly string[]) => execa('curl', ['-fsS', '--cacert', pem, '-u', 'admin:admin', ...words]);
  const url = `${URLS.apim}/api/am/admin/v4/key-managers`;
  const { list }: { list: readonly { id: string; type: string }[] } = JSON.parse((await curl(url)).stdout);
  for (const { id, type } of list) if (type === 'WSO2-IS-7') await curl('-X', 'DELETE', `${url}/${id}`);
}

/** The requests of a run, `GET https://…`. */
async function trace([, ...words]: readonly string[]): Promise<readonly string[]> {
  const { stderr } = await execa('node', [...words, '-vv']);
  return [...stderr.matchAll(/^((?:GET|POST|PUT|DELETE) https\S+ \d+)/gm)].map(([, line = '']) => line);
}

/** How often something was asked again although nothing had been written since. */
function repeated(lines: readonly string[]): number {
  const known = new Set<string>();
  return lines.filter((line) => {
    if (/^(?:POST|PUT|DELETE) .*\/key-managers/.test(line)) known.clear();
    const isKnown = known.has(line);
    known.add(line);
    return isKnown;
  }).length;
}

function compare(
  what: string,
  { ours, theirs }: Pick<Comparison, 'ours' | 'theirs'>,
  most: number,
  against: 'the script' | 'something else' = 'the script',
): void {
  const isScript = against === 'the script';
  figures.push({ kind: 'comparison', what, ours, theirs, ratio: ours / theirs, most, isScript });
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return sorted.length % 2 === 0 ? (at(middle - 1) + at(middle)) / 2 : at(middle);
}

function holds(figure: Figure): boolean {
  if (figure.kind === 'part') return true;
  return (figure.kind === 'comparison' ? figure.ratio : figure.figure) <= figure.most;
}

function mark(figure: Figure): string {
  if (figure.kind === 'part') return '    ';
  return holds(figure) ? chalk.green('ok  ') : chalk.red('FAIL');
}

function sentence(figure: Figure): string {
  const { what } = figure;
  if (figure.kind === 'part') return `${what}: ${figure.seconds.toFixed(2)} s`;
  if (figure.kind === 'amount') return `${what}: ${Math.round(figure.figure)} ${figure.unit} (at most ${figure.most})`;
  const { ours, theirs, ratio, most } = figure;
  return `${what}: ${ours.toFixed(2)} s against ${theirs.toFixed(2)} s, ratio ${ratio.toFixed(2)} (at most ${most})`;
}
